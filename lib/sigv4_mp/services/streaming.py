"""One-pass uploads: bodies that are signed or check-summed chunk by chunk as they go.

For what can't be read twice (sensor, camera, UART), and for what is too dear to read twice. The
length must be known. Memory: one chunk's buffer, whatever the length.
Source: AWS S3 API reference, "Signature Calculations for the Authorization Header: Transferring
Payload in Multiple Chunks", and "… including trailing headers".
"""

from ..checksum import new
from ..chunked import (
    MIN_CHUNK,
    ROOM,
    SIGNED,
    SIGNED_TRAILER,
    TAIL,
    UNSIGNED_TRAILER,
    ChunkEncoder,
    encoded_length,
)
from ..errors import RequestError
from .options import check_scheme

_MODES = {
    "chunked": SIGNED,
    "chunked-trailer": SIGNED_TRAILER,
    "unsigned-trailer": UNSIGNED_TRAILER,
}


class Plan:
    """How one body travels. payload_hash: the sentinel. headers: pairs that go with it.

    Raises: RequestError when the mode does not exist, does not go with the rest, or would leave the
    body without any protection.
    """

    def __init__(self, mode, checksum, scheme, buffer, length):
        """mode: "chunked", "chunked-trailer" or "unsigned-trailer".

        checksum: name for the trailer, default crc32. scheme: of the endpoint. length: int, bytes
        of the body. buffer: None, or a bytearray to build chunks in: 8290 bytes or more.
        """
        if mode not in _MODES:
            raise RequestError("mode", "must be one of: " + ", ".join(sorted(_MODES)))
        check_scheme(mode, scheme)
        trailer = mode.endswith("-trailer")
        if checksum is not None and not trailer:
            raise RequestError("checksum", "needs a mode with a trailer")
        self.payload_hash = _MODES[mode]
        self.headers = []
        self._checksum = (checksum or "crc32") if trailer else None
        self._length = length
        self._take_buffer(buffer)
        self._take_headers(length)

    def _take_buffer(self, buffer):
        least = ROOM + MIN_CHUNK + TAIL
        if buffer is not None and (not isinstance(buffer, bytearray) or len(buffer) < least):
            raise RequestError("buffer", "must be a bytearray of %d bytes or more" % least)
        self._buffer = buffer
        self.chunk_size = MIN_CHUNK if buffer is None else len(buffer) - ROOM - TAIL

    def _take_headers(self, length):
        self.headers.append(("content-encoding", "aws-chunked"))
        self.headers.append(("x-amz-decoded-content-length", str(length)))
        if self._checksum:
            new(self._checksum)  # raises, if this port can't
            self.headers.append(("x-amz-trailer", "x-amz-checksum-" + self._checksum))

    def body(self, source):
        """Return the body to send. source: a StreamBody of the length that was given."""
        checksum = self._checksum and new(self._checksum)
        body = ChunkedBody(source, self.payload_hash, self._checksum, self._buffer, self.chunk_size)
        body.length = encoded_length(self._length, self.chunk_size, self.payload_hash, checksum)
        return body


class ChunkedBody:
    """aws-chunked framing of a body, for as many attempts as the body below it has.

    Cost: what ChunkEncoder costs a chunk, and two memoryview slices a block that is sent.
    """

    def __init__(self, source, payload_hash, checksum, buffer, chunk_size):
        """source: StreamBody. checksum: name, or None. buffer: ROOM + chunk_size + TAIL bytes, or
        None to make one when there is a connection; by then the checks of the head are done."""
        self._source = source
        self._mode = payload_hash
        self._checksum = checksum
        self._chunk_size = chunk_size
        self._buffer = buffer
        self.rewindable = source.rewindable
        self.length = None
        self._encoder = self._reader = self._view = None
        self._left = self._filled = self._at = self._end = 0

    def open(self, sealed):
        """Return this object as the reader. sealed: its signature is the seed of the chunks'."""
        self._reader = self._source.open(sealed)
        self._left = self._source.length
        checksum = self._checksum and new(self._checksum)
        self._encoder = ChunkEncoder(sealed, self._left, self._chunk_size, self._mode, checksum)
        if self._buffer is None:
            self._buffer = bytearray(ROOM + self._chunk_size + TAIL)
        self._filled = self._at = self._end = 0
        return self

    def readinto(self, buffer):
        """As a stream's: bytes of framed body, 0 at the end, None when the source has none yet."""
        if self._at == self._end:
            if self._encoder is None:
                return 0
            if not self._next():
                return None
        size = len(buffer)
        count = self._end - self._at
        if count < size:
            buffer[:count] = self._view[self._at : self._end]
        else:
            count = size
            buffer[:] = self._view[self._at : self._at + count]
        self._at += count
        return count

    def _next(self):
        """Make the next chunk, or the end. Return False if the source has not enough yet."""
        if not self._left:
            self._view = memoryview(self._encoder.end())
            self._at = 0
            self._end = len(self._view)
            self._encoder = None
            return True
        wanted = min(self._left, self._chunk_size)
        view = memoryview(self._buffer)
        while self._filled < wanted:
            count = self._reader.readinto(view[ROOM + self._filled : ROOM + wanted])
            if count is None:
                return False
            if not count:
                self._encoder.end()  # raises TamperError: it is shorter than was announced
            self._filled += count
        self._at, self._end = self._encoder.wrap(self._buffer, wanted)
        self._view = view
        self._left -= wanted
        self._filled = 0
        return True
