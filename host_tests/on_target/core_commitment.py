"""Floor 0: what a request says of its body, and which headers are signed."""

from binascii import hexlify
from hashlib import sha256

import _section
from _check import equal, raises, true
from _section import refuses
from sealing import *

from sigv4_mp import UNSIGNED_PAYLOAD, Credentials, Signer
from sigv4_mp.errors import RequestError


def content_length():
    who = signer()
    for method, payload, wanted in (
        ("GET", {}, []),
        ("GET", {"payload": b"ab"}, [b"2"]),
        ("DELETE", {"payload": b""}, []),
        ("PUT", {}, [b"0"]),
        ("POST", {"payload": b""}, [b"0"]),
        ("PATCH", {"payload": b"x" * 12}, [b"12"]),
        ("PUT", {"payload_hash": UNSIGNED_PAYLOAD}, []),
        ("HEAD", {}, []),
    ):
        for sealed in (
            who.sign(method, URL, amz_date=D1, **payload),
            who.prepare(method, URL).seal(amz_date=D1, **payload),
        ):
            found = [line.split(b":")[1].strip() for line in lines(sealed.head, b"content-length")]
            equal("%s %r" % (method, payload), found, wanted)
    own = [("content-LENGTH", "2")]
    sealed = who.sign("PUT", URL, own, b"ab", amz_date=D1)
    equal("the caller's own, once", lines(sealed.head, b"content-length"), [b"content-LENGTH: 2"])
    true(
        "and signed",
        b"\ncontent-length:2\n" in sealed.canonical_request and sealed.content_length == 2,
    )
    equal(
        "it says the length",
        who.sign("PUT", URL, own, payload_hash=ZEROS, amz_date=D1).content_length,
        2,
    )
    refuses(RequestError, "content-length", who.sign, "PUT", URL, own, b"abc", amz_date=D1)
    refuses(RequestError, "content-length", who.sign, "PUT", URL, own, amz_date=D1)
    refuses(
        RequestError,
        "content-length",
        who.sign,
        "PUT",
        URL,
        own,
        payload_hash=ZEROS,
        content_length=3,
        amz_date=D1,
    )
    refuses(RequestError, "content-length", who.prepare, "PUT", URL, own * 2)
    for value in ("", "-2", "+2", "2.0", "0x2", "2,2", "٢"):
        refuses(
            RequestError, "content-length", who.prepare, "PUT", URL, [("Content-Length", value)]
        )
    refuses(
        RequestError, "payload", who.sign, "PUT", URL, payload=b"ab", content_length=3, amz_date=D1
    )
    refuses(
        RequestError,
        "payload",
        who.sign,
        "PUT",
        URL,
        payload=b"ab",
        payload_hash=ZEROS,
        amz_date=D1,
    )
    refuses(RequestError, "payload_hash", who.sign, "PUT", URL, content_length=3, amz_date=D1)
    for value in (-1, 10000000000, 5.0, True, "5"):
        refuses(
            RequestError,
            "content_length",
            who.sign,
            "PUT",
            URL,
            payload_hash=ZEROS,
            content_length=value,
            amz_date=D1,
        )
        refuses(RequestError, "content_length", who.prepare, "PUT", URL, content_length=value)
    chunked = [("Transfer-Encoding", "chunked")]
    sealed = who.sign("PUT", URL, chunked, payload_hash=UNSIGNED_PAYLOAD, amz_date=D1)
    equal(
        "no length beside chunks",
        (lines(sealed.head, b"content-length"), sealed.content_length),
        ([], None),
    )
    error = raises("both", RequestError, who.prepare, "PUT", URL, chunked + own)
    true("named", error and error.field in ("content-length", "transfer-encoding"))


def declared_hash():
    who = signer()
    digest = hexlify(sha256(b"ab").digest()).decode()
    own = [("x-amz-CONTENT-sha256", digest)]
    same(
        "the caller's own is ours",
        who.sign("PUT", URL, own, b"ab", amz_date=D1),
        who.sign("PUT", URL, payload=b"ab", amz_date=D1),
    )
    prepared = who.prepare("PUT", URL, own)
    same(
        "taken at its word",
        prepared.seal(content_length=2, amz_date=D1),
        who.sign("PUT", URL, payload=b"ab", amz_date=D1),
    )
    for bad in ({"payload": b"abc"}, {"payload_hash": ZEROS}, {"payload_hash": UNSIGNED_PAYLOAD}):
        refuses(RequestError, "x-amz-content-sha256", prepared.seal, amz_date=D1, **bad)
    free = [("X-Amz-Content-Sha256", UNSIGNED_PAYLOAD)]
    sealed = who.sign(
        "PUT", URL, free, payload_hash=UNSIGNED_PAYLOAD, content_length=3, amz_date=D1
    )
    equal("a sentinel", sealed.payload_hash, UNSIGNED_PAYLOAD)
    refuses(RequestError, "payload_hash", who.prepare, "PUT", URL, [("X-Amz-Content-Sha256", "x")])
    refuses(RequestError, "x-amz-content-sha256", who.prepare, "PUT", URL, own * 2)
    for service, sign_body, wanted in (
        ("s3", None, 1),
        ("s3", False, 0),
        ("sqs", None, 0),
        ("sqs", True, 1),
    ):
        sealed = signer(service, sign_body=sign_body).sign("PUT", URL, payload=b"ab", amz_date=D1)
        found = lines(sealed.head, b"x-amz-content-sha256")
        equal(
            "%s %r" % (service, sign_body),
            found,
            [b"X-Amz-Content-Sha256: " + digest.encode()] * wanted,
        )
        equal("signed", "x-amz-content-sha256" in sealed.signed_headers, bool(wanted))
    true(
        "and named is enough",
        b"content-sha256" in signer("sqs").sign("PUT", URL, own, b"ab", amz_date=D1).head,
    )
    for value in (
        "",
        "g" * 64,
        "A" * 64,
        "0" * 63,
        "UNSIGNED-PAYLOAD ",
        "STREAMING-a",
        b"\xff" * 64,
        5,
    ):
        refuses(RequestError, "payload_hash", who.sign, "PUT", URL, payload_hash=value, amz_date=D1)


def hop_headers():
    who = signer()
    given = [
        ("User-Agent", "u"),
        ("X-Forwarded-For", "f"),
        ("Connection", "close"),
        ("Range", "bytes=0-1"),
    ]
    plain = who.sign("GET", URL, given, amz_date=D1)
    equal("not signed", plain.signed_headers, "host;range;x-amz-content-sha256;x-amz-date")
    true(
        "but sent",
        b"\r\nUser-Agent: u\r\nX-Forwarded-For: f\r\nConnection: close\r\nRange: bytes=0-1\r\n"
        in plain.head,
    )
    for names in (["USER-agent", b"x-forwarded-for"], ("user-agent", "X-Forwarded-For", "absent")):
        insisted = who.sign("GET", URL, given, amz_date=D1, sign_headers=names)
        equal(
            "insisted",
            insisted.signed_headers,
            "host;range;user-agent;x-amz-content-sha256;x-amz-date;x-forwarded-for",
        )
        true("signed value", b"\nuser-agent:u\n" in insisted.canonical_request)
    presigned = who.presign("GET", URL, 60, given[:1], amz_date=D1, sign_headers=["user-agent"])
    true("presigned", "X-Amz-SignedHeaders=host%3Buser-agent&" in presigned)
    for names in ("user-agent", b"user-agent", [1], [None]):
        refuses(RequestError, "sign_headers", who.prepare, "GET", URL, given, sign_headers=names)


def sign_only():
    """Before an unknown server: host, x-amz-* and what the signer names; all are sent."""
    given = [("Range", "bytes=0-1"), ("Content-Type", "a/b"), ("x-amz-acl", "private")]
    keys = Credentials("AKID", "secret")
    who = Signer(keys, "eu-west-1", "s3", sign_only=("Content-Type",))
    sealed = who.sign("GET", URL, given, amz_date=D1)
    amz = ";x-amz-acl;x-amz-content-sha256;x-amz-date"
    equal("the named", sealed.signed_headers, "content-type;host" + amz)
    true("all are sent", b"\r\nRange: bytes=0-1\r\nContent-Type: a/b\r\nx-amz-acl" in sealed.head)
    equal("and pass the check", sealed.check(), None)
    sealed = who.sign("GET", URL, given, amz_date=D1, sign_headers=["range"])
    equal("insisted", sealed.signed_headers, "content-type;host;range" + amz)
    nothing = Signer(keys, "eu-west-1", "s3", sign_only=()).sign("GET", URL, given, amz_date=D1)
    equal("none besides", nothing.signed_headers, "host" + amz)
    for names in ("range", b"range", [1]):
        refuses(RequestError, "sign_only", Signer, keys, "r", "s3", sign_only=names)


class Special(Signer):
    """A Signer with something of its own."""

    tag = None


def in_region():
    """A copy for another region signs as a Signer made for it; the first is as it was."""
    keys = Credentials("AKID", "secret", "token")
    flags = {"normalize_path": True, "double_encode": True, "sign_body": False}
    one = Signer(keys, "eu-west-1", "s3", token_after_signing=True, sign_only=["range"], **flags)
    two = one.in_region("us-east-2")
    other = Signer(keys, "us-east-2", "s3", token_after_signing=True, sign_only=["range"], **flags)
    headers = [("Range", "bytes=0-1"), ("Date", "today")]
    url = URL + "//a/../b"
    wanted = other.sign("GET", url, headers, amz_date=D1).head
    equal("as if made for it", two.sign("GET", url, headers, amz_date=D1).head, wanted)
    equal("the first is unchanged", one.region, b"eu-west-1")
    true("credentials are shared", two.credentials is keys)
    refuses(RequestError, "region", one.in_region, "us/east")
    special = Special(keys, "eu-west-1", "s3")
    special.tag = 7
    moved = special.in_region("us-east-2").signing_only(["Range"])
    equal("a subclass stays", (type(moved), moved.tag, moved.region), (Special, 7, b"us-east-2"))
    equal("and the one it came from", (special.region, special.sign_only), (b"eu-west-1", None))


_section.run(content_length, declared_hash, hop_headers, sign_only, in_region)
