"""own_client: what is refused, what is handed over, and what check_sent finds. No socket."""

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp.device.credentials import Credentials
from sigv4_mp.errors import ProtocolError, RequestError, TamperError
from sigv4_mp.own_client import CLIENTS, check_sent, for_client, no_redirect
from sigv4_mp.signer import Signer

DATE = "20150830T123600Z"
PLAIN = Credentials("AKID", "secret")
TOKEN = Credentials("AKID", "secret", "TOKENTOKEN")
ALL = ("body", "certificate", "content-type", "method", "redirect", "url")


def sign(method="PUT", url="https://h.example:8443/b/k", headers=(), keys=PLAIN, **more):
    service = more.pop("service", "s3")
    return Signer(keys, "us-east-1", service).sign(method, url, headers, amz_date=DATE, **more)


def handed_over():
    sealed = sign(
        headers=[("content-type", "text/plain"), ("X-A", "1"), ("x-a", "2")], payload=b"abc"
    )
    method, url, headers, notes = for_client(sealed, "raw", b"abc")
    equal("method, url", (method, url), ("PUT", "https://h.example:8443/b/k"))
    equal("Host keeps its port", headers["Host"], "h.example:8443")
    equal("Content-Length", headers["Content-Length"], "3")
    equal("spelling that clients look for", headers["Content-Type"], "text/plain")
    equal("one header for two of the same name", headers["X-A"], "1,2")
    true("and no other of it", "x-a" not in headers)
    equal("no notes", notes, [])
    head = "PUT /b/k HTTP/1.1\r\n"
    head += "".join(["%s: %s\r\n" % (name, headers[name]) for name in headers])
    check_sent(sealed, (head + "\r\nabc").encode())
    true("joined headers are what was signed", True)
    empty = for_client(sign(payload=b""), "raw", b"")[2]
    equal("an empty body has its length", empty["Content-Length"], "0")
    equal("default port", for_client(sign("GET", "https://h/k"))[1], "https://h/k")
    equal("IPv6", for_client(sign("GET", "https://[::1]:9/k"))[1], "https://[::1]:9/k")
    other = sign("GET", "https://10.0.0.1:9/k", headers=[("Host", "s3.example")])
    _, url, headers, _ = for_client(other)
    equal("connects to the URL", (url, headers["Host"]), ("https://10.0.0.1:9/k", "s3.example"))
    umlaut = sign("GET", headers=[("x-amz-meta-a", "\u00fc")])
    equal("utf-8", for_client(umlaut)[2]["x-amz-meta-a"], "\u00fc")
    found = for_client(umlaut, "requests", handled=ALL, micropython=False)[2]
    equal("for clients that encode Latin-1", found["x-amz-meta-a"], "\u00c3\u00bc")
    mp = for_client(umlaut, "requests", handled=ALL, micropython=True)[2]
    equal("micropython-lib's doesn't", mp["x-amz-meta-a"], "\u00fc")
    for client in CLIENTS[:3]:
        for micropython in (True, False):
            notes = for_client(sealed, client, b"abc", ALL, micropython)[3]
            equal("notes of %s" % client, bool(notes), client != "raw")


def refused():
    def no(field, client, micropython, sealed, body=None, handled=()):
        refuses(RequestError, field, for_client, sealed, client, body, handled, micropython)

    get = sign("GET")
    plain = sign("GET", "http://h/k")
    no("certificate", "requests", True, get, None, ("redirect",))
    no("certificate", "aiohttp", True, get, None, ("redirect",))
    no("redirect", "requests", True, plain)
    no("redirect", "aiohttp", True, plain)
    no("redirect", "urllib", False, get)
    no("redirect", "requests", False, sign("GET", keys=TOKEN))
    no("redirect", "aiohttp", False, sign("GET", keys=TOKEN))
    for client in ("requests", "aiohttp"):
        for_client(get, client, micropython=False)
        for_client(plain, client, None, ("redirect",), True)
        for_client(get, client, None, ("redirect", "certificate"), True)
    signer = Signer(PLAIN, "us-east-1", "s3")
    presigned = signer.prepare_presigned("GET", "http://h/k", 60).seal(amz_date=DATE)
    for_client(presigned, "requests", micropython=True)
    true("presigned: nothing to replay", True)
    no("client", "httpx", False, get)
    no("client", "urllib", True, get)
    no("handled", "raw", False, get, None, ("redirects",))
    put = sign("PUT", "http://h/k", payload=b"abc")
    no("body", "raw", False, put)
    no("body", "raw", False, put, b"ab")
    no("body", "raw", False, put, b"abd")
    no("body", "raw", False, sign("PUT", "http://h/k", payload=b""), b"x")
    unhashed = sign("PUT", "http://h/k", payload_hash="UNSIGNED-PAYLOAD", content_length=3)
    no("body", "raw", False, unhashed, b"abcd")
    for_client(put, "raw", "abc")
    for_client(unhashed, "raw", b"xyz")
    one_by_one = (byte for byte in (b"a", b"bc"))
    no("body", "requests", False, put, one_by_one)
    no("body", "aiohttp", True, put, one_by_one, ("redirect",))
    for_client(put, "requests", one_by_one, ("redirect",), True)
    unsaid = sign("PUT", "http://h/k", payload_hash="UNSIGNED-PAYLOAD")
    no("body", "requests", True, unsaid, one_by_one, ("redirect",))
    no("content-type", "aiohttp", True, put, b"abc", ("redirect",))
    for_client(put, "aiohttp", "abc", ("redirect",), True)
    octets = sign(
        "PUT", "http://h/k", [("Content-Type", "application/octet-stream")], payload=b"abc"
    )
    for_client(octets, "aiohttp", b"abc", ("redirect",), True)
    text = sign("PUT", "http://h/k", [("Content-Type", "text/plain")], payload=b"abc")
    no("content-type", "aiohttp", True, text, b"abc", ("redirect",))
    no("content-type", "aiohttp", False, put, b"abc")
    for_client(text, "aiohttp", b"abc", (), False)
    no("content-type", "urllib", False, put, b"abc", ("redirect",))
    for_client(text, "urllib", b"abc", ("redirect",), False)
    with_body = sign("GET", "http://h/k", payload=b"abc", headers=[("content-type", "x/y")])
    no("method", "aiohttp", True, with_body, "abc", ("redirect",))
    dots = sign("GET", "https://h/b/../k")
    no("url", "requests", False, dots)
    no("url", "aiohttp", False, dots)
    for_client(dots, "urllib", None, ("redirect",), False)
    for_client(sign("GET", "https://h/b/../k", service="lambda"), "requests", micropython=False)
    no("url", "requests", False, sign("GET", "https://h/a%3Ab", service="lambda"))
    for_client(sign("GET", "https://h/a%3Ab"), "requests", micropython=False)
    no("url", "requests", True, sign("GET", "http://[::1]/k"), None, ("redirect",))
    error = raises("names the way out", RequestError, for_client, plain, "requests", None, (), True)
    true(
        "in its text", error and "no_redirect" in str(error) and "handled" in str(error), str(error)
    )
    kept = {}
    no_redirect(b'ETag: "e"\r\n', kept)
    equal("headers are kept", kept, {"ETag": '"e"'})
    error = raises("location", ProtocolError, no_redirect, b"location: http://evil/\r\n", kept)
    equal("its field", error and error.field, "location")


def change(head, old, new):
    true("%r is in the head" % old, old in head)
    return head.replace(old, new)


def sent():
    pairs = [("Content-Type", "text/plain"), ("x-amz-meta-a", "b  c"), ("User-Agent", "me")]
    sealed = sign(url="https://h.example:8443/b/k%20%C3%BC?x=1&y=2", headers=pairs, payload=b"abc")
    head = sealed.head
    same = (
        head,
        bytearray(head + b"abc"),
        change(head, b" HTTP/1.1", b" HTTP/1.0"),
        change(head, b"User-Agent: me", b"User-Agent: other"),
        change(head, b"User-Agent: me\r\n", b"Accept: */*\r\nConnection: close\r\n"),
        change(head, b"Content-Type", b"content-TYPE"),
        change(head, b"b  c", b"b c"),
        change(head, b"%C3%BC", b"%c3%bc"),
        change(head, b"x=1&y=2", b"y=2&x=%31"),
        change(head, b"Host: ", b"Host:  "),
    )
    for one in same:
        equal("the same to a server", check_sent(sealed, one), None)
    for field, old, new in (
        ("method", b"PUT ", b"POST "),
        ("path", b"/b/k", b"/b/K"),
        ("path", b"/b/k", b"/b/%zz"),
        ("query", b"x=1&", b""),
        ("query", b"x=1&", b"x=1&z=3&"),
        ("query", b"x=1&", b"x=2&"),
        ("query", b"x=1&", b"x=1&x=1&"),
        ("host", b":8443", b""),
        ("host", b"Host: h.example:8443\r\n", b""),
        ("content-type", b"text/plain", b"application/octet-stream"),
        ("content-type", b"Content-Type: text/plain\r\n", b""),
        ("content-type", b"Content-Type: text/plain\r\n", b"Content-Type: text/plain\r\n" * 2),
        ("x-amz-meta-a", b"b  c", b"bc"),
        ("x-amz-date", b"20150830T123600Z\r\n", b"20150830T123601Z\r\n"),
        ("x-amz-acl", b"User-Agent: me", b"x-amz-acl: public-read"),
        ("authorization", b"Signature=", b"Signature=0"),
        ("authorization", b"Authorization: ", b"Authorisation: "),
        ("content-length", b"Content-Length: 3\r\n", b""),
        ("content-length", b"Content-Length: 3", b"Content-Length: 4"),
        ("content-length", b"Content-Length: 3", b"Content-Length: 3\r\nContent-Length: 3"),
        ("transfer-encoding", b"Content-Length: 3", b"Transfer-Encoding: chunked"),
        ("head", b" HTTP/1.1", b""),
        ("head", b" HTTP/1.1", b" HTTP/2"),
    ):
        refuses(TamperError, field, check_sent, sealed, change(head, old, new))
    bare = sign(payload=b"abc")
    added = change(bare.head, b"\r\nX-Amz-Date", b"\r\nContent-Type: a/b\r\nX-Amz-Date")
    refuses(TamperError, "content-type", check_sent, bare, added)
    empty = sign(payload=b"")
    cut = change(empty.head, b"Content-Length: 0\r\n", b"")
    refuses(TamperError, "content-length", check_sent, empty, cut)
    get = sign("GET")
    equal("a GET without a length", check_sent(get, get.head), None)


def sent_with_tokens():
    sealed = sign("GET", keys=TOKEN)
    for old in (b"TOKENTOKEN", b"X-Amz-Security-Token: TOKENTOKEN\r\n"):
        head = change(sealed.head, old, b"TOKENTOKEM" if len(old) == 10 else b"")
        error = raises("token changed", TamperError, check_sent, sealed, head)
        true("and not shown", error and "TOKEN" not in str(error), str(error))
    signer = Signer(TOKEN, "us-east-1", "s3")
    presigned = signer.prepare_presigned("GET", "https://h/k?a=b", 60).seal(amz_date=DATE)
    equal("presigned", check_sent(presigned, presigned.head), None)
    for old, new in (
        (b"TOKENTOKEN", b"TOKENTOKEM"),
        (b"Expires=60", b"Expires=61"),
        (b"a=b", b"a=c"),
    ):
        head = change(presigned.head, old, new)
        error = raises("presigned, changed", TamperError, check_sent, presigned, head)
        true(
            "names a parameter, shows no token", error and "TOKENTOKE" not in str(error), str(error)
        )
    text = presigned.signature
    head = change(presigned.head, text.encode(), b"0" * 64)
    refuses(TamperError, "X-Amz-Signature", check_sent, presigned, head)
    late = Signer(TOKEN, "us-east-1", "iotdevicegateway", token_after_signing=True)
    url = late.prepare_presigned("GET", "wss://h/mqtt", 60).seal(amz_date=DATE)
    equal("token after signing", check_sent(url, url.head), None)
    first = signer.prepare("GET", "https://h/k")
    old = first.seal(amz_date=DATE)
    first.seal(amz_date="20150830T123601Z")
    refuses(TamperError, "head", check_sent, old, b"GET / HTTP/1.1\r\n\r\n")
    refuses(TamperError, "head", for_client, old)


_section.run(handed_over, refused, sent, sent_with_tokens)
