"""aws-chunked: a body signed, or check-summed, piece by piece while it is sent.

Framing only, no I/O: `ChunkEncoder` wraps what stands in the caller's buffer, in place. The length
of the whole is known in advance. Source: AWS S3 API reference, "Signature Calculations for the
Authorization Header: Transferring Payload in Multiple Chunks", and its page on trailing headers.
"""

from binascii import b2a_base64, hexlify
from hashlib import sha256

from .errors import RequestError, TamperError

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
"""The payload hash sentinels: chunks signed; chunks and trailer signed; a checksum trailer only."""

MIN_CHUNK = 8192
"""Bytes: S3's least for every chunk but the last."""

ROOM = 96
"""Bytes to keep free before the data in the caller's buffer, for the chunk's header."""

TAIL = 2
"""Bytes to keep free after it, for the line end."""

_EMPTY = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_EXTENSION = 81  # ";chunk-signature=" and 64 digits


def encoded_length(length, chunk_size, mode, checksum=None):
    """Return how many bytes a body of `length` bytes becomes: the Content-Length to send.

    chunk_size: int, 8192 or more. mode: SIGNED, SIGNED_TRAILER or UNSIGNED_TRAILER.
    checksum: a checksum object or class (its name and size), for the modes with a trailer.
    """
    if isinstance(chunk_size, bool) or not isinstance(chunk_size, int) or chunk_size < MIN_CHUNK:
        raise RequestError("chunk_size", "must be 8192 bytes or more")
    extension = 0 if mode == UNSIGNED_TRAILER else _EXTENSION
    full, rest = divmod(length, chunk_size)
    total = full * (_digits(chunk_size) + extension + 4 + chunk_size)
    if rest:
        total += _digits(rest) + extension + 4 + rest
    total += 1 + extension + 2  # the empty chunk
    if mode != SIGNED:
        total += len("x-amz-checksum-:") + len(checksum.name) + (checksum.size + 2) // 3 * 4 + 2
    if mode == SIGNED_TRAILER:
        total += len("x-amz-trailer-signature:") + 64 + 2
    return total + 2


def _digits(number):
    return len("%x" % number)


class ChunkEncoder:
    """Wraps the chunks of one body, in their order, then ends it.

    Cost: constant per chunk: its SHA-256, one HMAC and a few short strings, some 700 bytes on a
    32-bit MicroPython; the signing key is derived once.
    """

    def __init__(self, sealed, length, chunk_size, mode, checksum=None):
        """sealed: the SealedRequest whose signature is the seed. length: bytes of the whole body.

        chunk_size, mode, checksum: as given to encoded_length(); checksum is an object here.
        """
        self._left = length
        self._chunk_size = chunk_size
        self._mode = mode
        self._checksum = checksum
        self._signs = mode != UNSIGNED_TRAILER
        self.signature = sealed.signature.encode()
        if self._signs:
            self._key = sealed.signing_key()
            head = "AWS4-HMAC-SHA256-%%s\n%s\n%s\n" % (sealed.amz_date, sealed.credential_scope)
            # Strings to sign in pieces: previous signature and hash of the data are items 1 and 3.
            # The empty hash stands for the headers of a chunk: there are none.
            self._chunk = [(head % "PAYLOAD").encode(), None, b"\n" + _EMPTY + b"\n", None]
            self._trailer = [(head % "TRAILER").encode(), None, b"\n", None]

    def wrap(self, buffer, length):
        """Wrap the next chunk, which stands in buffer[ROOM:ROOM + length]. Return (start, end).

        buffer: bytearray of ROOM + chunk size + TAIL bytes; buffer[start:end] is what to send.
        length: chunk_size, or what is left for the last chunk.
        Raises: TamperError for a chunk that the announced length has no room for.
        """
        if length != min(self._left, self._chunk_size) or not length:
            raise TamperError("body", "is not cut as it was announced")
        self._left -= length
        end = ROOM + length
        data = memoryview(buffer)[ROOM:end]
        if self._checksum is not None:
            self._checksum.update(data)
        head = self._header(length, data)
        start = ROOM - len(head)
        buffer[start:ROOM] = head
        buffer[end] = 0x0D
        buffer[end + 1] = 0x0A
        return start, end + TAIL

    def _header(self, length, data):
        if not self._signs:
            return ("%x\r\n" % length).encode()
        self._sign(self._chunk, data)
        return b"%x;chunk-signature=%s\r\n" % (length, self.signature)

    def _sign(self, string_to_sign, data):
        """Sign data as the next link of the chain."""
        string_to_sign[1] = self.signature
        string_to_sign[3] = hexlify(sha256(data).digest())
        self.signature = self._key.signature_of(string_to_sign)

    def end(self):
        """Return what ends the body, bytes: the empty chunk and the trailer.

        Raises: TamperError if chunks are missing.
        """
        if self._left:
            raise TamperError("body", "is %d bytes shorter than was announced" % self._left)
        out = self._header(0, b"")
        if self._mode != SIGNED:
            name = b"x-amz-checksum-" + self._checksum.name.encode()
            value = b2a_base64(self._checksum.digest()).strip()
            out += name + b":" + value + b"\r\n"
            if self._signs:
                self._sign(self._trailer, name + b":" + value + b"\n")
                out += b"x-amz-trailer-signature:" + self.signature + b"\r\n"
        return out + b"\r\n"
