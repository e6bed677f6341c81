"""One signed request and its response, as a generator of I/O steps (see steps.py).

What is sent is the sealed head, byte for byte, and then exactly `content_length` bytes of body. A
body signed by its hash is hashed again on its way; unless length and hash hold, its last block is
never sent and the connection is dropped, so the peer never sees a complete request.
"""

from binascii import hexlify
from hashlib import sha256

from ..errors import ProtocolError, RequestError, TamperError
from .http1 import BODY, HEAD, NEED_DATA, ResponseParser
from .steps import Io, const

WITH_SESSION_TOKEN = "session-token"
"""The stronger form of insecure_http: plain HTTP even for a request that carries a token."""

_BLOCKS_A_TURN = const(8)


class Response:
    """A response's head, and its body where that was collected.

    status: int. reason: str. headers: dict, lower-case name -> value, both str.
    length: int, the body's bytes, or None where only the end will tell. body: bytes or None.
    """

    def __init__(self, parser):
        self.status = parser.status
        self.reason = parser.reason
        self.headers = parser.headers
        self.length = parser.length
        self.body = None

    @property
    def etag(self):
        """The ETag as the service wrote it, with its quotes; None without one."""
        return self.headers.get("etag")


class Exchange:
    """The buffers that one exchange after another uses, and the rule about plain HTTP."""

    def __init__(self, receive_size=2048, send_size=2048, insecure_http=False):
        """receive_size, send_size: int, bytes of the two buffers.

        insecure_http: False; True to allow plain HTTP; "session-token" to allow it even for
        requests that carry a session token, which whoever listens can then use.
        """
        self.io = Io()
        self.insecure_http = insecure_http
        self._receive = bytearray(receive_size)
        self._block = bytearray(send_size)
        self._busy = False

    def __enter__(self):
        if self._busy:
            text = "another one is under way; concurrent ones need a client each"
            raise RequestError("operation", text)
        self._busy = True
        return self.io

    def __exit__(self, *_):
        self._busy = False

    def hash(self, reader):
        """Operation. Return (payload_hash, length) of what reader still holds: str[64] and int.

        Cost: nothing is allocated per block. Other tasks get a turn every few blocks.
        """
        hasher = sha256()
        view = memoryview(self._block)
        length = 0
        blocks = 0
        with self as io:
            count = reader.readinto(view)
            while count:
                hasher.update(view if count == len(view) else view[:count])
                length += count
                blocks += 1
                if blocks % _BLOCKS_A_TURN == 0:
                    yield io.sleep(0)
                count = reader.readinto(view)
        return hexlify(hasher.digest()).decode(), length

    def perform(self, sealed, reader=None, on_head=None, progress=None):
        """Operation. Send a sealed request and its body, return the Response.

        reader: has readinto(buffer); None when sealed.content_length is 0 or None.
        on_head: called with the Response when its head is there; returns the function that gets
        the body as (buffer, start, end), or None to drop it. A true value from that function says
        that it wants no more. progress: called with (done, total), bytes of the request's body, or
        of the response's where there is none to send; total may be None.
        Raises: RequestError, TamperError, ProtocolError, OSError; the connection is then closed.
        """
        check_transport(sealed, self.insecure_http)
        with self as io:
            parser = ResponseParser(self._receive, sealed.method)
            try:
                yield io.connect(sealed.scheme, sealed.host, sealed.port)
                early = yield from self._send(sealed, reader, parser, progress)
                response = yield from self._respond(
                    parser, early, on_head, None if sealed.content_length else progress
                )
            except Exception:
                yield io.close()
                raise
            yield io.close()  # a kept connection is a later matter: parser.reusable says if it can
        return response

    def _send(self, sealed, reader, parser, progress):
        """Return whether the response's head came before the request was all sent."""
        io = self.io
        head = sealed.head_view()
        try:
            yield io.send(head, len(head))
            early = yield from self._send_body(sealed, reader, parser, progress)
        except OSError:
            # A server that refuses may answer and close without reading on; the answer is worth
            # more than the broken pipe.
            if not (yield from self._last_words(parser)):
                raise
            early = True
        if early and parser.status < 300:
            raise ProtocolError("the server answered %d too early" % parser.status)
        return early

    def _send_body(self, sealed, reader, parser, progress):
        left = total = sealed.content_length or 0
        if reader is None:
            if total:
                raise RequestError("body", "is missing; the request says %d bytes" % total)
            return False
        io = self.io
        receive = self._receive
        view = memoryview(self._block)
        hasher = sha256() if len(sealed.payload_hash) == 64 else None
        if not left:
            _check_end(sealed, reader, hasher)
        while left:
            if left < len(view):
                view = view[:left]
            count = reader.readinto(view)
            if not count:
                raise TamperError("body", "is %d bytes shorter than was signed" % left)
            left -= count
            if hasher:
                hasher.update(view if count == len(view) else view[:count])
            if not left:
                _check_end(sealed, reader, hasher)
            count_in = yield io.recv_now(receive, len(receive), parser.least())
            if count_in >= 0:
                parser.received(count_in)
                if parser.next() == HEAD:
                    return True
            yield io.send(view, count)
            if progress:
                progress(total - left, total)
        return False

    def _last_words(self, parser):
        receive = self._receive
        try:
            while parser.next() != HEAD:
                count = yield self.io.recv_now(receive, len(receive), parser.least())
                if count < 0:
                    return False
                parser.received(count)
        except (OSError, ProtocolError):
            return False
        return True

    def _respond(self, parser, early, on_head, progress):
        io = self.io
        receive = self._receive
        size = len(receive)
        event = HEAD if early else NEED_DATA
        sink = response = None
        done = 0
        while True:
            if event == NEED_DATA:
                parser.received((yield io.recv(receive, size, parser.least())))
            elif event == HEAD:
                response = Response(parser)
                sink = on_head(response) if on_head else None
                if sink and parser.unbounded and parser.status < 300:
                    raise ProtocolError("the response has no length: a cut one would look whole")
            elif event == BODY:
                if sink and sink(receive, parser.body_start, parser.body_end):
                    return response
                done += parser.body_end - parser.body_start
                if progress and parser.status < 300:
                    progress(done, parser.length)
            else:
                return response
            event = parser.next()


def check_transport(sealed, insecure_http):
    """Refuse plain HTTP unless it was asked for. Raises: RequestError naming insecure_http."""
    if sealed.scheme == "https":
        return
    if not insecure_http:
        text = "plain HTTP shows all to everybody; use https, or insecure_http=True"
        raise RequestError("insecure_http", text)
    if insecure_http != WITH_SESSION_TOKEN and sealed.session_token is not None:
        text = 'the session token would be seen; use https, or insecure_http="session-token"'
        raise RequestError("insecure_http", text)


def _check_end(sealed, reader, hasher):
    """Before the last block goes out: nothing may follow, and the hash must be the signed one."""
    if reader.readinto(bytearray(1)):
        raise TamperError("body", "is longer than was signed; nothing complete was sent")
    if hasher and hexlify(hasher.digest()).decode() != sealed.payload_hash:
        raise TamperError("body", "changed after it was hashed; nothing complete was sent")
