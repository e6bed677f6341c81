"""A loopback proxy that makes one mistake with each request, as proxies and clients do.

    with MistakeProxy(server.http_url) as proxy:   # clients sign for proxy.url
        proxy.script(Mistake("host-port"))         # what happens to the next request
        ...                                        # a client PUTs through proxy.url

One request a connection. MISTAKES names them all; each is a function of a Passing, which it changes
in place. host_tests/test_explain_mistakes.py has what `explain` makes of each.
"""

from urllib.parse import quote, unquote

from tools.servers._request_meter import RequestMeter
from tools.servers.fault_proxy import FaultProxy

MISTAKES = {}


class Passing:
    """A request on its way. method, target: str. headers: [[name, value]], str. body: bytearray."""

    def __init__(self, data):
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ")
        self.headers = [line.split(": ", 1) for line in lines[1:]]
        self.body = bytearray(body)

    def get(self, name):
        """Return a header's value, or None."""
        for found, value in self.headers:
            if found.lower() == name:
                return value
        return None

    def put(self, name, value):
        """Set a header, or drop it with None."""
        self.headers = [pair for pair in self.headers if pair[0].lower() != name]
        if value is not None:
            self.headers.append([name, value])

    def replace(self, name, old, new):
        """Change a part of a header's value."""
        value = self.get(name)
        if old not in value:
            raise ValueError("%s: no %r in it" % (name, old))
        self.put(name, value.replace(old, new, 1))

    def data(self):
        """Return the request as it goes on, bytes; its Content-Length is that of the body."""
        if self.body or self.get("content-length") is not None:
            self.put("content-length", str(len(self.body)))
        self.put("connection", "close")
        lines = ["%s %s HTTP/1.1" % (self.method, self.target)]
        lines += ["%s: %s" % tuple(pair) for pair in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + bytes(self.body)


class Mistake:
    """A plan for one connection: one request with this mistake, and its answer as it came.

    The connection's `passed` is then what the server was sent, bytes.
    """

    def __init__(self, name):
        self.name = name
        self._make = MISTAKES[name]

    def serve(self, connection):
        """Hear a request, change it, pass it on, bring back the answer."""
        meter, client = RequestMeter(), connection.client
        while not meter.complete:
            data = client.recv(65536)
            if not data:
                raise ConnectionError("the client closed amid its request")
            meter.feed(data)
            connection.heard += data
        passing = Passing(connection.heard)
        self._make(passing)
        connection.fired = True
        with connection.upstream() as server:
            data = connection.passed = passing.data()
            server.sendall(data)
            connection.note(data)
            data = _heard(server)
            while data:
                client.sendall(data)
                connection.received += len(data)
                data = _heard(server)


def _heard(server):
    """Return the next bytes; b"" at the end, also of a server that read no body and hung up."""
    try:
        return server.recv(65536)
    except ConnectionResetError:
        return b""


class MistakeProxy(FaultProxy):
    """A FaultProxy whose script is of Mistakes."""


def mistake(name):
    """Register a function of a Passing under a name."""

    def register(function):
        MISTAKES[name] = function
        return function

    return register


@mistake("none")
def _none(request):
    pass


@mistake("host-port")
def _host_port(request):
    request.put("host", request.get("host").split(":")[0])


@mistake("host")
def _host(request):
    request.put("host", "backend.internal:8080")


@mistake("header-changed")
def _header_changed(request):
    request.replace("x-amz-meta-colour", "dark blue", "light blue")


@mistake("content-type")
def _content_type(request):
    request.put("content-type", request.get("content-type") + "; charset=utf-8")


@mistake("header-joined")
def _header_joined(request):
    request.headers.append(["x-amz-meta-colour", "red"])


@mistake("header-dropped")
def _header_dropped(request):
    request.put("x-amz-meta-colour", None)


@mistake("header-added")
def _header_added(request):
    request.put("x-amz-meta-proxied-by", "edge-7")


@mistake("hash-header-dropped")
def _hash_header_dropped(request):
    request.put("x-amz-content-sha256", None)


@mistake("hash-header-changed")
def _hash_header_changed(request):
    request.put("x-amz-content-sha256", "UNSIGNED-PAYLOAD")


@mistake("date-changed")
def _date_changed(request):
    date = request.get("x-amz-date")
    request.put("x-amz-date", date[:13] + ("00Z" if date[13:15] != "00" else "01Z"))


@mistake("method")
def _method(request):
    request.method = "POST" if request.method == "PUT" else "PUT"


@mistake("path-prefix-off")
def _path_prefix_off(request):
    request.target = request.target[request.target.index("/", 1) :]


@mistake("path-prefix-on")
def _path_prefix_on(request):
    request.target = "/storage" + request.target


@mistake("path-encoded-again")
def _path_encoded_again(request):
    path, mark, query = request.target.partition("?")
    request.target = quote(path, safe="/-_.~") + mark + query


@mistake("path-decoded")
def _path_decoded(request):
    path, mark, query = request.target.partition("?")
    request.target = quote(unquote(unquote(path)), safe="/-_.~") + mark + query


@mistake("path-slashes")
def _path_slashes(request):
    request.target = request.target.replace("//", "/")


@mistake("query-added")
def _query_added(request):
    request.target += ("&" if "?" in request.target else "?") + "utm_source=mail"


@mistake("query-dropped")
def _query_dropped(request):
    request.target = request.target.replace("prefix=a%20b&", "")


@mistake("query-plus")
def _query_plus(request):
    request.target = request.target.replace("a%2Bb", "a+b")


@mistake("query-encoded-again")
def _query_encoded_again(request):
    request.target = request.target.replace("a%20b", "a%2520b")


@mistake("expires-changed")
def _expires_changed(request):
    request.target = request.target.replace("X-Amz-Expires=600", "X-Amz-Expires=6000")


@mistake("signature-changed")
def _signature_changed(request):
    value = request.get("authorization")
    request.put("authorization", value[:-4] + ("0000" if value[-4:] != "0000" else "1111"))


@mistake("signed-headers-changed")
def _signed_headers_changed(request):
    request.replace("authorization", ";x-amz-meta-colour", "")
    request.put("x-amz-meta-colour", None)


@mistake("authorization-dropped")
def _authorization_dropped(request):
    request.put("authorization", None)


@mistake("authorization-cut")
def _authorization_cut(request):
    request.put("authorization", request.get("authorization").split(", Signature=")[0])


@mistake("authorization-holed")
def _authorization_holed(request):
    first, _, last = request.get("authorization").split(", ")
    request.put("authorization", first + ", " + last)


@mistake("token-dropped")
def _token_dropped(request):
    request.put("x-amz-security-token", None)


@mistake("token-cut")
def _token_cut(request):
    request.put("x-amz-security-token", request.get("x-amz-security-token")[:-3])


@mistake("body-changed")
def _body_changed(request):
    request.body[0] ^= 1


@mistake("body-cut")
def _body_cut(request):
    del request.body[-3:]


@mistake("chunk-changed")
def _chunk_changed(request):
    request.body[request.body.index(b"\r\n") + 10] ^= 1


@mistake("trailer-changed")
def _trailer_changed(request):
    at = request.body.rindex(b"x-amz-checksum-crc32:") + len(b"x-amz-checksum-crc32:")
    request.body[at : at + 8] = b"AAAAAA=="


@mistake("chunk-framing-off")
def _chunk_framing_off(request):
    """Take the chunks apart, as a proxy that buffers bodies might."""
    out, at = bytearray(), 0
    while True:
        end = request.body.index(b"\r\n", at)
        size = int(request.body[at:end].split(b";")[0], 16)
        if not size:
            break
        out += request.body[end + 2 : end + 2 + size]
        at = end + 2 + size + 2
    request.body = out
