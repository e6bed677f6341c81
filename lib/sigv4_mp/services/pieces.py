"""A request's body that is made of pieces as it goes, the same each time. See bodies.py."""


class PiecesBody:
    """A body made as it goes, the same each time. Set length after hashing. See bodies.py."""

    rewindable = True

    def __init__(self, make):
        """make: called without arguments, returns an iterator of bytes, each time the same."""
        self._make = make
        self.length = None
        self._pieces = None
        self._piece = b""
        self._at = 0

    def open(self, _=None):
        """Return this object as the reader."""
        self._pieces = iter(self._make())
        self._piece = b""
        self._at = 0
        return self

    def readinto(self, buffer):
        """As a stream's; fills the buffer, but for the end."""
        done = 0
        size = len(buffer)
        while done < size:
            if self._at == len(self._piece):
                self._at = 0
                self._piece = next(self._pieces, None)
                if self._piece is None:
                    self._piece = b""
                    return done
            count = min(size - done, len(self._piece) - self._at)
            buffer[done : done + count] = self._piece[self._at : self._at + count]
            done += count
            self._at += count
        return done
