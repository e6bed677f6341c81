"""The checksums that S3 takes in a trailer, small enough for a microcontroller.

Each has `name` (as in x-amz-checksum-<name>), `size` (bytes), update(buffer) and digest() -> bytes.
MicroPython's small ints have 31 bits, so a CRC's register is kept in words of 16: nothing is
allocated per byte. Source: AWS S3 user guide, "Checking object integrity in Amazon S3"; polynomials
and check values from the catalogue of CRC algorithms (CRC-32/ISCSI, CRC-64/NVME).
"""

import hashlib
from array import array
from binascii import crc32

from .errors import RequestError


def new(name):
    """Return a new checksum object. name: "crc32", "crc32c", "crc64nvme", "sha1" or "sha256".

    Raises: RequestError for another name, or one that this port's hashlib lacks (sha1, often).
    """
    if name in _CRC:
        return _CRC[name]()
    if name in ("sha1", "sha256") and hasattr(hashlib, name):
        return _Hash(name)
    raise RequestError("checksum", "must be crc32, crc32c, crc64nvme, sha256, or sha1 if there is")


class _Hash:
    def __init__(self, name):
        self.name = name
        self.size = 20 if name == "sha1" else 32
        self._hash = getattr(hashlib, name)()

    def update(self, buffer):
        """Take a whole buffer."""
        self._hash.update(buffer)

    def digest(self):
        """Return the digest, bytes; once."""
        return self._hash.digest()


class Crc32:
    """CRC-32 (ISO-HDLC), by `binascii`."""

    name = "crc32"
    size = 4

    def __init__(self):
        self._crc = 0

    def update(self, buffer):
        """Take a whole buffer."""
        self._crc = crc32(buffer, self._crc)

    def digest(self):
        """Return bytes[4], big-endian."""
        return self._crc.to_bytes(4, "big")


class _Reflected:
    """A reflected CRC in 16-bit words, least significant first; a byte a step, two nibble tables.

    A CRC's table is linear, entry(byte) = entry(low nibble) ^ entry(high nibble), so 32 entries
    serve for 256.
    """

    def __init__(self, polynomial):
        """polynomial: reflected, as words. Cost: 64 bytes of table a word."""
        words = len(polynomial)
        self._words = [0xFFFF] * words
        self._table = array("H", bytes(64 * words))
        for i in range(16):
            self._enter(i, i, polynomial)
            self._enter(16 + i, i << 4, polynomial)

    def _enter(self, row, byte, polynomial):
        words = len(polynomial)
        value = [byte] + [0] * words  # the last one stays 0: what is shifted in
        for _ in range(8):
            odd = value[0] & 1
            for i in range(words):
                value[i] = value[i] >> 1 | (value[i + 1] & 1) << 15
                if odd:
                    value[i] ^= polynomial[i]
        for i in range(words):
            self._table[row * words + i] = value[i]

    def digest(self):
        """Return the checksum, bytes, big-endian."""
        out = bytearray()
        for word in reversed(self._words):
            out.append(word >> 8 ^ 0xFF)
            out.append(word & 0xFF ^ 0xFF)
        return bytes(out)


class Crc32c(_Reflected):
    """CRC-32C (Castagnoli; iSCSI)."""

    name = "crc32c"
    size = 4

    def __init__(self):
        super().__init__((0x3B78, 0x82F6))

    def update(self, buffer):
        """Take a whole buffer. Cost: nothing allocated per byte."""
        table = self._table
        low, high = self._words
        for byte in buffer:
            index = (low ^ byte) & 0xFF
            a = (index & 15) << 1
            b = 32 + (index >> 4 << 1)
            low = (low >> 8 | (high & 0xFF) << 8) ^ table[a] ^ table[b]
            high = high >> 8 ^ table[a + 1] ^ table[b + 1]
        self._words[0] = low
        self._words[1] = high


class Crc64Nvme(_Reflected):
    """CRC-64/NVME, what S3 itself computes for a whole object."""

    name = "crc64nvme"
    size = 8

    def __init__(self):
        super().__init__((0xC9B5, 0xAC4B, 0x9329, 0x9A6C))

    def update(self, buffer):
        """Take a whole buffer. Cost: nothing allocated per byte."""
        table = self._table
        w0, w1, w2, w3 = self._words
        for byte in buffer:
            index = (w0 ^ byte) & 0xFF
            a = (index & 15) << 2
            b = 64 + (index >> 4 << 2)
            w0 = (w0 >> 8 | (w1 & 0xFF) << 8) ^ table[a] ^ table[b]
            w1 = (w1 >> 8 | (w2 & 0xFF) << 8) ^ table[a + 1] ^ table[b + 1]
            w2 = (w2 >> 8 | (w3 & 0xFF) << 8) ^ table[a + 2] ^ table[b + 2]
            w3 = w3 >> 8 ^ table[a + 3] ^ table[b + 3]
        words = self._words
        words[0] = w0
        words[1] = w1
        words[2] = w2
        words[3] = w3


_CRC = {"crc32": Crc32, "crc32c": Crc32c, "crc64nvme": Crc64Nvme}
