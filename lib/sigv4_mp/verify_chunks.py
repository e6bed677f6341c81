"""aws-chunked bodies, read while they stream: each chunk's signature, the trailer, its checksum.

Source: AWS S3 API reference, "Signature Calculations for the Authorization Header: Transferring
Payload in Multiple Chunks", and its page on trailing headers.
"""

from binascii import b2a_base64, hexlify
from hashlib import sha256

from .digest import equal
from .encode import PRINTABLE, only
from .errors import RequestError
from .verify_body import WholeBody

_EMPTY = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_EXTENSION = b";chunk-signature="
_HEX = b"0123456789abcdefABCDEF"
_LOWER_HEX = b"0123456789abcdef"
# What the next line is, or where the next byte belongs.
_SIZE = 0
_DATA = 1
_END = 2  # the empty line behind a chunk's data
_TRAILER = 3
_LAST = 4  # the empty line of a body without trailers
_DONE = 5


class ChunkedBody(WholeBody):
    """A body in chunks. Attributes as WholeBody's; `proven` grows with each signed chunk.

    Cost: constant per signed chunk: its SHA-256, one HMAC, a few short strings.
    """

    def __init__(self, request, sink=None, hold=None):
        """As for WholeBody. Raises: VerifyError where the head does not say what chunks need."""
        super().__init__(request, sink, hold)
        self._hash = None
        self._signs = request.payload != "unsigned-trailer"
        self._length = request.decoded_length
        if self._length is None:
            raise request.refusal("no-length", "x-amz-decoded-content-length")
        self._state = _SIZE
        self._line = bytearray(request.limits.chunk_line)
        self._at = 0  # bytes of the line so far
        self._left = 0  # of this chunk's data
        self._small = False  # the last chunk was: there must be no other
        self._previous = request.signature.encode()
        self._given = None
        self._names = self._announced()
        self._checksum = self._checksum_name = None
        self._trailers = []
        if self._names:
            self._begin_checksum()
        if self._signs:
            head = b"\n%s\n%s\n" % (request.amz_date.encode(), request.credential_scope.encode())
            self._text = b"AWS4-HMAC-SHA256-PAYLOAD" + head
            self._trailer_text = b"AWS4-HMAC-SHA256-TRAILER" + head

    def _check_room(self):
        pass  # it is chunks that must fit, and they tell their size when they come

    def _announced(self):
        """Return the trailers' names, bytes, as x-amz-trailer has them."""
        value = self.request.header("x-amz-trailer")
        if (value is None) != (self.request.payload == "chunks"):
            raise self.request.refusal("trailer", "x-amz-trailer")
        return [] if value is None else [name.strip().lower() for name in value.split(b",")]

    def _begin_checksum(self):
        from .checksum import new

        for name in self._names:
            if not name.startswith(b"x-amz-checksum-") or self._checksum is not None:
                raise self.request.refusal("trailer", name)
            try:
                self._checksum = new(name[15:].decode())
            except RequestError:
                raise self.request.refusal("no-checksum", name)
            self._checksum_name = name

    def feed(self, data):
        """Take the next bytes of the body, bytes-like, cut anywhere. Raises: VerifyError."""
        view = data if isinstance(data, memoryview) else memoryview(data)
        end = len(view)
        self._take(end)
        at = 0
        while at < end:
            if self._state == _DATA:
                count = min(end - at, self._left)
                self._on_data(view[at : at + count])
                at += count
            else:
                self._on_byte(view[at])
                at += 1

    def finish(self):
        """Raise VerifyError unless the body came to its end, and all of it was right."""
        self._check_whole()
        if self._state != _DONE:
            raise self._refuse("body-short")
        self._done = True
        if self.request.owns_key:
            self.request.key.wipe()

    def _on_data(self, view):
        if self._hash is not None:
            self._hash.update(view)
        if self._checksum is not None:
            self._checksum.update(view)
        self._content(view)
        self._left -= len(view)
        if not self._left:
            self._end_chunk()
            self._state = _END

    def _on_byte(self, byte):
        """Take a byte of a line. A line ends in CRLF; a bare one of the two is refused."""
        line = self._line
        at = self._at
        if self._state == _DONE:
            raise self._refuse("body-long")
        if byte == 10:
            if not at or line[at - 1] != 13:
                raise self._refuse("chunk", "line end")
            self._at = 0
            self._on_line(bytes(memoryview(line)[: at - 1]))
            return
        if at and line[at - 1] == 13:
            raise self._refuse("chunk", "line end")
        if at == len(line):
            raise self._refuse("limit", "chunk line")
        line[at] = byte
        self._at = at + 1

    def _on_line(self, line):
        state = self._state
        if state == _SIZE:
            self._on_size(line)
        elif state == _TRAILER and line:
            self._on_trailer(line)
        elif line:
            raise self._refuse("chunk", "longer than its size")
        elif state == _END:
            self._state = _SIZE
        else:
            if state == _TRAILER:
                self._end_trailers()
            self._state = _DONE

    # chunk = hex-size [";chunk-signature=" 64 hex] CRLF data CRLF
    def _on_size(self, line):
        digits, mark, signature = line, b"", b""
        if self._signs:
            digits, mark, signature = line.partition(_EXTENSION)
            if not mark or len(signature) != 64 or not only(signature, _LOWER_HEX):
                raise self._refuse("chunk", "signature")
            self._given = signature
            self._hash = sha256()
        if not digits or len(digits) > 10 or not only(digits, _HEX):
            raise self._refuse("chunk", "size")
        size = int(digits.decode(), 16)
        if self.received + size > self._length:
            raise self._refuse("body-long")
        if size:
            self._begin_chunk(size)
        else:
            if self.received != self._length:
                raise self._refuse("body-short")
            self._end_chunk()
            self._state = _TRAILER if self._names else _LAST

    def _begin_chunk(self, size):
        if self._signs:
            if self._small:
                raise self._refuse("chunk-size")
            self._small = size < self.request.limits.min_chunk
            if self._hold is not None and size > len(self._hold):
                raise self._refuse("too-large")
        self._left = size
        self._state = _DATA

    def _end_chunk(self):
        """Compare the chunk's signature; what came so far is proven then."""
        if self._signs:
            text = b"%s%s\n%s\n%s" % (self._text, self._previous, _EMPTY, self._digest())
            self._link(text, self._given, "chunk-signature")
            self._prove()

    def _digest(self):
        digest = hexlify(self._hash.digest())
        self._hash = None
        return digest

    def _link(self, text, given, rule):
        signature = self.request.key.signature(text)
        if not equal(signature, given):
            raise self._refuse(rule)
        self._previous = signature

    # trailer = name ":" value CRLF
    def _on_trailer(self, line):
        name, colon, value = line.partition(b":")
        if not colon or not only(line, PRINTABLE):
            raise self._refuse("trailer")
        if len(self._trailers) > len(self._names):  # one more: the signature
            raise self._refuse("trailer", "too many")
        self._trailers.append((name.strip().lower(), value.strip()))

    def _end_trailers(self):
        if self._signs:
            name, given = self._trailers.pop() if self._trailers else (b"", b"")
            if name != b"x-amz-trailer-signature" or len(given) != 64:
                raise self._refuse("trailer", "x-amz-trailer-signature")
            hasher = sha256()
            for name, value in self._trailers:
                hasher.update(b"%s:%s\n" % (name, value))
            text = b"%s%s\n%s" % (self._trailer_text, self._previous, hexlify(hasher.digest()))
            self._link(text, given, "trailer-signature")
        if [name for name, _ in self._trailers] != self._names:
            raise self._refuse("trailer")
        if self._trailers:
            wanted = b2a_base64(self._checksum.digest()).strip()
            if not equal(wanted, self._trailers[0][1]):
                raise self._refuse("checksum", self._checksum_name)
