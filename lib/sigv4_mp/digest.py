"""SHA-256 and HMAC-SHA256 on `hashlib` alone.

MicroPython's hash objects are one-shot: no copy(), no hexdigest(), one digest(). `update` takes any
buffer and allocates nothing.
"""

from binascii import hexlify
from hashlib import sha256

from .errors import RequestError

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Payload hash of an empty body (FIPS 180-4)."""

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
"""Payload hash sentinel of S3: the body is not covered by the signature."""


def sha256_hex(data):
    """Return the SHA-256 of a buffer as bytes[64], lower-case hex."""
    return hexlify(sha256(data).digest())


def hash_reader(reader, buffer):
    """Return (bytes[64] lower-case hex, length) of all that reader still holds.

    reader: has readinto(buffer) -> int, 0 at the end.
    buffer: bytearray or memoryview, the block; 1 to 4 KiB serve well.
    Raises: RequestError for a reader that does not block: half a body must not be signed.
    Cost: nothing is allocated per full block (shown under micropython.heap_lock in the tests).
    """
    hasher = sha256()
    view = memoryview(buffer)
    size = len(view)
    length = 0
    while True:
        count = reader.readinto(view)
        if count == 0:
            return hexlify(hasher.digest()), length
        if count is None or count > size:
            raise RequestError("reader", "must block until it has data, and fill the buffer only")
        length += count
        hasher.update(view if count == size else view[:count])


class HmacKey:
    """HMAC-SHA256 (RFC 2104) with one key, its two 64-byte pads kept.

    Cost: 2 SHA-256 runs a digest; making the pads costs about as much once.
    """

    def __init__(self, key):
        """key: bytes-like, any length; longer than a block (64) is hashed first."""
        if len(key) > 64:
            key = sha256(key).digest()
        self._inner = bytearray(b"\x36" * 64)
        self._outer = bytearray(b"\x5c" * 64)
        for i in range(len(key)):
            self._inner[i] ^= key[i]
            self._outer[i] ^= key[i]

    def digest(self, message):
        """Return HMAC-SHA256(key, message) as bytes[32]."""
        return self.digest_of((message,))

    def digest_of(self, pieces):
        """Return HMAC-SHA256(key, the pieces one after the other) as bytes[32]."""
        hasher = sha256(self._inner)
        for piece in pieces:
            hasher.update(piece)
        piece = hasher.digest()
        hasher = sha256(self._outer)  # no name of its own: see encode.as_utf8
        hasher.update(piece)
        return hasher.digest()

    def wipe(self):
        """Overwrite both pads; the object can't be used for its key any more."""
        for i in range(64):
            self._inner[i] = self._outer[i] = 0


def equal(a, b):
    """Return whether two buffers are equal, in a time that depends on their lengths only."""
    difference = len(a) ^ len(b)
    for i in range(min(len(a), len(b))):
        difference |= a[i] ^ b[i]
    return difference == 0
