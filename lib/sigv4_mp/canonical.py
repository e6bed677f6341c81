"""The canonical form of a request's parts: path, query, headers.

Source: AWS SigV4 guide, "Create a canonical request"; where it is silent, AWS's published suite and
awscrt. Everything is bytes; nothing here is changed in place.
"""

from .encode import unescape_at, uri_encode, uri_recode
from .errors import RequestError

# Rewritten, added or dropped by proxies and HTTP clients on the way: signing them breaks requests.
# botocore's list (1.44.5), plus what proxies are known to change or add.
HOP_HEADERS = {
    b"accept-encoding",
    b"baggage",
    b"connection",
    b"expect",
    b"forwarded",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"traceparent",
    b"tracestate",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    b"user-agent",
    b"via",
    b"x-amzn-trace-id",
}


def canonical_uri(path, normalize_path, double_encode):
    """Return the canonical URI of a path in wire form, as bytes.

    path: bytes, as it stands in the request line; empty means `/`.
    normalize_path: drop `.`, `..` and empty segments first (all services but S3).
    double_encode: encode each byte of the wire form, its `%` too (all services but S3); else the
    form that S3 computes: each %XY decoded, then everything encoded once.
    Raises: RequestError for a stray `%` where it would have to be decoded.
    """
    if normalize_path:
        path = _normalize(path)
    if double_encode:
        return uri_encode(path or b"/", True)
    _check_escapes(path)
    return uri_recode(path or b"/", True)


def _normalize(path):
    kept = []
    for segment in path.split(b"/"):
        if segment == b"..":
            if kept:
                kept.pop()
        elif segment and segment != b".":
            kept.append(segment)
    slash = b"/" if kept and path.endswith(b"/") else b""
    return b"/" + b"/".join(kept) + slash


def _check_escapes(data):
    at = data.find(b"%")
    while at >= 0:
        if unescape_at(data, at) < 0:
            raise RequestError("url", "has a % without two hex digits; write a literal % as %25")
        at = data.find(b"%", at + 1)


def query_pairs(query):
    """Return [(name, value)] of a query in wire form, each canonically encoded, in its order.

    `a` is ("a", ""); empty pieces between `&` are dropped; `+` is a plus, not a space.
    Raises: RequestError for a stray `%`.
    """
    pairs = []
    if query:
        _check_escapes(query)
        for piece in query.split(b"&"):
            if piece:
                cut = piece.find(b"=")
                name, value = (piece, b"") if cut < 0 else (piece[:cut], piece[cut + 1 :])
                pairs.append((uri_recode(name), uri_recode(value)))
    return pairs


def canonical_query_string(pairs):
    """Return encoded pairs as one line, sorted by name, then value: *not* by `name=value`."""
    # "=" sorts after "-" and the digits, so joined pairs would come out in another order.
    return b"&".join([name + b"=" + value for name, value in sorted(pairs)])


def canonical_header_value(value):
    """Return value trimmed, each run of white space in it one space (quotes protect nothing)."""
    if b"  " in value or b"\t" in value:
        return b" ".join(value.split())
    if value and (value[0] <= 0x20 or value[-1] <= 0x20):  # strip() takes 80 us to find nothing
        return value.strip()
    return value


def is_signed(name, sign_headers, sign_only=None):
    """Return whether a header (lower-case name) is signed: not a hop's, or asked for by name.

    sign_headers: names to sign in any case. sign_only: None, or what is signed besides x-amz-*.
    """
    if name.startswith(b"x-amz-") or name in sign_headers:
        return True
    if sign_only is not None and name not in sign_only:
        return False
    # MicroPython's startswith() takes no tuple.
    if name.startswith(b"x-forwarded-") or name.startswith(b"sec-websocket-"):  # noqa: PIE810
        return False
    return name not in HOP_HEADERS


def canonical_headers(pairs):
    """Return [(name, value)] sorted by name; values of one name joined with `,` in their order.

    pairs: list of (lower-case name, value) as sent, only those to be signed.
    """
    return merged([(name, canonical_header_value(value)) for name, value in pairs])


def merged(pairs):
    """Return [(lower-case name, canonical value)] sorted; values of one name joined in their order.

    pairs: list.
    """
    kept = sorted(pairs)
    last = None
    for name, _ in kept:
        if name == last:
            return _joined(pairs)
        last = name
    return kept


def _joined(pairs):
    values = {}
    for name, value in pairs:
        values[name] = values[name] + b"," + value if name in values else value
    return sorted(values.items())
