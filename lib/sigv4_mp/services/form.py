"""Bodies of the query protocol: a form, percent-encoded.

Source: AWS query protocol, "Serialization of input shapes": lists as name.member.N, maps as
name.entry.N.key and .value.
"""

from ..encode import to_bytes, uri_encode
from ..errors import RequestError

_PIECE = 64  # bytes that are encoded at a time: little garbage


def write_form(buffer, action, version, parameters):
    """Write an action and its parameters (dict) into a JsonBuffer.

    Values: str, bool, int, bytes-like (as base64), list of values, dict (a structure); a map is
    given as {"entry": [{"key": ..., "value": ...}]}. Raises: Full; RequestError.
    """
    buffer.raw(b"Action=" + uri_encode(action) + b"&Version=" + uri_encode(version))
    for name in parameters:
        _write(buffer, name, parameters[name])


def _write(buffer, name, value):
    if isinstance(value, dict):
        for inner in value:
            if inner == "entry" and isinstance(value[inner], (list, tuple)):
                _list(buffer, name + ".entry.", value[inner])  # a map's: without "member"
            else:
                _write(buffer, name + "." + inner, value[inner])
    elif isinstance(value, (list, tuple)):
        _list(buffer, name + ".member.", value)
    else:
        buffer.raw(b"&" + uri_encode(name) + b"=")
        write_encoded(buffer, _text(value))


def _list(buffer, start, values):
    for number, value in enumerate(values):
        _write(buffer, start + str(number + 1), value)


def _text(value):
    if value is True or value is False:
        return b"true" if value else b"false"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, (bytes, bytearray, memoryview)):
        from binascii import b2a_base64

        return b2a_base64(value, newline=False)
    return to_bytes(value, "parameters")


def write_encoded(buffer, data):
    """Write bytes-like data into a JsonBuffer, percent-encoded. Raises: Full."""
    view = memoryview(data)
    for at in range(0, len(view), _PIECE):
        buffer.raw(uri_encode(bytes(view[at : at + _PIECE])))


def check_text(data):
    """Raise RequestError (record) unless data is UTF-8: percent-encoding would hide it."""
    try:
        str(data, "utf-8")
        return
    except UnicodeError:
        pass
    raise RequestError("record", "is not UTF-8")
