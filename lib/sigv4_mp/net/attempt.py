"""One signed request and its response, sent once, as a generator of I/O steps (see steps.py).

What is sent is the sealed head, byte for byte, checked just before, and then exactly
`content_length` bytes of body. A body signed by its hash is hashed again on its way; unless length
and hash hold, its last block is never sent and the connection is dropped, so the peer never sees a
complete request.
"""

from binascii import hexlify
from errno import ETIMEDOUT
from hashlib import sha256

from ..errors import ProtocolError, RequestError, TamperError
from .http1 import BODY, HEAD, NEED_DATA, ResponseParser
from .steps import const, ticks_diff

_PATIENCE_MS = const(30000)


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


class Attempt:
    """One request on its way.

    response: the Response once its head is there, else None. opened: the body has been opened.
    delivered: on_head's function has got some of the body.
    """

    def __init__(self, io, receive, block, sealed):
        """receive, block: bytearrays, the buffers to receive into and to send the body from."""
        self.response = None
        self.opened = self.delivered = False
        self._io = io
        self._receive = receive
        self._block = block
        self._sealed = sealed
        self._parser = ResponseParser(receive, sealed.method)
        self._used = False

    def run(self, open_body, on_head, progress, check):
        """Operation. Send and receive; return the Response.

        open_body: called with the sealed request once there is a connection; returns the reader,
        or None. on_head, progress: as for Exchange.perform. check: whether to check the head.
        """
        io = self._io
        sealed = self._sealed
        try:
            self._used = yield io.connect(sealed.scheme, sealed.host, sealed.port)
            self.opened = True
            reader = open_body(sealed)
            if check:
                sealed.check()
            early = yield from self._send(reader, progress)
            if sealed.content_length:
                progress = None
            whole = yield from self._respond(early, on_head, progress)
        except Exception:
            yield io.close()
            raise
        yield io.close(whole and not early and self._parser.reusable)
        return self.response

    def stale(self):
        """Return whether it failed because the peer had dropped a connection used before."""
        return self._used and not self._parser.begun

    def _send(self, reader, progress):
        """Return whether the response's head came before the request was all sent."""
        io = self._io
        head = self._sealed.head_view()
        try:
            yield io.send(head, len(head))
            early = yield from self._send_body(reader, progress)
        except OSError as error:
            # A server that refuses may answer and close without reading on; the answer is worth
            # more than the broken pipe.
            if error is not io.error or not (yield from self._last_words()):
                raise
            early = True
        if early and self._parser.status < 300:
            raise ProtocolError("the server answered %d too early" % self._parser.status)
        return early

    def _send_body(self, reader, progress):
        sealed = self._sealed
        left = total = sealed.content_length or 0
        if reader is None:
            if total:
                raise RequestError("body", "is missing; the request says %d bytes" % total)
            return False
        io = self._io
        parser = self._parser
        receive = self._receive
        view = memoryview(self._block)
        hasher = sha256() if len(sealed.payload_hash) == 64 else None
        if not left:
            _check_end(sealed, reader, hasher)
        while left:
            if left < len(view):
                view = view[:left]
            count = reader.readinto(view)
            if count is None:
                count = yield from wait_for(io, reader, view)
            left = _account(sealed, reader, view, count, left, hasher)
            sent = 0
            listen = True
            while sent < count:
                heard = yield io.recv_now(receive, len(receive), parser.least())
                if heard >= 0:
                    parser.received(heard)
                    if parser.next() == HEAD:
                        return True
                at = yield io.send(view, count, sent, listen)
                if at is None:
                    at = count
                listen = at > sent  # else what it had to say was nothing: don't ask in circles
                sent = at
            if progress:
                progress(total - left, total)
        return False

    def _last_words(self):
        io = self._io
        receive = self._receive
        failed = io.error
        try:
            while self._parser.next() != HEAD:
                count = yield io.recv_now(receive, len(receive), self._parser.least())
                if count < 0:
                    return False
                self._parser.received(count)
        except (OSError, ProtocolError):
            io.error = failed
            return False
        return True

    def _respond(self, early, on_head, progress):
        """Return whether the response was read to its end."""
        io = self._io
        parser = self._parser
        receive = self._receive
        size = len(receive)
        event = HEAD if early else NEED_DATA
        sink = None
        done = 0
        while True:
            if event == NEED_DATA:
                parser.received((yield io.recv(receive, size, parser.least())))
            elif event == HEAD:
                self.response = Response(parser)
                sink = on_head(self.response) if on_head else None
                if sink and parser.unbounded and parser.status < 300:
                    text = "the response has no length: a cut one would look whole"
                    raise ProtocolError(text, "content-length")
            elif event == BODY:
                if sink:
                    self.delivered = True
                    if sink(receive, parser.body_start, parser.body_end):
                        return False
                done += parser.body_end - parser.body_start
                if progress and parser.status < 300:
                    progress(done, parser.length)
            else:
                return True
            event = parser.next()


def wait_for(io, reader, buffer):
    """Operation. Return what reader.readinto(buffer) returns, once that is not None."""
    start = yield io.ticks()
    while ticks_diff((yield io.ticks()), start) < _PATIENCE_MS:
        yield io.sleep(5)
        count = reader.readinto(buffer)
        if count is not None:
            return count
    raise OSError(ETIMEDOUT, "the body's source gave nothing for 30 s")


def _account(sealed, reader, view, count, left, hasher):
    """Return how many bytes are left after view[:count]; they may go out if this returns."""
    if not count:
        raise TamperError("body", "is %d bytes shorter than was signed" % left)
    left -= count
    if hasher:
        hasher.update(view if count == len(view) else view[:count])
    if not left:
        _check_end(sealed, reader, hasher)
    return left


def _check_end(sealed, reader, hasher):
    """Before the last block goes out: nothing may follow, and the hash must be the signed one."""
    if reader.readinto(bytearray(1)):
        raise TamperError("body", "is longer than was signed; nothing complete was sent")
    if hasher and hexlify(hasher.digest()).decode() != sealed.payload_hash:
        raise TamperError("body", "changed after it was hashed; nothing complete was sent")
