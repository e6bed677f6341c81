"""JSON written piece by piece into one buffer that is used again and again.

Source: RFC 8259. No text is built as a whole: what does not fit raises Full, and whoever wrote goes
back to where he was.
"""

from binascii import b2a_base64

from ..encode import to_bytes
from ..errors import RequestError

_PIECE = 192  # bytes that become base64 at a time: a multiple of 3, and little garbage
_SHORT = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}


class Full(Exception):
    """There is no room for all of it."""


class JsonBuffer:
    """A buffer that JSON is written into. data: bytearray; data[:end] is written.

    Each method raises Full where the rest of the buffer is too small, with `end` anywhere up to
    there: note it before and set it back.
    """

    def __init__(self, size):
        """size: int, bytes; they are allocated now, and no more later."""
        self.data = bytearray(size)
        self.end = 0

    def view(self):
        """Return what is written, a memoryview."""
        return memoryview(self.data)[: self.end]

    def raw(self, piece):
        """Write bytes as they are. Cost: one slice, 16 to 32 bytes."""
        end = self.end + len(piece)
        if end > len(self.data):
            raise Full
        self.data[self.end : end] = piece
        self.end = end

    def text(self, text, field="text"):
        """Write what stands between the quotes of a string. text: str, or UTF-8 in any buffer.

        Raises: RequestError naming field for what is not UTF-8. Cost: no allocation for ASCII.
        """
        if isinstance(text, str):
            text = to_bytes(text, field)
        data = self.data
        size = len(data)
        at = self.end
        seen = 0
        for byte in text:
            if byte >= 32 and byte != 34 and byte != 92:
                if at == size:
                    raise Full
                data[at] = byte
                at += 1
                seen |= byte
            else:
                self.end = at
                self.raw(_SHORT.get(byte) or b"\\u%04x" % byte)
                at = self.end
        if seen > 127:
            _check_utf8(text, field)
        self.end = at

    def base64(self, data):
        """Write bytes (any buffer) as base64. Cost: 0.3 KB of garbage at a time."""
        view = memoryview(data)
        for at in range(0, len(view), _PIECE):
            self.raw(b2a_base64(view[at : at + _PIECE], newline=False))

    def value(self, value):
        """Write a dict (its keys str), list, tuple, str, bool, int, float or None.

        Bytes of any kind become a string of base64, which is how AWS takes binary values.
        Raises: RequestError for anything else, and for a float that JSON can't hold.
        """
        if isinstance(value, str):
            self.raw(b'"')
            self.text(value)
            self.raw(b'"')
        elif value is None or value is True or value is False:
            self.raw(b"null" if value is None else b"true" if value else b"false")
        elif isinstance(value, int):
            self.raw(b"%d" % value)
        elif isinstance(value, float):
            if value - value != 0:
                raise RequestError("parameters", "hold a number that is not finite")
            self.raw(repr(value).encode())
        elif isinstance(value, dict):
            self._object(value)
        elif isinstance(value, (list, tuple)):
            self._array(value)
        elif isinstance(value, (bytes, bytearray, memoryview)):
            self.raw(b'"')
            self.base64(value)
            self.raw(b'"')
        else:
            raise RequestError("parameters", "hold a " + type(value).__name__)

    def _object(self, value):
        mark = b"{"
        for name in value:
            self.raw(mark)
            if not isinstance(name, str):
                raise RequestError("parameters", "have a name that is not str")
            self.value(name)
            self.raw(b":")
            self.value(value[name])
            mark = b","
        self.raw(b"}" if value else b"{}")

    def _array(self, value):
        mark = b"["
        for item in value:
            self.raw(mark)
            self.value(item)
            mark = b","
        self.raw(b"]" if value else b"[]")


def _check_utf8(text, field):
    try:
        str(text, "utf-8")
        return
    except UnicodeError:
        pass  # outside of it, so that the data does not hang on the error
    raise RequestError(field, "is not UTF-8")
