"""Takes strings and numbers out of a small JSON text, without making strings of what is secret.

`json.loads` would leave the secret in RAM as an immutable str; here it is copied once, from a
buffer that can be overwritten into another one. Strict: RFC 8259's grammar, names at most once.
"""

from ..errors import ProtocolError

_MAX_DEPTH = 8
_ESCAPES = b'"\\/bfnrt'
_MEANINGS = b'"\\/\b\f\n\r\t'
_SPACE = b" \t\r\n"


class JsonFields:
    """The values of a JSON text, by their path: "credentials/accessKeyId".

    Arrays are checked and skipped. Cost: a tuple for each value; strings are made when asked for.
    """

    def __init__(self, data):
        """data: bytes or bytearray, the whole text, not changed as long as this is in use.

        Raises: ProtocolError unless it is JSON, an object, nested at most 8 deep.
        """
        self._data = data
        self._spans = {}  # path: (start, end, whether it is a string)
        self._at = 0
        self._skip_space()
        if self._peek() != 0x7B:
            self._fail()
        self._value("", 0)
        if self._at != len(data):
            self._fail()

    def secret(self, path):
        """Return a string's value as a bytearray of its own, or None where there is none."""
        start, end, is_string = self._spans.get(path, (0, 0, None))
        if is_string is None:
            return None
        if not is_string:
            raise ProtocolError("the reply's %s is not a string" % path)
        value = bytearray(end - start)  # made in its full size: growing would leave copies
        length = 0
        while start < end:
            byte = self._data[start]
            start += 1
            if byte == 0x5C:
                byte, start = self._escape(start)
            value[length] = byte
            length += 1
        if length == len(value):
            return value
        whole = value[:length]  # it had escapes; the longer one must not stay
        for i in range(length):
            value[i] = 0
        return whole

    def get(self, path):
        """Return a string's value as str, or None where there is none."""
        value = self.secret(path)
        try:
            return None if value is None else value.decode()
        except UnicodeError:
            self._fail()

    def number(self, path):
        """Return the whole part of a number >= 0 as an int, or None where there is none.

        "1.4794033964E9" as well: some services write seconds so, and a board's float is too short.
        """
        start, end, is_string = self._spans.get(path, (0, 0, True))
        if is_string:
            return None
        text = bytes(self._data[start:end]).lower()
        mantissa, _, exponent = text.partition(b"e")
        whole, _, fraction = mantissa.partition(b".")
        exponent = exponent[1:] if exponent[:1] == b"+" else exponent or b"0"
        digits = whole + fraction
        if not digits.isdigit() or not exponent.isdigit() or len(digits) > 20 or len(exponent) > 2:
            raise ProtocolError("the reply's %s is no number that we can use" % path)
        shift = int(exponent) - len(fraction)
        return int(digits) * 10**shift if shift >= 0 else int(digits) // 10**-shift

    def _escape(self, at):
        """Return (byte, where it ends) of what follows a backslash. ASCII is all that is needed."""
        found = _ESCAPES.find(self._data[at : at + 1])
        if found >= 0:
            return _MEANINGS[found], at + 1
        try:
            code = int(bytes(self._data[at + 1 : at + 5]), 16)  # the scan saw four digits
        except ValueError:
            code = 128
        if code > 127:
            raise ProtocolError("a string of the reply has an escape that is not ASCII")
        return code, at + 5

    def _peek(self):
        return self._data[self._at] if self._at < len(self._data) else 0

    def _skip_space(self):
        while self._at < len(self._data) and self._data[self._at] in _SPACE:
            self._at += 1

    def _value(self, path, depth):
        """Read a value and the space round it; note where it stands."""
        if depth > _MAX_DEPTH:
            self._fail()
        self._skip_space()
        byte = self._peek()
        if byte == 0x7B:
            self._members(path, depth, 0x7D)
        elif byte == 0x5B:
            self._members(path, depth, 0x5D)
        elif byte == 0x22:
            self._note(path, self._string(), True)
        else:
            self._literal(path)
        self._skip_space()

    def _members(self, path, depth, end):
        """Read an object or an array up to its end, the byte "}" or "]"."""
        self._at += 1
        self._skip_space()
        if self._peek() == end:
            self._at += 1
            return
        while True:
            name = None
            if end == 0x7D:
                name = self._name(path)
            elif path is not None:
                path = None  # nothing below is noted
            self._value(name, depth + 1)
            byte = self._peek()
            self._at += 1
            if byte == end:
                return
            if byte != 0x2C:
                self._fail()
            self._skip_space()

    def _name(self, path):
        start, end = self._string()
        self._skip_space()
        if self._peek() != 0x3A or end - start > 64:
            self._fail()
        self._at += 1
        if path is None:
            return None
        try:
            name = bytes(self._data[start:end]).decode()
        except UnicodeError:
            self._fail()
        return path + "/" + name if path else name

    def _string(self):
        """Return (start, end) of the string's inside, unchanged."""
        if self._peek() != 0x22:
            self._fail()
        data = self._data
        at = start = self._at + 1
        while at < len(data) and data[at] != 0x22:
            if data[at] < 0x20:
                self._fail()
            if data[at] == 0x5C:
                at += 1
                known = at < len(data) and (data[at] in _ESCAPES or data[at] == 0x75)
                if not known:
                    self._fail()
            at += 1
        if at >= len(data):
            self._fail()
        self._at = at + 1
        return start, at

    def _literal(self, path):
        start = self._at
        while self._at < len(self._data) and self._data[self._at] not in b" \t\r\n,]}":
            self._at += 1
        text = bytes(self._data[start : self._at])
        if text in (b"null", b"true", b"false"):
            return
        digits = text[1:] if text[:1] == b"-" else text
        if not digits[:1].isdigit() or len(text) > 32:
            self._fail()
        for byte in digits:
            if byte not in b"0123456789+-.eE":
                self._fail()
        self._note(path, (start, self._at), False)

    def _note(self, path, span, is_string):
        if path is None:
            return
        if path in self._spans:  # two readers would take different ones
            raise ProtocolError("the reply has %s twice" % path)
        self._spans[path] = span + (is_string,)

    def _fail(self):
        raise ProtocolError("the reply is not the JSON that we can read")
