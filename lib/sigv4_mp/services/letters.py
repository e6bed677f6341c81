"""The dead-letter file: records that no service takes, with the reason, set aside for a person.

Two files of at most half the size each; the older one makes room. See frame.py for what is in them.
"""

from .frame import HEADER, LETTER, Scanner, pack
from .spool import Record

_FILE, _OLD = "letters", "letters.old"
_LONGEST_WHY = 120


class Letters:
    """Dead letters in a spool's folder.

    dropped: int, how many have made room for newer ones since this object was made.
    """

    def __init__(self, spool, max_bytes=16384):
        """spool: a Spool. max_bytes: int, of both files."""
        self._spool = spool
        self._half = max_bytes // 2
        self.dropped = 0

    def add(self, record, why):
        """Set a Record aside, durably. why: str. Raises: OSError."""
        folder = self._spool.folder
        text = why[:_LONGEST_WHY].replace("\n", " ").encode() + b"\n"
        payload = bytearray(text)
        payload.extend(record.payload)
        frame = bytearray(HEADER + len(payload))
        pack(frame, 0, LETTER, record.stream, record.seq, record.time_s, payload)
        size = folder.size(_FILE)
        if size > 0 and size + len(frame) > self._half:
            lost = self._count(_OLD)
            folder.rename(_FILE, _OLD)
            self.dropped += lost
            if lost:
                self._spool.event("%d dead letters made room for newer ones" % lost)
        folder.append(_FILE, frame, len(frame))

    def read(self):
        """Yield (record, why), the oldest first: the one Record again and again, and a str.

        After a power cut a record may be there twice.
        """
        record = Record(self._spool.spool_id)
        for name in (_OLD, _FILE):
            for scanner in self._frames(name):
                record.set(scanner)
                text = bytes(scanner.payload)
                end = text.find(b"\n")
                record.payload = scanner.payload[end + 1 :]
                yield record, text[:end].decode()

    def remove(self):
        """Remove all letters."""
        self._spool.folder.remove(_OLD)
        self._spool.folder.remove(_FILE)

    def _count(self, name):
        count = 0
        for _ in self._frames(name):
            count += 1
        return count

    def _frames(self, name):
        folder = self._spool.folder
        size = folder.size(name)
        offset = 0
        limit = min(65535, self._spool.max_record + 4 * _LONGEST_WHY + 1)
        scanner = Scanner(HEADER + limit)
        while offset < size:  # numbers rise in a segment, but here a letter may come twice
            scanner.start(lambda at, view: folder.read(name, at, view), offset, size, LETTER, limit)
            if not scanner.next():
                return
            yield scanner
            offset = scanner.where
