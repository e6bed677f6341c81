"""What a request's body is read from. A body is opened once for each attempt.

length: int, the bytes that go over the wire. rewindable: whether there can be a second attempt.
open(sealed): return the reader, which has readinto(buffer); sealed: the request it goes out with.
"""

from ..errors import RequestError


def position(reader):
    """Return where a reader stands, int, or None for one that can't go back (a UART, a socket)."""
    if not hasattr(reader, "seek"):
        return None
    try:
        return reader.seek(0, 1)
    except OSError:  # CPython's way to say that a stream has no seek
        return None


class FileBody:
    """All that a reader still holds, from where it stands. It can be read twice: length is set by
    whoever read it first."""

    rewindable = True

    def __init__(self, reader):
        """Raises: RequestError for a reader that can't go back."""
        self._reader = reader
        self._start = position(reader)
        if self._start is None:
            text = 'can be read only once; give content_length and a mode, such as "chunked"'
            raise RequestError("body", text)
        self.length = None

    def measure(self):
        """Find out the length by going to the end and back. Return it."""
        self.length = self._reader.seek(0, 2) - self._start
        self._reader.seek(self._start)
        return self.length

    def open(self, _=None):
        """Return the reader, back where it stood first."""
        self._reader.seek(self._start)
        return self._reader


class StreamBody:
    """The next `length` bytes of a reader, and not one more: the reader may go on for ever."""

    def __init__(self, reader, length, start=None):
        """start: int, where to seek for each attempt; None: where it stands, if it can go back."""
        self._reader = reader
        self._start = position(reader) if start is None else start
        self.rewindable = self._start is not None
        self.length = length
        self._left = 0
        self._opened = False

    def open(self, _=None):
        """Return this object as the reader. Raises: RequestError the second time, unless it is
        rewindable."""
        if self.rewindable:
            self._reader.seek(self._start)
        elif self._opened:
            raise RequestError("body", "can be read only once, and was; read it again yourself")
        self._opened = True
        self._left = self.length
        return self

    def readinto(self, buffer):
        """As a stream's: bytes read, 0 at the end, None when there is nothing yet."""
        if self._left < len(buffer):
            if not self._left:
                return 0
            buffer = memoryview(buffer)[: self._left]
        count = self._reader.readinto(buffer)
        if count:
            self._left -= count
        return count
