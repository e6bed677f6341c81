"""Byte strings with fixed-width slots: compiled once, filled for each signing.

Four things change between two signings of a prepared request, all of fixed width. Until it is
filled a slot is a run of one control byte: no text that may stand beside it can hold one (paths and
queries are encoded, header values and credentials are checked).
"""

AMZ_DATE = b"\x01" * 16
SCOPE_DATE = b"\x02" * 8
PAYLOAD_HASH = b"\x03" * 64
SIGNATURE = b"\x04" * 64
REQUEST_HASH = b"\x05" * 64
"""Hash of the canonical request, in the string to sign."""
CONTENT_LENGTH = b"\x06" * 10
"""Decimal, filled from the right: RFC 9112 §5 allows white space before a field's value."""

_ALL = (AMZ_DATE, SCOPE_DATE, PAYLOAD_HASH, SIGNATURE, REQUEST_HASH, CONTENT_LENGTH)
_LAST = 6

LONG = 256
"""Longer values are referred to, not copied: a session token is 700 bytes to 4 KB."""


class _At:
    """Makes slices: MicroPython has no slice(). Kept, they cost nothing when they are used."""

    def __getitem__(self, where):
        return where


_at = _At()


class Slots:
    """Where each slot lies, over all texts of one request."""

    def __init__(self):
        self._places = [(), (), (), (), (), (), ()]

    def write(self, text, piece):
        """Append a piece (bytes) to text (bytearray); if it is a slot, note where.

        A bytearray that nothing is allocated behind grows where it lies: no garbage.
        """
        if piece and piece[0] <= _LAST:
            number = piece[0]
            start = len(text)
            if not self._places[number]:
                self._places[number] = []
            self._places[number].append((text, _at[start : start + len(piece)]))
        text.extend(piece)

    def write_mixed(self, text, piece):
        """Append a piece that has slots among other text."""
        start = 0
        while start < len(piece):
            first, end = len(piece), len(piece)
            for slot in _ALL:
                at = piece.find(slot, start)
                if 0 <= at < first:
                    first, end = at, at + len(slot)
            text.extend(piece[start:first])
            self.write(text, piece[first:end])
            start = end

    def fill(self, slot, value):
        """Write value (a buffer of the slot's width) wherever the slot stands."""
        for text, where in self._places[slot[0]]:
            text[where] = value
