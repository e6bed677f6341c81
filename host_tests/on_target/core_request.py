"""Floor 0: a request taken apart and checked."""

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp.errors import RequestError
from sigv4_mp.payload import check_length, check_payload_hash
from sigv4_mp.request import Request, check_header

HOSTS = (
    ("https://h.com/", "h.com", 443, b"h.com"),
    ("https://h.com", "h.com", 443, b"h.com"),
    ("HTTPS://H.Com/", "h.com", 443, b"h.com"),
    ("https://h.com:443/", "h.com", 443, b"h.com"),
    ("https://h.com:80/", "h.com", 80, b"h.com:80"),
    ("http://h.com:80/", "h.com", 80, b"h.com"),
    ("http://h.com:443/", "h.com", 443, b"h.com:443"),
    ("http://127.0.0.1:8080/", "127.0.0.1", 8080, b"127.0.0.1:8080"),
    ("https://h:65535/", "h", 65535, b"h:65535"),
    ("https://[::1]/", "::1", 443, b"[::1]"),
    ("https://[2001:DB8::1]:8443/", "2001:db8::1", 8443, b"[2001:db8::1]:8443"),
    ("http://[::1]:80/", "::1", 80, b"[::1]"),
    ("wss://h/mqtt", "h", 443, b"h"),
    ("wss://h:443/mqtt", "h", 443, b"h"),
    ("ws://h:8080/", "h", 8080, b"h:8080"),
    ("https://h?a=/b://c", "h", 443, b"h"),
)
BAD_HOSTS = (
    "[]",
    "a]",
    "a]b",
    "[::1]x",
    "x[::1]:80",
    "[[::1]]",
    "[a",
    "[::1",
    "::1",
    "[::1]:",
    "[::1]:0",
)


def hosts():
    for url, host, port, header in HOSTS:
        for text in (url, url.encode()):
            found = Request("GET", text)
            equal(repr(text), (found.host, found.port, found.host_header), (host, port, header))
    for url, scheme, path, query in (
        ("https://h", "https", b"", b""),
        ("https://h/", "https", b"/", b""),
        ("http://h/a//b/?x=1?y=/&&", "http", b"/a//b/", b"x=1?y=/&&"),
        ("https://h?a=/b://c", "https", b"", b"a=/b://c"),
        ("WSS://h/%2f", "wss", b"/%2f", b""),
    ):
        found = Request("GET", url)
        equal(url, (found.scheme, found.path, found.query), (scheme, path, query))
    equal("no path is /", Request("GET", "https://h?a").target(), b"/?a")
    equal(
        "target as given", Request("GET", "https://h/A//.%2f?b=%41&").target(), b"/A//.%2f?b=%41&"
    )
    for host in BAD_HOSTS:
        error = raises("host %r" % host, RequestError, Request, "GET", "https://%s/" % host)
        true("names it", error and error.field in ("host", "url"))
    for url in (
        "",
        "h/x",
        "/x",
        "ftp://h/",
        "://h",
        "https:/h",
        "https//h",
        "https:///x",
        "https://:80/",
        "https://u@h/",
        None,
        5,
        bytearray(b"https://h/"),
    ):
        error = raises("url %r" % url, RequestError, Request, "GET", url)
        true("names it", error and error.field in ("url", "host"))


def queries():
    for url, pairs, wanted in (
        ("https://h/", [("a b", "c&=%2f")], b"a%20b=c%26%3D%252f"),
        ("https://h/?x=1", [("y", "2"), ("x", "")], b"x=1&y=2&x="),
        ("https://h/?x", (("ü", b"\xff"),), b"x&%C3%BC=%FF"),
        ("https://h/?a=%41", [], b"a=%41"),
        ("https://h/", iter([(b"a", "1"), ("b", b"2")]), b"a=1&b=2"),
        ("https://h/", [("", "")], b"="),
    ):
        equal("query %r" % url, Request("GET", url, query=pairs).query, wanted)
    for pairs in ([("a", 1)], [("a", None)], [(1, "a")], [("a", ["b"])]):
        refuses(RequestError, "query", Request, "GET", "https://h/", query=pairs)


def headers():
    given = [("X-A", " v "), (b"x-b", b"\xc3\xbc\t1"), ("X-A", ""), ("X-C", "a\r\n  b\n\tc  ")]
    found = Request("GET", "https://h/", given)
    equal(
        "as sent",
        found.headers,
        [
            (b"X-A", b"v", b"x-a"),
            (b"x-b", b"\xc3\xbc\t1", b"x-b"),
            (b"X-A", b"", b"x-a"),
            (b"X-C", b"a b c", b"x-c"),
        ],
    )
    equal("the caller's list stays", given[0], ("X-A", " v "))
    equal("dict", Request("GET", "https://h/", {"A": "1"}).headers, [(b"A", b"1", b"a")])
    generator = Request("GET", "https://h/", (p for p in [("A", "1")]))
    equal("generator", generator.headers, [(b"A", b"1", b"a")])
    equal("found", (found.header(b"x-b"), found.header(b"x-z")), (b"\xc3\xbc\t1", None))
    refuses(RequestError, "x-a", found.header, b"x-a")
    found.drop_header(b"x-a")
    equal("dropped", [header[0] for header in found.headers], [b"x-b", b"X-C"])
    tunnel = Request("GET", "https://127.0.0.1:8443/", [("HOST", "bucket.example:9000")])
    equal(
        "the caller's Host",
        (tunnel.host, tunnel.port, tunnel.host_header),
        ("127.0.0.1", 8443, b"bucket.example:9000"),
    )
    equal("is not among the others", tunnel.headers, [])
    token = "!#$%&'*+-.^_`|~09azAZ"
    equal("any token", check_header(token, "v"), (token.encode(), b"v"))
    equal("unfolded", check_header("a", "x\r\n y\n  z"), (b"a", b"x y z"))
    for value in ("x\r\ny", "x\n", "\nx", "x\r y", "x\n\n y", "x\r\n", "\x0b", "a\x00"):
        refuses(RequestError, "x-a", check_header, "X-A", value)
    for name in ("", "a b", "a:", "ä", "(", "@", "[", b"\xc1", b"\xe1", "a\n", "/", '"'):
        refuses(RequestError, "headers", check_header, name, "v")
    refuses(RequestError, "x-a", check_header, "X-A", None)
    refuses(RequestError, "headers", check_header, None, "v")
    for name, field in (("Authorization", "authorization"), ("x-AMZ-date", "x-amz-date")):
        refuses(RequestError, field, Request, "GET", "https://h/", [(name, "v")])
    refuses(RequestError, "host", Request, "GET", "https://h/", [("host", "a"), ("HOST", "a")])


def methods_and_targets():
    for method in ("GET", "M-SEARCH", "A_B", b"PUT"):
        wanted = method if isinstance(method, bytes) else method.encode()
        equal("method %r" % method, Request(method, "https://h/").method, wanted)
    for method in ("", "get", "GE T", "GET/", "G\r\n", "É", None, 5):
        refuses(RequestError, "method", Request, method, "https://h/")
    for byte in list(range(0x21)) + [0x23, 0x7F, 0x80, 0xC3, 0xFF]:
        url = b"https://h/a" + bytes((byte,))
        refuses(RequestError, "url", Request, "GET", url)
        found = Request("GET", url, unsendable_ok=True)
        true("byte %d can be explained" % byte, found.unsendable and found.path == url[9:])
        wanted = "%23" if byte == 0x23 else "%%%02X" % byte
        true("and says how to write it", wanted in found.unsendable)
    equal(
        "others can be sent",
        Request("GET", b"https://h/!\"$%&'()*+,-.:;<=>@[\\]^_`{|}~").unsendable,
        None,
    )


def payload_checks():
    for length in (None, 0, 1, 9999999999):
        equal("length %r" % length, check_length(length), length)
    for length in (-1, 10000000000, 2**70, True, False, 1.0, "1", b"1"):
        refuses(RequestError, "content_length", check_length, length)
    for value in ("0" * 64, b"0123456789abcdef" * 4, "UNSIGNED-PAYLOAD", b"STREAMING-A-1"):
        wanted = value if isinstance(value, bytes) else value.encode()
        equal("hash %r" % value, check_payload_hash(value), wanted)
    for value in (
        "0" * 63 + "G",
        "0" * 65,
        "A" * 64,
        "",
        "UNSIGNED",
        "STREAMING-a",
        "STREAMING-\n",
        None,
        1,
    ):
        refuses(RequestError, "payload_hash", check_payload_hash, value)


_section.run(hosts, queries, headers, methods_and_targets, payload_checks)
