"""Floor 0: presigned URLs."""

import _section
from _check import equal, raises, true
from _section import refuses

import sigv4_mp
from sigv4_mp import UNSIGNED_PAYLOAD, Credentials, FixedClock, Signer
from sigv4_mp.digest import EMPTY_SHA256, sha256_hex
from sigv4_mp.errors import ClockNotSet, RequestError
from sigv4_mp.post_policy import presign_post
from sigv4_mp.presign import MAX_EXPIRES, iot_mqtt_url

DATE = "20150830T123600Z"
TOKEN = "FwoG/+=" * 60
ZEROS = "0" * 64


def signer(service="s3", token=None, **options):
    return Signer(Credentials("AK:ID", "secret", token), "us-east-1", service, **options)


def parameters(url):
    """Return the query's pairs, undecoded, in their order."""
    query = url.split("?", 1)[1]
    return [tuple(pair.split("=", 1)) for pair in query.split("&")]


def names(url):
    return [name for name, value in parameters(url)]


AMZ = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"]


def urls():
    url = signer().presign("GET", "https://h:9000/a%20b?x=1", 60, amz_date=DATE)
    true(
        "the caller's URL first",
        url.startswith("https://h:9000/a%20b?x=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&"),
    )
    equal("its parameters", names(url), ["x"] + AMZ + ["X-Amz-Signature"])
    found = dict(parameters(url))
    equal(
        "credential",
        found["X-Amz-Credential"],
        "AK%3AID%2F20150830%2Fus-east-1%2Fs3%2Faws4_request",
    )
    equal("others", [found[name] for name in AMZ[2:]], [DATE, "60", "host"])
    equal("signature", len(found["X-Amz-Signature"]), 64)
    equal("no path", signer().presign("GET", "https://h", 1, amz_date=DATE)[:11], "https://h/?")
    equal(
        "a bare ?",
        names(signer().presign("GET", "https://h/?", 1, amz_date=DATE)),
        AMZ + ["X-Amz-Signature"],
    )
    with_query = signer().presign(
        "GET", "https://h:9000/a%20b", 60, query=[("x", "1")], amz_date=DATE
    )
    equal("query pairs", with_query, url)
    whole = signer(token=TOKEN).presign("GET", "https://h/", 60, amz_date=DATE)
    equal("the token is signed", names(whole), AMZ + ["X-Amz-Security-Token", "X-Amz-Signature"])
    equal("and encoded", dict(parameters(whole))["X-Amz-Security-Token"], "FwoG%2F%2B%3D" * 60)
    late = signer(token=TOKEN, token_after_signing=True).presign(
        "GET", "https://h/", 60, amz_date=DATE
    )
    equal("or goes last", names(late), AMZ + ["X-Amz-Signature", "X-Amz-Security-Token"])
    bare = signer().presign("GET", "https://h/", 60, amz_date=DATE)
    equal(
        "then it is not signed",
        dict(parameters(late))["X-Amz-Signature"],
        dict(parameters(bare))["X-Amz-Signature"],
    )
    equal(
        "no Expires",
        names(signer().presign("GET", "https://h/", None, amz_date=DATE)),
        AMZ[:3] + AMZ[4:] + ["X-Amz-Signature"],
    )
    extra = signer().presign(
        "PUT", "https://h/", 60, [("X-A#&", "v"), ("User-Agent", "u")], amz_date=DATE
    )
    equal(
        "signed headers are encoded",
        dict(parameters(extra))["X-Amz-SignedHeaders"],
        "host%3Bx-a%23%26",
    )
    clocked = signer(clock=FixedClock(DATE)).presign("GET", "https://h/", 60)
    equal("by the clock", clocked, bare)
    refuses(ClockNotSet, "amz_date", signer().presign, "GET", "https://h/", 60)


def presigned_requests():
    who = signer(token=TOKEN)
    prepared = who.prepare_presigned("PUT", "https://h/a?x", 60, [("X-A", "1")])
    for date in (DATE, "20160229T000000Z", DATE):
        sealed = prepared.seal(amz_date=date)
        equal(
            "seal and presign",
            sealed.url,
            who.presign("PUT", "https://h/a?x", 60, [("X-A", "1")], amz_date=date),
        )
        canonical = sealed.canonical_request.split(b"\n")
        query = [
            pair
            for pair in sealed.target.split("?")[1].split("&")
            if not pair.startswith("X-Amz-Signature")
        ]
        equal(
            "what is signed is what is sent",
            canonical[2].decode(),
            "&".join(sorted([p if "=" in p else p + "=" for p in query])),
        )
        true("no slot left open", min(canonical[2]) > 0x20 and canonical[-1] == b"UNSIGNED-PAYLOAD")
        head = sealed.head
        true(
            "the head has that target",
            head.startswith(
                b"PUT " + sealed.target.encode() + b" HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n"
            ),
        )
        true("and no header of ours", b"Authorization" not in head and b"X-Amz-Date:" not in head)
        equal("nothing added", (sealed.added_headers, sealed.authorization), ([], None))
    first = prepared.seal(amz_date=DATE)
    who.credentials = Credentials("OTHER", "secret2", None)
    fresh = Signer(Credentials("OTHER", "secret2"), "us-east-1", "s3").presign(
        "PUT", "https://h/a?x", 60, [("X-A", "1")], amz_date=DATE
    )
    equal("after rotation", prepared.seal(amz_date=DATE).url, fresh)
    raises("the old one is stale", sigv4_mp.TamperError, getattr, first, "url")


def payloads():
    for service, wanted in (("s3", UNSIGNED_PAYLOAD), ("sqs", EMPTY_SHA256)):
        who = signer(service)
        sealed = who.prepare_presigned("GET", "https://h/", 60).seal(amz_date=DATE)
        equal(
            "payload hash of " + service,
            (sealed.payload_hash, sealed.signed_headers),
            (wanted, "host"),
        )
    prepared = signer().prepare_presigned("PUT", "https://h/", 60)
    sealed = prepared.seal(b"abc", amz_date=DATE)
    equal(
        "bytes stay unsigned",
        (sealed.payload_hash, sealed.content_length, sealed.signed_headers),
        (UNSIGNED_PAYLOAD, 3, "host"),
    )
    sealed = prepared.seal(payload_hash=ZEROS, amz_date=DATE)
    equal(
        "a hash is signed",
        (sealed.payload_hash, sealed.signed_headers),
        (ZEROS, "host;x-amz-content-sha256"),
    )
    true(
        "and must be sent", b"\r\nX-Amz-Content-Sha256: " + ZEROS.encode() + b"\r\n" in sealed.head
    )
    equal(
        "the same in one",
        sealed.url,
        signer().presign("PUT", "https://h/", 60, payload_hash=ZEROS, amz_date=DATE),
    )
    equal(
        "or declared",
        sealed.url,
        signer().presign("PUT", "https://h/", 60, {"X-Amz-Content-Sha256": ZEROS}, amz_date=DATE),
    )
    equal(
        "and back",
        prepared.seal(amz_date=DATE).url,
        signer().presign("PUT", "https://h/", 60, amz_date=DATE),
    )
    sealed = signer("sqs").prepare_presigned("POST", "https://h/", 60).seal(b"abc", amz_date=DATE)
    equal(
        "others hash the body",
        (sealed.payload_hash, sealed.signed_headers),
        (sha256_hex(b"abc").decode(), "host"),
    )
    sealed = (
        signer(sign_body=True)
        .prepare_presigned("PUT", "https://h/", 60)
        .seal(b"abc", amz_date=DATE)
    )
    equal(
        "sign_body",
        (sealed.payload_hash, sealed.signed_headers),
        (sha256_hex(b"abc").decode(), "host;x-amz-content-sha256"),
    )
    length = [("Content-Length", "3")]
    sealed = signer().prepare_presigned("PUT", "https://h/", 60, length).seal(b"abc", amz_date=DATE)
    equal(
        "a signed length",
        (sealed.signed_headers, sealed.content_length),
        ("content-length;host", 3),
    )


def refused_parameters():
    for name in AMZ + ["X-Amz-Signature", "X-Amz-Security-Token"]:
        for query in (name.upper() + "=1", "a=1&" + name.lower(), "%58" + name[1:] + "=1"):
            refuses(
                RequestError,
                "url",
                signer().presign,
                "GET",
                "https://h/?" + query,
                60,
                amz_date=DATE,
            )
        refuses(
            RequestError,
            "url",
            signer().presign,
            "GET",
            "https://h/",
            60,
            query=[(name, "1")],
            amz_date=DATE,
        )
    true(
        "content hash as parameter",
        signer().presign("GET", "https://h/?X-Amz-Content-Sha256=a", 60, amz_date=DATE),
    )
    true(
        "header auth may have them",
        signer().sign("GET", "https://h/?X-Amz-Date=1", amz_date=DATE).signature,
    )
    for expires in (0, -1, MAX_EXPIRES + 1, 2**70, True, False, "60", 60.0):
        refuses(
            RequestError, "expires", signer().presign, "GET", "https://h/", expires, amz_date=DATE
        )
        refuses(RequestError, "expires", signer().prepare_presigned, "GET", "https://h/", expires)
        refuses(RequestError, "expires", presign_post, signer(), "b", "k", expires, amz_date=DATE)
    for expires in (1, 604800):
        true(
            "%d seconds" % expires,
            "X-Amz-Expires=%d&" % expires
            in signer().presign("GET", "https://h/", expires, amz_date=DATE),
        )
    refuses(RequestError, "expires", presign_post, signer(), "b", "k", None, amz_date=DATE)


def iot():
    who = Credentials("AKID", "secret", "TO/KEN")
    url = iot_mqtt_url(who, "eu-west-1", "abc-ats.iot.eu-west-1.amazonaws.com", DATE)
    true("where", url.startswith("wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt?X-Amz-Algorithm="))
    equal("what", names(url), AMZ[:3] + AMZ[4:] + ["X-Amz-Signature", "X-Amz-Security-Token"])
    found = dict(parameters(url))
    equal(
        "scope",
        found["X-Amz-Credential"],
        "AKID%2F20150830%2Feu-west-1%2Fiotdevicegateway%2Faws4_request",
    )
    equal("token", found["X-Amz-Security-Token"], "TO%2FKEN")
    equal(
        "clock",
        iot_mqtt_url(
            who, "eu-west-1", "abc-ats.iot.eu-west-1.amazonaws.com", clock=FixedClock(DATE)
        ),
        url,
    )
    true("port", iot_mqtt_url(who, "r", "h:8443", DATE).startswith("wss://h:8443/mqtt?"))


_section.run(urls, presigned_requests, payloads, refused_parameters, iot)
