"""How one record is written into a request: a template in which marks stand for what changes.

    {"Data":"<base64>","PartitionKey":"<stream>"}

<base64>, <text>, <json>, <bytes>, <form>: the record's bytes; as base64, as the inside of a JSON
string, as JSON that is checked, as they are, percent-encoded. <id>, <stream>, <n>: the record's id,
the number of its stream, its number within the batch. <ms>, <seconds>: its time, Unix.
"""

import json

from ..errors import RequestError
from ..net.steps import const

_MARKS = ("base64", "text", "json", "bytes", "form", "id", "stream", "n", "ms", "seconds")
_BASE64 = const(0)
_TEXT = const(1)
_JSON = const(2)
_BYTES = const(3)
_FORM = const(4)
_ID = const(5)
_STREAM = const(6)
_N = const(7)
_MS = const(8)


def quoted(text):
    """Return text as the inside of a JSON string, str; what looks like a mark is none."""
    return marked(text).replace("<", "\\u003c")


def marked(text):
    """Return text as the inside of a JSON string, str, its marks untouched."""
    return json.dumps(text)[1:-1]


class Entry:
    """A template, taken apart once."""

    def __init__(self, template):
        """template: str. Raises: RequestError for a mark that there is not."""
        self._pieces = []
        first = True
        for part in template.split("<"):
            if not first:
                mark, closed, part = part.partition(">")
                if not closed or mark not in _MARKS:
                    raise RequestError("entry", "<%s> is no mark; see services/entry.py" % mark[:9])
                self._pieces.append(_MARKS.index(mark))
            first = False
            if part:
                self._pieces.append(part.encode())

    def write(self, buffer, payload, record_id, stream, time_s, number):
        """Write one record into a JsonBuffer. payload: any buffer. record_id: str or bytes.

        stream, number: int. time_s: int, Unix seconds. Raises: Full; RequestError (record) for a
        payload that is not what the template wants.
        """
        for piece in self._pieces:
            if isinstance(piece, bytes):
                buffer.raw(piece)
            elif piece == _BASE64:
                buffer.base64(payload)
            elif piece == _TEXT:
                buffer.text(payload, "record")
            elif piece == _JSON:
                _check_json(payload)
                buffer.raw(payload)
            elif piece == _BYTES:
                buffer.raw(payload)
            elif piece == _FORM:
                _write_form(buffer, payload)
            elif piece == _ID:
                buffer.text(record_id, "record_id")
            elif piece == _STREAM:
                buffer.raw(b"%d" % stream)
            elif piece == _N:
                buffer.raw(b"%d" % number)
            else:
                buffer.raw(b"%d" % time_s)
                if piece == _MS:
                    buffer.raw(b"000")


def _check_json(payload):
    """Text that is no JSON would break the whole batch, or leave its place in it."""
    try:
        json.loads(bytes(payload))
        return
    except (ValueError, RuntimeError):  # RuntimeError: nested too deep for CPython
        pass
    raise RequestError("record", "is not JSON")


def _write_form(buffer, payload):
    from .form import check_text, write_encoded

    check_text(payload)
    write_encoded(buffer, payload)
