"""A request as its caller describes it, taken apart and checked before anything is hashed.

Nothing is repaired or truncated: what can't stand in an HTTP/1.1 request as it is raises
RequestError naming the part. Source: RFC 9110 §5, RFC 9112 §3, RFC 3986.
"""

from .encode import PRINTABLE, UNRESERVED, VISIBLE, only, pairs_of, to_bytes, uri_encode
from .errors import RequestError

_PORTS = {b"https": 443, b"http": 80, b"wss": 443, b"ws": 80}
_METHOD = b"ETGPUSDLOAHCBFIJKMNQRVWXYZ-_"
_HOST = UNRESERVED[:-1] + b":[]"  # without the ~
_TOKEN = UNRESERVED + b"!#$%&'*+^`|"  # RFC 9110 §5.6.2
_REFUSED = {
    b"authorization": "is the signer's to add; drop it, or send the request unsigned",
    b"x-amz-date": "is the signer's to add; pass amz_date instead",
}


class Request:
    """The parts of one request.

    method, path, query, host_header: bytes, as sent. scheme, host: str. port: int.
    headers: [(name, value, lower-case name)] bytes, as sent, `host` not among them; values trimmed,
    unfolded.
    unsendable: None, or why its target can't stand in a request line.
    """

    def __init__(self, method, url, headers=(), query=(), unsendable_ok=False):
        self.method = _check_method(method)
        url = to_bytes(url, "url")
        self.unsendable = _why_unsendable(url)
        if self.unsendable and not unsendable_ok:
            raise RequestError("url", self.unsendable)
        scheme, authority, self.path, self.query = _split_url(url)
        host, self.port, self.host_header = _split_authority(scheme, authority)
        self.scheme = scheme.decode()
        self.host = host.decode()
        for name, value in pairs_of(query, "query"):
            self._add_parameter(uri_encode(to_bytes(name, "query")), value)
        self.headers = []
        self._take_headers(headers)

    def _add_parameter(self, name, value):
        pair = name + b"=" + uri_encode(to_bytes(value, "query"))
        self.query = self.query + b"&" + pair if self.query else pair

    def _take_headers(self, headers):
        host = None
        for name, value in pairs_of(headers, "headers"):
            name, value = check_header(name, value)
            lower = name.lower()
            if lower in _REFUSED:
                raise RequestError(lower.decode(), _REFUSED[lower])
            if lower == b"host":
                if host is not None:
                    raise RequestError("host", "is given twice; a server may heed either")
                host = value
                _check_host(value)
            else:
                self.headers.append((name, value, lower))
        framings = (self.header(b"content-length"), self.header(b"transfer-encoding"))
        if None not in framings:  # RFC 9112 §6.1
            raise RequestError("transfer-encoding", "can't stand beside content-length")
        if host is not None:  # the caller's word, as a tunnel or a test needs it
            self.host_header = host

    def header(self, lower):
        """Return the value of the header of that lower-case name, or None. Raises if repeated."""
        found = None
        for _, value, name in self.headers:
            if name == lower:
                if found is not None:
                    raise RequestError(lower.decode(), "is given twice")
                found = value
        return found

    def drop_header(self, lower):
        """Take the header of that lower-case name off the request."""
        self.headers = [header for header in self.headers if header[2] != lower]

    def target(self):
        """Return path and query in wire form, as bytes."""
        path = self.path or b"/"
        return path + b"?" + self.query if self.query else path


def _check_method(method):
    method = to_bytes(method, "method")
    if not method or not only(method, _METHOD):
        raise RequestError("method", "must be upper-case letters: GET, PUT, POST, ...")
    return method


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
    _check_host(authority)
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


def _check_host(host):
    if b"[" in host or b"]" in host:  # an IPv6 address: brackets round it, a port at most behind it
        end = host.find(b"]")
        rest = host[end + 1 :]
        if host.rfind(b"[") != 0 or end < 3 or b"]" in rest or rest and rest[0] != 0x3A:
            raise RequestError("host", "has brackets that are not round an IPv6 address")
    if not only(host, _HOST):
        raise RequestError("host", "holds a byte that no host name has")
    if not host:
        raise RequestError("host", "is empty; name the server")


def check_header(name, value):
    """Return a header as (name, value) bytes, as they are sent.

    The value is trimmed, and line folding undone as RFC 9112 §5.2 wants it; its UTF-8 stays.
    Raises: RequestError naming the header for anything that could start another one.
    """
    name = to_bytes(name, "headers")
    if not only(name, _TOKEN):
        raise RequestError("headers", "has a name with a byte that no header name has")
    if not name:
        raise RequestError("headers", "has an empty name")
    try:
        data = value.encode() if isinstance(value, str) else value
    except UnicodeError:
        data = None
    if isinstance(data, bytes) and only(data, PRINTABLE):  # nearly always
        return name, data.strip()
    field = name.lower().decode()
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
    return name, value.strip()


def _unfold(value, field):
    lines = value.replace(b"\r\n", b"\n").split(b"\n")
    for line in lines[1:]:
        if not line or line[0] not in b" \t":
            raise RequestError(field, "holds a line end; it would start another header")
    return b" ".join([line.strip() for line in lines])
