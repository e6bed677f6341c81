"""A destination that stores the records of each hour as an object in S3, a line each.

    uploader = Uploader(spool, ObjectLog(s3, spool, "pump-7/"))
    uploader.flush_once(http)           every hour, before the first record of the next one

The body is read out of the spool while it is sent, twice, since it is signed by its hash: no copy
is made, in RAM or on flash. An object's name holds the hour and the id of its first record, so what
is sent again after a failure replaces what was stored before, and nothing is there twice.
"""

from ..amzdate import from_seconds

_HOUR_S = 3600


class ObjectLog:
    """Gathers records of one hour; see telemetry.py for what a destination is.

    count: int, records in the batch. key: str, the name of the object that was stored last.
    """

    oldest_s = None

    def __init__(self, s3, spool, prefix="", max_bytes=1048576, content_type="text/plain"):
        """s3: an S3. spool: where the records are. prefix: str, what the names begin with.

        max_bytes: int, of one object.
        """
        self.signer = s3.signer
        self.service = s3.signer.service
        self.key = None
        self._s3 = s3
        self._spool = spool
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._content_type = content_type
        self.clear()

    def clear(self):
        """Begin another object."""
        self.count = 0
        self._first = None  # the first record's id
        self._hour = self._size = self._last = 0

    def add(self, payload, record_id, stream, time_s):
        """Take a record; return False if it belongs into another object. Nothing is copied.

        A record whose time is not known goes with those before it.
        """
        hour = time_s // _HOUR_S or self._hour
        size = len(payload) + 1
        if self.count and (
            (self._hour and hour != self._hour) or self._size + size > self._max_bytes
        ):
            return False
        if not self.count:
            self._first = record_id
        self._last = int(record_id[-8:], 16)
        self._hour = hour
        self._size += size
        self.count += 1
        return True

    def send(self):
        """Operation. Store the object; return []. Raises: as S3.put_object."""
        first = int(self._first[-8:], 16)
        key = "%s%s-%s" % (self._prefix, _folder(self._hour), self._first)
        lines = Lines(self._spool, first, self._last)
        yield from self._s3.put_object(key, lines, self._content_type)
        self.key = key
        return ()


def _folder(hour):
    """Return "2026/11/22/09", or "undated"."""
    if not hour:
        return "undated"
    date = from_seconds(hour * _HOUR_S).decode()
    return "%s/%s/%s/%s" % (date[:4], date[4:6], date[6:8], date[9:11])


class Lines:
    """Records first..last of a spool as a stream to be read, each with a line feed behind it."""

    def __init__(self, spool, first, last):
        """first, last: int, their numbers."""
        self._spool = spool
        self._first = first
        self._last = last
        self._rewind()

    def _rewind(self):
        self._records = self._spool.read(self._first - 1)
        self._rest = None  # of the record that did not fit
        self._read = 0

    def seek(self, offset, whence=0):
        """Go back to the beginning, or (0, 1) return where it stands, int."""
        if (offset, whence) != (0, 1):
            if offset or whence:
                raise OSError(22, "only back to the beginning")
            self._rewind()
        return self._read

    def readinto(self, view):
        """Fill view; return how many bytes, 0 at the end. Raises: OSError of the medium."""
        view = memoryview(view)
        at = 0
        while at < len(view):
            if not self._rest and not self._next():
                break
            size = min(len(self._rest), len(view) - at)
            view[at : at + size] = self._rest[:size]
            self._rest = self._rest[size:]
            at += size
        self._read += at
        return at

    def _next(self):
        """Take the next record."""
        for record in self._records:
            if record.seq > self._last:
                return False
            self._rest = bytes(record.payload) + b"\n"
            return True
        return False
