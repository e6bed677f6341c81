"""A request as its caller describes it, taken apart and checked before anything is hashed.

Nothing is repaired or truncated: what can't stand in an HTTP/1.1 request as it is raises
RequestError naming the part. What most requests have is dealt with here; the rest of the rules are
in `unusual`, loaded when they are needed. Source: RFC 9110 §5, RFC 9112 §3, RFC 3986.
"""

from .encode import (
    PRINTABLE,
    UNRESERVED,
    UNRESERVED_SLASH,
    as_utf8,
    pairs_of,
    to_bytes,
    uri_encode,
)
from .errors import RequestError

_METHODS = {"GET": b"GET", "PUT": b"PUT", "POST": b"POST", "HEAD": b"HEAD", "DELETE": b"DELETE"}
# Lower case, no port, no brackets; the letters of AWS's host names first, as strip() looks for each
# byte from the left: 110 us for 33 bytes on the RP2040, 220 in the order of English text.
_PLAIN_HOST = b"as.eonmct-u1rwzidbykp3hf2lgqxvj04567890_"
_ANY = ("utf-8", "surrogatepass")  # CPython's encode() refuses nothing then, as MicroPython's
_host = None  # the last host that was found plain: a device asks few. 130 us less on the RP2040
_names = {}  # header names found good: {name: (bytes, lower case)}; 130 us less. Never a value.
_NAMES = 16  # of them at most, then none
_TOKEN = UNRESERVED + b"!#$%&'*+^`|"  # RFC 9110 §5.6.2
_SPECIAL = {
    b"authorization": "is the signer's to add; drop it, or send the request unsigned",
    b"x-amz-date": "is the signer's to add; pass amz_date instead",
    b"host": None,
    b"content-length": None,
    b"transfer-encoding": None,
    b"x-amz-content-sha256": None,
    b"x-amz-security-token": None,
}
"""Headers that mean something to a signer: why they are refused, or None."""


class Request:
    """The parts of one request.

    method, path, query, host_header: bytes, as sent. scheme, host: str. port: int.
    headers: [(name, value, lower-case name)] bytes, as sent, `host` not among them; values trimmed,
    unfolded.
    plain: whether the URL is https, its host a name in lower case, its path free of what has to be
    encoded. special: whether a header of _SPECIAL is, or was, among the headers.
    unsendable: None, or why its target can't stand in a request line.
    """

    # Defaults in the class cost an object nothing. On MicroPython its table is copied at 1, 2, 4,
    # 6, 8, 10, 12, 17 attributes: 4 take 75 us and 96 bytes on the RP2040, 16 take 376 and 592.
    scheme = "https"
    port = 443
    query = b""
    plain = True
    special = False
    unsendable = None
    _host = None

    def __init__(self, method, url, headers=(), query=(), unsendable_ok=False):
        if isinstance(method, str) and method in _METHODS:
            self.method = _METHODS[method]
        else:
            from .unusual import check_method

            self.method = check_method(method)
        # Whether text is valid is asked only of what is not ASCII: 70 us less on the RP2040.
        data = url.encode(*_ANY) if type(url) is str else to_bytes(url, "url")
        start = data.find(b"/", 8)
        host = data[8:start]
        path = data[start:]
        if (
            start > 8
            and data.startswith(b"https://")
            and not path.strip(UNRESERVED_SLASH)
            and (host == _host or self._takes(host))
        ):
            self.host_header = host
            self.path = path
        else:
            from .unusual import take_url

            take_url(self, to_bytes(url, "url"), unsendable_ok)
        if query != ():
            for name, value in pairs_of(query, "query"):
                self._add_parameter(uri_encode(to_bytes(name, "query")), value)
        self.headers = []
        self._take_headers(headers)

    def _takes(self, host):
        """Take a plain host, with or without a port; return whether it is one.

        Servers of one's own have ports: all that is unusual would be loaded for them.
        """
        global _host
        if not host.strip(_PLAIN_HOST):
            _host = host
            return True
        name, _, port = host.partition(b":")
        if not name or name.strip(_PLAIN_HOST) or not port.isdigit() or len(port) > 5:
            return False
        port = int(port)
        if port == 443 or not 0 < port < 65536:
            return False
        self._host = name
        self.port = port
        return True

    @property
    def host(self):
        """The host to connect to, str: no port, no brackets."""
        return (self._host or self.host_header).decode()

    def _add_parameter(self, name, value):
        pair = name + b"=" + uri_encode(to_bytes(value, "query"))
        self.query = self.query + b"&" + pair if self.query else pair

    def _take_headers(self, headers):
        host = None
        for name, value in pairs_of(headers, "headers"):
            header = _checked(name, value)
            lower = header[2]
            if lower in _SPECIAL:
                self.special = True
                if _SPECIAL[lower]:
                    raise RequestError(lower.decode(), _SPECIAL[lower])
                if lower == b"host":
                    if host is not None:
                        raise RequestError("host", "is given twice; a server may heed either")
                    host = header[1]
                    continue
            self.headers.append(header)
        if self.special:
            self._check_special(host)

    def _check_special(self, host):
        framings = (self.header(b"content-length"), self.header(b"transfer-encoding"))
        if None not in framings:  # RFC 9112 §6.1
            raise RequestError("transfer-encoding", "can't stand beside content-length")
        if host is not None:  # the caller's word, as a tunnel or a test needs it
            from .unusual import check_host

            check_host(host)
            if self._host is None:
                self._host = self.host_header
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


def check_header(name, value):
    """Return a header as (name, value) bytes, as they are sent.

    The value is trimmed, and line folding undone as RFC 9112 §5.2 wants it; its UTF-8 stays.
    Raises: RequestError naming the header for anything that could start another one.
    """
    return _checked(name, value)[:2]


def _checked(name, value):
    """Return a header as (name, value, lower-case name)."""
    name, lower = type(name) is str and _names.get(name) or _checked_name(name)
    if type(value) is str:
        data = value.encode(*_ANY)
    else:
        data = value if isinstance(value, bytes) else as_utf8(value)
    if data is None or data.strip(PRINTABLE):
        from .unusual import check_value

        data = check_value(value, lower.decode())
    elif data and (data[0] == 0x20 or data[-1] == 0x20):  # strip() takes 80 us to find nothing
        data = data.strip()
    return name, data, lower


def _checked_name(name):
    """Return a header's name as (bytes, lower case), and remember it."""
    data = to_bytes(name, "headers")
    lower = data.lower()
    if lower.strip(_TOKEN):
        raise RequestError("headers", "has a name with a byte that no header name has")
    if not data:
        raise RequestError("headers", "has an empty name")
    if name is not data:
        if len(_names) >= _NAMES:
            _names.clear()
        _names[name] = (data, lower)
    return data, lower
