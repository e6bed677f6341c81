"""Floor 0: what a sealed request is, what the signer adds, and by which rules."""

from binascii import hexlify
from hashlib import sha256

import _section
from _check import equal, true
from _section import refuses
from sealing import *

from sigv4_mp import (
    EMPTY_SHA256,
    UNSIGNED_PAYLOAD,
    Credentials,
    ScopedCredentials,
    Signer,
)
from sigv4_mp.errors import CredentialsError, RequestError, TamperError
from sigv4_mp.keys import derive_signing_key


def header_auth():
    sealed = signer("sqs", "TOKEN").sign("GET", URL, [("Zeta", "1"), ("Alpha", "2")], amz_date=D1)
    wanted = (
        "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/sqs/aws4_request, "
        "SignedHeaders=alpha;host;x-amz-date;x-amz-security-token;zeta, Signature="
        + sealed.signature
    )
    equal(
        "added, in order",
        sealed.added_headers,
        [("X-Amz-Date", D1), ("X-Amz-Security-Token", "TOKEN"), ("Authorization", wanted)],
    )
    late = signer("sqs", "TOKEN", token_after_signing=True).sign("GET", URL, amz_date=D1)
    plain = signer("sqs").sign("GET", URL, amz_date=D1)
    equal("token after signing", late.signature, plain.signature)
    equal("is sent all the same", late.added_headers[1], ("X-Amz-Security-Token", "TOKEN"))
    equal("target as given", late.target, "/a/b?x=1")


def stale():
    prepared = signer().prepare("PUT", URL)
    old = prepared.seal(b"a", amz_date=D1)
    view = old.head_view()
    true("no copy", view is old.head_view() and bytes(view) == old.head)
    new = prepared.seal(b"b", amz_date=D1)
    names = "head amz_date signature payload_hash signed_headers credential_scope authorization"
    names += " canonical_request string_to_sign added_headers headers target url"
    for name in names.split():
        refuses(TamperError, "head", getattr, old, name)
        true("the new one has its " + name, getattr(new, name))
    refuses(TamperError, "head", old.head_view)
    equal(
        "where it goes stays known",
        (old.method, old.scheme, old.host, old.port),
        ("PUT", "https", "bucket.example.com", 443),
    )
    equal("repr", repr(old), "<SealedRequest PUT bucket.example.com/a/b>")
    copy = new.head
    prepared.seal(b"c", amz_date=D2)
    true("a copy stays as it was", D1.encode() in copy)


def what_is_sent():
    who = signer(token="TOKEN")
    sealed = who.sign(
        "GET",
        "https://[::1]:9000/a b".replace(" ", "%20"),
        [("X-B", "  1   2 "), ("X-Empty", "")],
        amz_date=D1,
    )
    equal(
        "host and port",
        (sealed.host, sealed.port, sealed.scheme, sealed.url),
        ("::1", 9000, "https", "https://[::1]:9000/a%20b"),
    )
    head = sealed.head
    true(
        "request line",
        head.startswith(b"GET /a%20b HTTP/1.1\r\nHost: [::1]:9000\r\nX-B: 1   2\r\nX-Empty: \r\n"),
    )
    true("one end", head.endswith(b"\r\n\r\n") and head.count(b"\r\n\r\n") == 1)
    true("canonical value", b"\nx-b:1 2\nx-empty:\n" in sealed.canonical_request)
    names = [name for name, value in sealed.added_headers]
    equal(
        "added",
        names,
        ["X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token", "Authorization"],
    )
    mine = [("Host", "[::1]:9000"), ("X-B", "1   2"), ("X-Empty", "")]
    equal("all headers", sealed.headers, mine + sealed.added_headers)
    slotted = who.prepare("PUT", URL).seal(b"ab", amz_date=D1)
    equal("a length without padding", dict(slotted.headers)["Content-Length"], "2")
    equal("the head is its parts", slotted.head.count(b"\r\n"), len(slotted.headers) + 2)
    wanted = "AWS4-HMAC-SHA256 Credential=AKID/%s, SignedHeaders=%s, Signature=%s" % (
        sealed.credential_scope,
        sealed.signed_headers,
        sealed.signature,
    )
    equal(
        "authorization",
        (sealed.authorization, dict(sealed.added_headers)["Authorization"]),
        (wanted, wanted),
    )
    text = sealed.string_to_sign.split(b"\n")
    digest = hexlify(sha256(sealed.canonical_request).digest())
    equal(
        "string to sign",
        text,
        [b"AWS4-HMAC-SHA256", D1.encode(), sealed.credential_scope.encode(), digest],
    )
    key = who.credentials.signing_key(b"20150830", b"us-east-1", b"s3")
    equal("signature", sealed.signature.encode(), key.signature(sealed.string_to_sign))
    late = signer(token="TOKEN", token_after_signing=True).sign("GET", URL, amz_date=D1)
    true(
        "token after signing",
        b"security-token" not in late.canonical_request
        and b"\r\nX-Amz-Security-Token: TOKEN\r\n" in late.head,
    )
    raw = signer("sqs").prepare("GET", "https://h/ü b", unsendable_ok=True).seal(amz_date=D1)
    true("explained", b"/%C3%BC%20b\n" in raw.canonical_request and raw.unsendable)
    refuses(RequestError, "url", raw.head_view)
    refuses(RequestError, "x-a", signer().prepare, "GET", URL, [("X-A", b"\xff")])
    odd = signer().sign("GET", URL, [("X-A", "\u00a0v\u2003")], amz_date=D1)
    equal("other white space is not ours to trim", dict(odd.headers)["X-A"], "\u00a0v\u2003")
    true("nor in what is signed", "\nx-a:\u00a0v\u2003\n".encode() in odd.canonical_request)
    true(
        "repr of any bytes",
        repr(signer().prepare("GET", b"https://h/\xff", unsendable_ok=True).seal(amz_date=D1)),
    )


def signer_rules():
    for service, kept in (
        ("s3", True),
        ("s3express", True),
        ("s3-outposts", True),
        ("sqs", False),
        ("s3x", False),
    ):
        canonical = signer(service).sign("GET", "https://h/a//%41", amz_date=D1).canonical_request
        equal("path of " + service, canonical.split(b"\n")[1], b"/a//A" if kept else b"/a/%2541")
    for normalize, double, wanted in (
        (True, False, b"/a/A"),
        (False, True, b"/a//%2541"),
        (False, False, b"/a//A"),
    ):
        found = signer("sqs", normalize_path=normalize, double_encode=double).sign(
            "GET", "https://h/a//%41", amz_date=D1
        )
        equal("path %r %r" % (normalize, double), found.canonical_request.split(b"\n")[1], wanted)
    for name in ("region", "service"):
        for value in ("", "a/b", "a b", None):
            names = {"region": "r", "service": "s", name: value}
            refuses(RequestError, name, Signer, Credentials("A", "s"), **names)
    equal("repr", repr(signer()), "<Signer us-east-1/s3>")
    refuses(RequestError, "payload", signer().sign, "PUT", URL, payload="text", amz_date=D1)
    same(
        "query pairs",
        signer().sign("GET", URL, query=[("a b", "ü&")], amz_date=D1),
        signer().sign("GET", URL + "&a%20b=%C3%BC%26", amz_date=D1),
    )
    same(
        "dict for both",
        signer().sign("GET", URL, {"A": "1"}, query={"k1": "v"}, amz_date=D1),
        signer().sign("GET", URL + "&k1=v", [("A", "1")], amz_date=D1),
    )
    for bad in (["ab"], ["abc"], "ab", [("a",)], [("a", "b", "c")]):
        refuses(RequestError, "query", signer().prepare, "GET", URL, query=bad)
        refuses(RequestError, "headers", signer().prepare, "GET", URL, bad)


def scoped():
    key = derive_signing_key(b"secret", b"20150830", b"us-east-1", b"s3")
    credentials = ScopedCredentials("AKID", "20150830", "us-east-1", "s3", key, "TOKEN")
    who = Signer(credentials, "us-east-1", "s3")
    same(
        "as the secret",
        who.sign("GET", URL, amz_date=D1),
        signer(token="TOKEN").sign("GET", URL, amz_date=D1),
    )
    prepared = who.prepare("GET", URL)
    refuses(CredentialsError, "scope_date", prepared.seal, amz_date=D2)
    refuses(
        CredentialsError,
        "region",
        Signer(credentials, "us-east-2", "s3").sign,
        "GET",
        URL,
        amz_date=D1,
    )
    refuses(
        CredentialsError,
        "service",
        Signer(credentials, "us-east-1", "sqs").sign,
        "GET",
        URL,
        amz_date=D1,
    )
    refuses(CredentialsError, "scope_date", who.presign, "GET", URL, 60, amz_date=D2)
    true("still good", prepared.seal(amz_date=D1).head)
    credentials.wipe()
    refuses(CredentialsError, "signing_key", prepared.seal, amz_date=D1)


def empties():
    equal(
        "constants",
        (EMPTY_SHA256, UNSIGNED_PAYLOAD),
        (hexlify(sha256(b"").digest()).decode(), "UNSIGNED-PAYLOAD"),
    )
    equal("no payload", signer().sign("GET", URL, amz_date=D1).payload_hash, EMPTY_SHA256)


_section.run(header_auth, stale, what_is_sent, signer_rules, scoped, empties)
