"""Reads the XML that S3 answers with, in constant memory, whatever the chunks.

It extracts, it does not validate: elements and their text, no attributes, namespaces dropped, no
DTD and so no entities but XML's own five and character references (XML 1.0 §4.1, §4.6).
"""

from ..errors import ProtocolError

_MAX_DEPTH = 8
_MAX_TAG = 512
_PIECE = 256  # bytes taken at a time: bytes.find is quick, and the copy small garbage
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}


class XmlReader:
    """Feed it a document in blocks; it calls on_element(path, text) as each element ends.

    path: str, the names from the root down, "ListBucketResult/Contents/Key".
    text: str; None for an element that has children.
    """

    def __init__(self, on_element, max_text=4096, truncate=False):
        """max_text: bytes of one element's text, as written; with truncate, more are dropped,
        else they raise ProtocolError."""
        self._on_element = on_element
        self._max_text = max_text
        self._truncate = truncate
        self._path = []
        self._text = bytearray(_PIECE)  # grows, never shrinks: small heaps fragment
        self._length = 0
        self._escaped = False  # it holds references
        self._markup = None  # bytearray after a "<", until its ">"
        self._leaf = False
        self._done = False

    def feed(self, buffer, start, end):
        """Take buffer[start:end]. Raises: ProtocolError."""
        view = memoryview(buffer)
        while start < end:
            stop = min(start + _PIECE, end)
            self._feed(bytes(view[start:stop]))
            start = stop

    def close(self):
        """Say that the document has ended. Raises: ProtocolError if it is cut short."""
        if not self._done or self._markup is not None:
            raise ProtocolError("the XML is cut short")

    def _feed(self, data):
        at = 0
        while at < len(data):
            in_text = self._markup is None
            stop = data.find(b"<" if in_text else b">", at)
            if stop < 0:
                stop = len(data)
            if in_text:
                self._add_text(data[at:stop])
                if stop < len(data):
                    self._markup = bytearray()
            else:
                self._markup.extend(data[at : stop + 1])
                if self._markup_ends(stop < len(data)):
                    self._markup = None
            at = stop + 1

    def _add_text(self, data):
        if not self._leaf or not data:  # space between elements
            return
        end = self._length + len(data)
        if end > self._max_text:
            if not self._truncate:
                raise ProtocolError("a text in the XML is too long")
            end = self._max_text
        while len(self._text) < end:
            self._text.extend(bytes(len(self._text)))
        self._text[self._length : end] = data[: end - self._length]
        self._length = end
        if b"&" in data:
            self._escaped = True

    def _markup_ends(self, closed):
        """Take what follows a "<" so far; closed: it ends in ">". Return whether that was all."""
        markup = self._markup
        if markup[:1] == b"!":
            return self._declaration(closed)
        if len(markup) > _MAX_TAG:
            raise ProtocolError("a tag in the XML is too long")
        if not closed:
            return False
        if markup[:1] == b"?":  # an instruction or the XML declaration: UTF-8 is taken for granted
            return markup[-2:] == b"?>"
        if _in_quotes(markup):
            return False
        self._tag(bytes(markup)[:-1])
        return True

    def _declaration(self, closed):
        markup = self._markup
        if len(markup) > self._max_text + 12:
            raise ProtocolError("a tag in the XML is too long")
        if markup[:3] == b"!--"[: len(markup)]:
            return closed and len(markup) >= 6 and markup[-3:] == b"-->"
        if markup[:8] != b"![CDATA["[: len(markup)]:
            raise ProtocolError("the XML has a DTD")
        if not closed or len(markup) < 11 or markup[-3:] != b"]]>":
            return False
        self._add_text(bytes(markup)[8:-3].replace(b"&", b"&amp;"))
        return True

    def _tag(self, tag):
        if self._done:
            raise ProtocolError("the XML has two roots")
        if tag[:1] == b"/":
            self._end(_local_name(tag[1:]))
            return
        empty = tag[-1:] == b"/"
        name = _local_name(tag[:-1] if empty else tag)
        if len(self._path) >= _MAX_DEPTH:
            raise ProtocolError("the XML is nested too deep")
        self._path.append(name)
        self._leaf = True
        self._length = 0
        self._escaped = False
        if empty:
            self._end(name)

    def _end(self, name):
        if not self._path or self._path[-1] != name:
            raise ProtocolError("tags in the XML don't match")
        self._on_element("/".join(self._path), self._take_text() if self._leaf else None)
        self._path.pop()
        self._leaf = False
        self._done = not self._path

    def _take_text(self):
        """Return the text as str. Cut, it may end within a reference or a character."""
        data = memoryview(self._text)[: self._length]
        if self._escaped:
            data = _unescape(bytes(data), self._truncate)
        while self._truncate and data and data[-1] >= 128:
            data = data[:-1]
        return _decode(data)


def _in_quotes(markup):
    quote = 0
    for byte in markup:
        if quote:
            if byte == quote:
                quote = 0
        elif byte == 34 or byte == 39:
            quote = byte
    return quote != 0


def _local_name(tag):
    """Return the name that a tag starts with, str, without its prefix."""
    parts = tag.split(None, 1)
    if not parts or tag[:1] in b" \t\r\n":
        raise ProtocolError("a tag in the XML has no name")
    return _decode(parts[0].split(b":")[-1])


def _unescape(data, cut):
    """Return text with its references resolved, bytes; with cut, without a last unfinished one."""
    parts = data.split(b"&")
    for i in range(1, len(parts)):
        end = parts[i].find(b";")
        if end < 0 and cut and i == len(parts) - 1:
            parts[i] = b""
        else:
            parts[i] = _reference(parts[i][: max(end, 0)]) + parts[i][end + 1 :]
    return b"".join(parts)


def _reference(name):
    if name in _ENTITIES:
        return _ENTITIES[name]
    base = 16 if name[:2] == b"#x" else 10
    digits = name[2:] if base == 16 else name[1:]
    code = 0
    if name[:1] == b"#" and 1 <= len(digits) <= 7:
        for byte in digits:
            digit = b"0123456789abcdef".find(bytes((byte | 32,))) if byte >= 48 else -1
            if not 0 <= digit < base:
                code = 0
                break
            code = code * base + digit
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise ProtocolError("unknown reference in the XML")
    return chr(code).encode()


def _decode(data):
    try:
        return str(data, "utf-8")  # of any buffer; decode() would want a copy
    except UnicodeError:
        raise ProtocolError("the XML is not UTF-8")
