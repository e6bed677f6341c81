"""Reads the JSON that services answer with, in constant memory, whatever the length and the blocks.

It walks the whole document (RFC 8259) and hands out the few values that are wanted. An answer says
what has been delivered, so what is cut short or not JSON raises ProtocolError.
"""

from ..errors import ProtocolError
from ..net.steps import const

_MAX_DEPTH = const(16)
_PIECE = const(256)  # bytes taken at a time: bytes.find is quick, and the copy small garbage
_MAX_NUMBER = const(32)

# What may come next.
_VALUE = const(0)
_ITEM = const(1)  # a value, or the end of an array that is empty so far
_NAME = const(2)
_MEMBER = const(3)  # a name, or the end of an object that is empty so far
_COLON = const(4)
_NEXT = const(5)  # a comma, or the end
_DONE = const(6)


class JsonReader:
    """Feed it a document in blocks; it calls on_value(path, text) for each value that is wanted.

    path: list of str and int, the names and indexes from the root down; good until it returns.
    text: str; a number, true, false and null as they are written.
    is_object: whether the document is an object.
    """

    def __init__(self, on_value, wanted, max_text=256, truncate=False):
        """wanted: tuple of str, the names whose values matter. max_text: bytes of one string as
        it is written; a longer value is taken for "", or cut with truncate; a longer name matches
        nothing."""
        self._on_value = on_value
        self._wanted = wanted
        self._truncate = truncate
        self.is_object = False
        self._path = []
        self._expect = _VALUE
        self._text = bytearray(max_text)
        self._length = 0
        self._string = self._slash = self._is_name = self._keep = self._scalar = False

    def feed(self, buffer, start, end):
        """Take buffer[start:end]. Raises: ProtocolError."""
        view = memoryview(buffer)
        while start < end:
            stop = min(start + _PIECE, end)
            self._feed(bytes(view[start:stop]))
            start = stop

    def close(self):
        """Say that the document has ended. Raises: ProtocolError if it is cut short."""
        if self._scalar:
            self._end_scalar()
        if self._expect != _DONE:
            raise ProtocolError("the JSON is cut short")

    def _feed(self, data):
        at = 0
        size = len(data)
        while at < size:
            if self._string:
                at = self._in_string(data, at)
                continue
            byte = data[at]
            at += 1
            if byte in b' \t\r\n,]}:[{"':
                if self._scalar:
                    self._end_scalar()
                if byte > 32:
                    self._mark(byte)
            else:
                self._in_scalar(byte)

    def _in_string(self, data, at):
        """Take a string's bytes from data[at:]; return where it went on to."""
        if self._slash:
            self._slash = False
            self._add(data[at : at + 1])
            return at + 1
        quote = data.find(b'"', at)
        stop = len(data) if quote < 0 else quote
        slash = data.find(b"\\", at, stop)
        if slash >= 0:
            self._slash = True
            stop = slash + 1
        self._add(data[at:stop])
        if slash < 0 <= quote:
            self._string = False
            self._end_string()
            stop += 1
        return stop

    def _add(self, data):
        room = len(self._text) - self._length
        if self._keep and room > 0:
            if len(data) > room:
                self._text[self._length :] = data[:room]
            else:
                self._text[self._length : self._length + len(data)] = data
        self._length += len(data)

    def _mark(self, byte):
        """Take a structural character."""
        expect = self._expect
        path = self._path
        if byte == 34 and expect <= _MEMBER:
            self._string = True
            self._is_name = expect >= _NAME
            self._keep = self._is_name or self._is_wanted()
            self._length = 0
        elif (byte == 123 or byte == 91) and expect <= _ITEM:
            if len(path) == _MAX_DEPTH:
                raise ProtocolError("the JSON is nested too deep")
            self.is_object = self.is_object or (byte == 123 and not path)
            path.append("" if byte == 123 else 0)
            self._expect = _MEMBER if byte == 123 else _ITEM
        elif byte == 58 and expect == _COLON:
            self._expect = _VALUE
        elif byte == 44 and expect == _NEXT and path:
            if isinstance(path[-1], int):
                path[-1] += 1
                self._expect = _VALUE
            else:
                self._expect = _NAME
        elif path and byte == (93 if isinstance(path[-1], int) else 125):
            if expect != _NEXT and expect != (_ITEM if byte == 93 else _MEMBER):
                _refuse()
            path.pop()
            self._end_value()
        else:
            _refuse()

    def _is_wanted(self):
        return bool(self._path) and self._path[-1] in self._wanted

    def _end_value(self):
        self._expect = _NEXT if self._path else _DONE

    def _end_string(self):
        text = self._decoded() if self._keep else ""
        if self._is_name:
            self._path[-1] = text
            self._expect = _COLON
            return
        if self._keep:
            self._on_value(self._path, text)
        self._end_value()

    def _decoded(self):
        data = bytes(memoryview(self._text)[: self._length])
        cut = self._length > len(self._text)
        if cut and (self._is_name or not self._truncate):
            return ""
        while cut and data and data[-1] >= 128:
            data = data[:-1]
        try:
            return str(_unescape(data, cut) if b"\\" in data else data, "utf-8")
        except UnicodeError:
            raise ProtocolError("a text in the JSON is not UTF-8")

    def _in_scalar(self, byte):
        if not self._scalar:
            if self._expect > _ITEM:
                _refuse()
            self._scalar = True
            self._length = 0
        if self._length == min(_MAX_NUMBER, len(self._text)):
            _refuse()
        self._text[self._length] = byte
        self._length += 1

    def _end_scalar(self):
        self._scalar = False
        data = bytes(memoryview(self._text)[: self._length])
        if data not in (b"true", b"false", b"null"):
            for byte in data:
                if byte not in b"0123456789.-+eE":
                    _refuse()
        if self._is_wanted():
            self._on_value(self._path, data.decode())
        self._end_value()


# MicroPython's json.loads joins no surrogate pairs and lets any escape pass.
def _unescape(data, cut):
    """Return a string's bytes with its escapes resolved; cut: without a last one, maybe half."""
    out = bytearray()
    at = 0
    while True:
        slash = data.find(b"\\", at)
        if slash < 0:
            return bytes(out) + data[at:]
        out.extend(data[at:slash])
        if cut and len(data) - slash < 12:  # bytes of "\\ud83d\\ude00", the longest
            return bytes(out)
        at = slash + 2
        if data[slash + 1] == 117:  # "u"
            code = _hex4(data, at)
            at += 4
            if 0xD800 <= code < 0xDC00 and data[at : at + 2] == b"\\u":
                low = _hex4(data, at + 2) - 0xDC00
                code = 0x10000 + ((code - 0xD800) << 10) + low if 0 <= low < 0x400 else code
                at += 6
            if 0xD800 <= code < 0xE000:
                _refuse()
            out.extend(chr(code).encode())
        else:
            found = b'"\\/bfnrt'.find(data[slash + 1 : at])
            if found < 0:
                _refuse()
            out.append(b'"\\/\b\f\n\r\t'[found])


def _hex4(data, at):
    digits = data[at : at + 4]
    for byte in digits:
        if byte not in b"0123456789abcdefABCDEF":
            _refuse()
    if len(digits) < 4:
        _refuse()
    return int(digits, 16)


def _refuse():
    raise ProtocolError("the answer is not JSON")
