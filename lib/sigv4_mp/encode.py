"""Percent-encoding as SigV4 wants it, and the checks on text at the signer's edge.

Source: AWS SigV4 guide, "Create a canonical request", UriEncode(): every byte but the unreserved
characters of RFC 3986 §2.3 becomes %XY, upper-case.
"""

from .errors import RequestError

# Sets of bytes, the frequent ones first: only() looks for each byte from the left.
UNRESERVED = b"etaoinsrlhdcumpfgwybvkxjqz-.0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZ~"
UNRESERVED_SLASH = b"/" + UNRESERVED
VISIBLE = UNRESERVED_SLASH + b"%&=:?+@,;!$'()*[]\"<>{}|\\^`"
"""Every byte from 0x21 to 0x7E but `#`: what a request line can carry."""
PRINTABLE = b" " + VISIBLE + b"#"
"""Every byte from 0x20 to 0x7E."""
_SEQUENCES = (tuple, list)
_HEX = b"0123456789ABCDEF"


def to_bytes(value, field):
    """Return value (str as UTF-8, or bytes) as bytes. Raises: RequestError naming field."""
    if isinstance(value, bytes):
        return value
    data = as_utf8(value)
    if data is None:
        if not isinstance(value, str):
            raise RequestError(field, "must be str or bytes, not " + type(value).__name__)
        raise RequestError(field, "is not valid Unicode; mend the text")
    return data


def as_utf8(value):
    """Return a str as UTF-8; None for anything that is no str, or not valid Unicode."""
    # A frame of more than 11 words is put on MicroPython's heap: 40 us more a call on the RP2040.
    # Hence two small functions. And to_bytes() raises, as a UnicodeError holds the whole text,
    # which may be a secret.
    if not isinstance(value, str):
        return None
    try:
        data = value.encode()
    except UnicodeError:
        return None
    return None if len(data) != len(value) and _has_surrogate(data) else data


def _has_surrogate(data):
    """Half a surrogate pair: MicroPython's str encodes it, CPython's refuses to."""
    at = data.find(b"\xed")
    while at >= 0:
        if data[at + 1] >= 0xA0:
            return True
        at = data.find(b"\xed", at + 1)
    return False


def lower_names(names, field):
    """Return header names, an iterable of str or bytes, as a list of bytes in lower case."""
    if isinstance(names, (str, bytes)):
        raise RequestError(field, "must be a list of header names")
    return [to_bytes(name, field).lower() for name in names]


def only(data, allowed):
    """Return whether bytes hold nothing but bytes of `allowed`.

    It is one call of a function in C: ten times faster than a loop over 60 bytes (unix32).
    """
    return not data.strip(allowed)


def pairs_of(pairs, field):
    """Return a dict or an iterable of pairs as a sequence of (name, value).

    Raises: RequestError naming field.
    """
    if not isinstance(pairs, _SEQUENCES):
        pairs = list(pairs.items() if hasattr(pairs, "items") else pairs)
    for pair in pairs:
        if not isinstance(pair, _SEQUENCES) or len(pair) != 2:
            raise RequestError(field, "must be a dict or (name, value) pairs")
    return pairs


def uri_encode(data, safe_slash=False):
    """Return UriEncode(data) as bytes.

    data: str (taken as UTF-8) or bytes, *not* encoded yet. safe_slash: keep `/`, as in an S3 key.
    Cost: no allocation but the result; none at all where nothing needs encoding.
    """
    data = to_bytes(data, "data")
    safe = UNRESERVED_SLASH if safe_slash else UNRESERVED
    if only(data, safe):
        return data
    extra = 0
    for byte in data:
        if byte not in safe:
            extra += 2
    out = bytearray(len(data) + extra)
    at = 0
    for byte in data:
        at = _put(out, at, byte, safe)
    return bytes(out)


def uri_recode(data, safe_slash=False):
    """Return the canonical form of data, which is percent-encoded already, as bytes.

    Each %XY is taken for its byte, in either case of XY; each other byte for itself; then each is
    encoded once. A `%` that starts no %XY stands for itself. `%2F` stays apart from `/`.
    Cost: no allocation but the result; none at all for data that is canonical already.
    """
    if b"%" not in data:
        return uri_encode(data, safe_slash)
    safe = UNRESERVED_SLASH if safe_slash else UNRESERVED
    size = _recoded_size(data, safe)
    if size < 0:
        return data
    out = bytearray(size)
    at = 0
    end = 0
    while at < len(data):
        byte = unescape_at(data, at)
        if byte < 0:
            end = _put(out, end, data[at], safe)
            at += 1
        else:
            end = _put(out, end, byte, UNRESERVED)
            at += 3
    return bytes(out)


def _recoded_size(data, safe):
    """Return the length of data's canonical form, or -1 if it is in that form."""
    size = 0
    at = 0
    same = True
    while at < len(data):
        byte = unescape_at(data, at)
        if byte < 0:
            width, needs = 1, 1 if data[at] in safe else 3
        else:
            width, needs = 3, 1 if byte in UNRESERVED else 3
            same = same and data[at + 1] < 0x61 and data[at + 2] < 0x61  # upper-case digits
        same = same and width == needs
        size += needs
        at += width
    return -1 if same else size


def unescape_at(data, at):
    """Return the byte (0..255) that %XY at data[at] stands for, or -1 if there is none."""
    if data[at] != 0x25 or at + 2 >= len(data):
        return -1
    high = _digit(data[at + 1])
    low = _digit(data[at + 2])
    return -1 if high < 0 or low < 0 else high * 16 + low


def _digit(byte):
    if 0x61 <= byte <= 0x66:  # a..f
        byte -= 0x20
    return _HEX.find(bytes((byte,)))


def _put(out, at, byte, safe):
    if byte in safe:
        out[at] = byte
        return at + 1
    out[at] = 0x25
    out[at + 1] = _HEX[byte >> 4]
    out[at + 2] = _HEX[byte & 15]
    return at + 3
