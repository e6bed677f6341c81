"""Parts of an object: how they are asked for, and whether the answer is that part.

Source: RFC 9110 §14.1.2, §14.4. Loaded when a range is asked for.
"""

from ..errors import RequestError


def range_header(start, length):
    """Return the Range header, a pair, of length bytes from start on; length None: all the rest."""
    for field, value, least in (("range_start", start, 0), ("range_length", length, 1)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise RequestError(field, "must be an int")
        if value is not None and value < least:
            raise RequestError(field, "must be %d or more" % least)
    return ("range", "bytes=%d-%s" % (start, "" if length is None else start + length - 1))


def parse_content_range(response, start):
    """Return (end, total) of the 206 that answers a range from start on: ints, end exclusive.

    Content-Range = "bytes" SP first "-" last "/" complete-length, RFC 9110 §14.4. Returns None
    unless the answer is a 206 of just that range, as long as it says.
    """
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, total = rest.partition("/")
    first, _, last = span.partition("-")
    for number in (first, last, total):
        if not number.encode().isdigit() or len(number) > 15:
            return None
    end = int(last) + 1
    if response.status != 206 or unit != "bytes" or int(first) != start:
        return None
    if not start < end <= int(total) or response.length not in (None, end - start):
        return None
    return end, int(total)
