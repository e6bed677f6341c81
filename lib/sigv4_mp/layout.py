"""Texts with slots: written once, filled for each signing.

What varies between two signings of a prepared request is of fixed width. A text that is hashed is a
list of buffers, and a slot an item of it: filling it is storing an item (2 us on the RP2040), and
one more `update` costs 8. The head must lie in one piece: there a slot is a slice (22 us), or an
offset where it is seldom filled.
Until it is filled a slot holds what shows its width; none is left in what is sent.
"""

AMZ_DATE = b"YYYYMMDDThhmmssZ"
SCOPE_DATE = b"YYYYMMDD"
PAYLOAD_HASH = b"payload-hash----" * 4
SIGNATURE = b"signature-------" * 4
CONTENT_LENGTH = b"    length"
"""Decimal, filled from the right: RFC 9112 §5 allows white space before a field's value."""

LONG = 256
"""Longer values are referred to, not copied: a session token is 700 bytes to 4 KB."""


class _At:
    """Makes slices: MicroPython has no slice(). Kept, they cost no garbage when they are used."""

    def __getitem__(self, where):
        return where


at = _At()
