"""Frames: how records lie in a segment, and how whole ones are told from torn or damaged ones.

No I/O here. A frame, little-endian, is what it is, how long, where it belongs, and a CRC-32 of all:

    kind 1 | stream 1 | length 2 | seq 4 | time_s 4 | crc 4 | payload

Any burst of 32 wrong bits is found by the CRC. The Scanner goes on behind a damaged frame: it looks
for the next one that is whole and whose number may come there.
"""

import struct
from binascii import crc32

from ..net.steps import const

HEADER = const(16)
RECORD = const(0xD5)
SEGMENT = const(0xD6)  # the first frame of a segment: seq of its first record; see spool.py
LETTER = const(0xD7)  # in the dead-letter file
CURSOR = const(0xD8)
LAST_SEQ = const(0x3FFFFFFF)  # the largest small int of a 32-bit port: 34 years of one a second


def pack(buffer, at, kind, stream, seq, time_s, payload):
    """Write a frame into buffer (bytearray) at `at`; return where it ends.

    payload: a buffer, 0..65535 bytes; there must be room for it and HEADER bytes more.
    """
    end = at + HEADER + len(payload)
    struct.pack_into("<BBHII", buffer, at, kind, stream, len(payload), seq, time_s)
    buffer[at + HEADER : end] = payload
    struct.pack_into("<I", buffer, at + 12, _crc(memoryview(buffer), at, end))
    return end


def whole(view, at, end, kind, limit):
    """Return the bytes of the frame at view[at:end], 0 if it may go on behind `end`, -1 if none.

    view: memoryview. kind: int, what it must be. limit: int, the longest payload.
    """
    if at >= end:
        return 0
    if view[at] != kind:
        return -1
    if end - at < HEADER:
        return 0
    size = HEADER + (view[at + 2] | view[at + 3] << 8)
    if size > HEADER + limit:
        return -1
    if end - at < size:
        return 0
    crc = struct.unpack_from("<I", view, at + 12)[0]
    return size if crc == _crc(view, at, at + size) else -1


def _crc(view, at, end):
    return crc32(view[at + HEADER : end], crc32(view[at : at + 12]))


class Scanner:
    """Goes through the frames of one file, a buffer's worth at a time.

    stream, seq, time_s, payload (a memoryview, good until the next next()): of the latest frame.
    skipped: bytes that were no frame. where: offset in the file behind the latest whole frame.
    """

    def __init__(self, size):
        """size: int, bytes of the buffer; at least HEADER and the longest payload."""
        self._view = memoryview(bytearray(size))
        self.payload = None

    @property
    def size(self):
        """Bytes of the buffer."""
        return len(self._view)

    def start(self, read, offset, end, kind, limit, low=0, high=LAST_SEQ + 1):
        """Begin a file. read(offset, view) -> int: how many bytes it put there, 0 at the end.

        offset, end: bytes of the file to look at. kind, limit: as for whole(). low, high: numbers
        that may come, low <= seq < high; they must rise from frame to frame.
        """
        self._read = read
        self.where = self._base = offset  # _base: where in the file the view begins
        self._stop = end
        self._kind = kind
        self._limit = limit
        self._low = low
        self._high = high
        self._at = self._end = 0
        self.skipped = 0

    def next(self):
        """Go to the next whole frame; return whether there is one. Raises: what read() raises."""
        view = self._view
        while True:
            size = whole(view, self._at, self._end, self._kind, self._limit)
            if size == 0:
                if self._fill():
                    continue
                if self._at == self._end:
                    return False
            if size > 0 and self._take(size):
                return True
            self._skip()

    def _take(self, size):
        at = self._at
        _, stream, _, seq, time_s = struct.unpack_from("<BBHII", self._view, at)
        if not self._low <= seq < self._high:
            return False
        self.stream = stream
        self.seq = seq
        self.time_s = time_s
        self.payload = self._view[at + HEADER : at + size]
        self._at = at + size
        self._low = seq + 1
        self.where = self._base + self._at
        return True

    def _skip(self):
        """Go to the next byte that could begin a frame."""
        at = self._at + 1
        while at < self._end and self._view[at] != self._kind:
            at += 1
        self.skipped += at - self._at
        self._at = at

    def _fill(self):
        """Read on behind what is not used up yet; return whether anything came."""
        view = self._view
        left = self._end - self._at
        if self._at:
            view[:left] = view[self._at : self._end]
            self._base += self._at
            self._at = 0
            self._end = left
        room = min(len(view) - left, self._stop - self._base - left)
        count = self._read(self._base + left, view[left : left + room]) if room > 0 else 0
        self._end += count
        return count > 0
