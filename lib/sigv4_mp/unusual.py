"""The rules for what fewer requests have: URLs with a port, a query, an IPv6 address, a byte to be
encoded; header values that are folded or not ASCII. `request` loads it when it meets one.

Source: RFC 9110 §5, RFC 9112 §3, RFC 3986.
"""

from .encode import UNRESERVED, VISIBLE, only, to_bytes
from .errors import RequestError

_PORTS = {b"https": 443, b"http": 80, b"wss": 443, b"ws": 80}
_METHOD = b"ETGPUSDLOAHCBFIJKMNQRVWXYZ-_"
_HOST = UNRESERVED[:-1] + b":[]"  # without the ~


def check_method(method):
    """Return method (str or bytes) as bytes. Raises: RequestError."""
    method = to_bytes(method, "method")
    if not method or not only(method, _METHOD):
        raise RequestError("method", "must be upper-case letters: GET, PUT, POST, ...")
    return method


def take_url(request, url, unsendable_ok):
    """Set the parts of a Request that its URL, bytes, gives. Raises: RequestError."""
    request.plain = False
    why = _why_unsendable(url)
    if why:
        if not unsendable_ok:
            raise RequestError("url", why)
        request.unsendable = why
    scheme, authority, request.path, request.query = _split_url(url)
    request._host, request.port, request.host_header = _split_authority(scheme, authority)
    request.scheme = scheme.decode()


def _why_unsendable(url):
    if only(url, VISIBLE):
        return None
    for byte in url:
        if byte <= 0x20 or byte >= 0x7F:
            return "holds a space, a control byte or non-ASCII; write it as %%%02X" % byte
        if byte == 0x23:
            return "holds a '#', which starts a fragment; write it as %23"
    return None


def _split_url(url):
    start = url.find(b"://")
    scheme = url[:start].lower() if start > 0 else b""
    if scheme not in _PORTS:
        raise RequestError("url", "must start with https:// (or http://, wss://, ws://)")
    start += 3
    end = url.find(b"?", start)
    query = b""
    if end >= 0:
        query = url[end + 1 :]
    else:
        end = len(url)
    slash = url.find(b"/", start, end)
    if slash < 0:
        slash = end
    return scheme, url[start:slash], url[slash:end], query


def _split_authority(scheme, authority):
    """Return (host, port, Host header). The header has the port only if it is not the default."""
    if b"@" in authority:
        raise RequestError("url", "holds a user name; credentials go to the Signer")
    authority = authority.lower()
    check_host(authority)
    end = authority.find(b"]") + 1  # an IPv6 address has colons of its own
    cut = authority.find(b":", end)
    host = authority if cut < 0 else authority[:cut]
    port = _PORTS[scheme]
    if cut >= 0:
        digits = authority[cut + 1 :]
        if not digits.isdigit() or len(digits) > 5 or not 0 < int(digits) < 65536:
            raise RequestError("url", "has a port that is not 1..65535")
        port = int(digits)
    if not host:
        raise RequestError("url", "has no host")
    if port == _PORTS[scheme]:
        authority = host
    return host[1:-1] if end else host, port, authority


def check_host(host):
    """Raise RequestError unless host, bytes, can stand in a Host header."""
    if b"[" in host or b"]" in host:  # an IPv6 address: brackets round it, a port at most behind it
        end = host.find(b"]")
        rest = host[end + 1 :]
        if host.rfind(b"[") != 0 or end < 3 or b"]" in rest or rest and rest[0] != 0x3A:
            raise RequestError("host", "has brackets that are not round an IPv6 address")
    if not only(host, _HOST):
        raise RequestError("host", "holds a byte that no host name has")
    if not host:
        raise RequestError("host", "is empty; name the server")


def check_value(value, field):
    """Return a header's value that is not printable ASCII, unfolded and trimmed, as bytes.

    field: str, its name in lower case. Raises: RequestError.
    """
    value = to_bytes(value, field)
    if b"\n" in value:
        value = _unfold(value, field)
    for byte in value:
        if byte < 0x20 and byte != 0x09 or byte == 0x7F:
            raise RequestError(field, "holds a control byte or a line end")
    try:
        value.decode()
    except UnicodeError:
        raise RequestError(field, "is not UTF-8")
    return value.strip()


def _unfold(value, field):
    lines = value.replace(b"\r\n", b"\n").split(b"\n")
    for line in lines[1:]:
        if not line or line[0] not in b" \t":
            raise RequestError(field, "holds a line end; it would start another header")
    return b" ".join([line.strip() for line in lines])
