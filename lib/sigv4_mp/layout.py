"""Byte strings with fixed-width slots: compiled once, filled for each signing.

Four things change between two signings of a prepared request, all of fixed width. In the pieces
that are compiled, a slot is a run of one control byte: no text that may stand beside it can hold
one (paths and queries are encoded, header values and credentials are checked).
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

# Longer pieces are referred to, not copied: a session token is 700 bytes to 4 KB.
_LONG = 256


class Slots:
    """Where each slot lies, over all layouts of one request."""

    def __init__(self):
        self._places = {}

    def compile(self, pieces):
        """Return pieces (an iterable of bytes) as one bytearray, its slots noted."""
        template = b"".join(pieces)
        text = bytearray(template)
        for slot in _ALL:
            at = template.find(slot)  # bytearray has no find() on MicroPython
            while at >= 0:
                self._places.setdefault(slot, []).append((text, at, at + len(slot)))
                at = template.find(slot, at + len(slot))
        return text

    def compile_parts(self, pieces):
        """Return pieces as a list of buffers to be written one after another.

        Short neighbours become one bytearray; a long piece without slots stays the object it is.
        """
        buffers = []
        run = []
        for piece in pieces:
            if len(piece) < _LONG or _has_slot(piece):
                run.append(piece)
                continue
            if run:
                buffers.append(self.compile(run))
            buffers.append(piece)
            run = []
        if run:
            buffers.append(self.compile(run))
        return buffers

    def fill(self, slot, value):
        """Write value (a buffer of the slot's width) wherever the slot stands."""
        for buffer, start, end in self._places.get(slot, ()):
            buffer[start:end] = value


def _has_slot(piece):
    for slot in _ALL:
        if slot in piece:
            return True
    return False
