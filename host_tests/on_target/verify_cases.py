"""Floor 0: the verifier's rules, one by one, on every interpreter.

Prints a line "rule NAME" for each rule that was seen broken; test_verify.py wants all of them.
"""

import _section
from _check import equal, report, true
from _section import refuses

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.amzdate import from_seconds, to_seconds
from sigv4_mp.device.scoped_credentials import ScopedCredentials
from sigv4_mp.errors import ClockError, ClockNotSet, ClockUncertain, CredentialsError, RequestError
from sigv4_mp.keys import SigningKey
from sigv4_mp.replay import ReplayCache
from sigv4_mp.verify import Verifier, VerifyError
from sigv4_mp.verify_head import Head, Limits

DATE = "20150830T123600Z"
KEYS = Credentials("AKID", "secret")
URL = "https://example.com/a%20b/c?x=1&b=%2F"
HEADERS = [("Content-Type", "a/b"), ("User-Agent", "me"), ("X-Foo", "a  b"), ("X-Foo", "c")]


def find(access_key_id):
    return KEYS if access_key_id == b"AKID" else None


def verifier(service="s3", keys=find, now=DATE, **options):
    clock = FixedClock(now) if isinstance(now, str) else now
    return Verifier(keys, "us-east-1", service, clock, **options)


def signer(service="s3", keys=KEYS, **options):
    return Signer(keys, "us-east-1", service, FixedClock(DATE), **options)


def put(service="s3", keys=KEYS, headers=HEADERS, payload=b"abc", **options):
    return signer(service, keys, **options).sign("PUT", URL, headers, payload).head


def presigned(service="s3", expires=60, keys=KEYS, headers=(), **options):
    """Return the head of a GET of a presigned URL."""
    prepared = signer(service, keys, **options).prepare_presigned("GET", URL, expires, headers)
    return prepared.seal().head


def refused(name, rule, work, *args, **options):
    """Check that work(*args) breaks a rule; return the error."""
    try:
        found = work(*args, **options)
    except VerifyError as error:
        print("rule " + error.rule)
        good = error.rule == rule and 400 <= error.status <= 503 and error.code and error.message
        report(name, good and "secret" not in error.message[:20], "%s: %s" % (error.rule, error))
        return error
    except Exception as error:
        report(name, False, "raised %r" % error)
    else:
        report(name, False, "returned %r" % (found,))
    return None


def changed(head, old, new, count=1):
    if old not in head:
        raise ValueError("no %r to change" % old)
    return head.replace(old, new, count)


def shifted(seconds):
    return from_seconds(to_seconds(DATE) + seconds).decode()


def answers():
    request = verifier().verify(put(), b"abc")
    equal("who", request.access_key_id, "AKID")
    scope = "20150830/us-east-1/%s/aws4_request"
    equal("scope", request.credential_scope, scope % "s3")
    equal("region, service", (request.region, request.service), ("us-east-1", "s3"))
    equal("when", request.amz_date, DATE)
    equal("method", (request.method, request.target), ("PUT", "/a%20b/c?x=1&b=%2F"))
    equal("path", request.path, "/a%20b/c")
    equal("query", request.query, [(b"b", b"/"), (b"x", b"1")])
    equal("its line", request.canonical_query_string, "b=%2F&x=1")
    names = "content-type;host;x-amz-content-sha256;x-amz-date;x-foo"
    equal("signed headers", request.signed_headers, names)
    equal("a signed header", request.header("X-Foo"), b"a b,c")
    equal("an unsigned one", request.header("User-Agent"), None)
    equal("all of them", len(request.headers), 9)
    equal("payload", (request.payload, request.body_signed), ("hash", True))
    equal("length", (request.content_length, request.decoded_length), (3, 3))
    equal("not signed", request.unsigned, ["user-agent", "content-length"])
    equal("no secret in its repr", repr(request), "<Verified PUT of AKID>")
    equal(
        "not by query",
        (request.by_query, request.expires, request.session_token),
        (False, None, None),
    )
    equal("signature", len(request.signature), 64)

    request = verifier().verify(presigned())
    equal("presigned", (request.by_query, request.expires), (True, 60))
    equal("its query", request.query, [(b"b", b"/"), (b"x", b"1")])
    equal("its payload", (request.payload, request.body_signed), ("empty", True))
    true("its hash", request.payload_hash == "UNSIGNED-PAYLOAD")

    claim = verifier("sqs").read(put("sqs"))
    equal(
        "claimed",
        (claim.needs_body, claim.access_key_id, claim.host),
        (True, "AKID", "example.com"),
    )
    equal("claimed request", (claim.method, claim.amz_date, claim.content_length), ("PUT", DATE, 3))
    refuses(RequestError, "payload_hash", claim.prove)
    refuses(RequestError, "payload_hash", claim.prove, "00")
    sealed = signer("sqs").sign("PUT", URL, HEADERS, b"abc")
    hashed = sealed.payload_hash
    equal("canonical request", claim.canonical_request(hashed), sealed.canonical_request)
    equal("string to sign", claim.string_to_sign(hashed), sealed.string_to_sign)
    equal("proven", claim.prove(hashed).path, "/a%20b/c")
    refuses(RequestError, "claim", claim.prove, hashed)
    equal("its repr", repr(claim), "<Claim PUT>")
    refused("another body", "signature", verifier("sqs").verify, put("sqs"), b"abd")
    refused("a shorter body", "signature", verifier("sqs").verify, put("sqs"), b"ab")


def paths():
    """What is signed is what `path` says, in whatever form it came."""
    for service, path, wanted in (
        ("s3", "/a/../b//c", "/a/../b//c"),
        ("s3", "/%61%2f%2F", "/a%2F%2F"),
        ("sqs", "/a/./b/../c//d/", "/a/c/d/"),
        ("sqs", "/%61%2f", "/%61%2f"),
        ("sqs", "/..", "/"),
    ):
        head = signer(service).sign("GET", "https://h" + path).head
        equal("%s %s" % (service, path), verifier(service).verify(head).path, wanted)
    head = signer("sqs").sign("GET", "https://h/a//b").head
    refused("exact", "path", verifier("sqs", exact_path=True).verify, head)
    head = signer("sqs").sign("GET", "https://h/a%20b/").head
    equal("exact, good", verifier("sqs", exact_path=True).verify(head).path, "/a%20b/")
    head = signer("s3").sign("GET", "https://h/a%20b").head
    for old, new in ((b"%20b", b"%2"), (b"%20b", b"%zz")):
        refused("stray %", "target", verifier().verify, changed(head, old, new))
        refused(
            "in the query", "target", verifier().verify, changed(head, b"a" + old, b"a?x" + new)
        )
    other = verifier("s3", normalize_path=True, double_encode=True)
    head = (
        signer("s3", normalize_path=True, double_encode=True).sign("GET", "https://h/a/../b").head
    )
    equal("told how", other.verify(head).path, "/b")


def keys():
    head = put()
    date, region, service = b"20150830", b"us-east-1", b"s3"
    derived = SigningKey.derive(b"AKID", b"secret", date, region, service)
    for name, found in (
        ("str", "secret"),
        ("bytes", b"secret"),
        ("bytearray", bytearray(b"secret")),
        ("key", derived),
        ("credentials", KEYS),
        ("scoped", ScopedCredentials("AKID", date, region, service, raw_key())),
    ):
        kinds = verifier(keys=lambda name, found=found: found)
        for _ in range(2):
            equal(name, kinds.verify(head, b"abc").access_key_id, "AKID")
        kinds = verifier(keys=lambda name, found=found: found if name == b"AKID" else None)
        for _ in range(2):
            error = refused(
                "unknown, " + name, "unknown-key", kinds.verify, changed(head, b"AKID", b"AKIX")
            )
            wrong = refused(
                "wrong, " + name, "signature", kinds.verify, changed(head, b"PUT", b"GET")
            )
            same = (error.status, error.code, error.message) == (
                wrong.status,
                wrong.code,
                wrong.message,
            )
            true("the peer can't tell them apart", same)
            equal("the right one still serves", kinds.verify(head, b"abc").access_key_id, "AKID")
    for wrong in ("Secret", "secret2", ScopedCredentials("AKID", date, region, service, bytes(32))):
        refused(
            "wrong secret", "signature", verifier(keys=lambda name, wrong=wrong: wrong).verify, head
        )
    for other in (
        SigningKey.derive(b"AKID", b"secret", b"20150829", region, service),
        SigningKey.derive(b"AKID", b"secret", date, b"eu-west-1", service),
        SigningKey.derive(b"AKID", b"secret", date, region, b"sqs"),
        SigningKey.derive(b"AKIX", b"secret", date, region, service),
        ScopedCredentials("AKID", b"20150829", region, service, raw_key()),
        Credentials("AKIX", "secret"),
    ):
        refused(
            "not for this scope",
            "no-key",
            verifier(keys=lambda name, other=other: other).verify,
            head,
        )
    wiped = Credentials("AKID", "secret")
    wiped.wipe()
    refused("wiped", "no-key", verifier(keys=lambda name: wiped).verify, head)
    refuses(CredentialsError, "secret_access_key", verifier(keys=lambda name: "").verify, head)
    told = verifier(tell_unknown=True)
    error = refused("told", "told-unknown", told.verify, changed(head, b"AKID", b"AKIX"))
    equal("by S3's code", error.code, "InvalidAccessKeyId")


def raw_key():
    from sigv4_mp.keys import derive_signing_key

    return derive_signing_key(b"secret", b"20150830", b"us-east-1", b"s3")


def tokens():
    mine = Credentials("AKID", "secret", "TOKEN/en+==")
    for make in (lambda keys: put(keys=keys), lambda keys: presigned(keys=keys)):
        head = make(mine)
        request = verifier(keys=lambda name: mine).verify(head)
        equal("token", request.session_token, b"TOKEN/en+==")
        refused("none wanted", "token", verifier().verify, head)
        other = Credentials("AKID", "secret", "TOKEN/en-==")
        refused("another one", "token", verifier(keys=lambda name, other=other: other).verify, head)
        refused("none given", "token", verifier(keys=lambda name: mine).verify, make(KEYS))
    after = presigned("iotdevicegateway", keys=mine, token_after_signing=True)
    service = {"service": "iotdevicegateway", "keys": lambda name: mine}
    equal("after", verifier(token_after_signing=True, **service).verify(after).payload, "empty")
    refused("not after", "signature", verifier(**service).verify, after)
    for left, rule in ((1, None), (0, "token-expired"), (-1, "token-expired")):
        short = Credentials("AKID", "secret", expires_at=to_seconds(DATE) + left)
        check = verifier(keys=lambda name, short=short: short).verify
        if rule:
            refused("expired", rule, check, put())
        else:
            equal("just alive", check(put()).access_key_id, "AKID")


class Interval:
    """A clock that knows its error: (earliest, latest), seconds from DATE."""

    def __init__(self, earliest, latest):
        at = to_seconds(DATE)
        self.interval = ((at + earliest) * 1000, (at + latest) * 1000)

    def now(self):
        return self.interval


class Unset:
    def now(self):
        raise ClockNotSet("no evidence")

    require = now


def times():
    for service, limit in (("s3", 900), ("sqs", 300)):
        head = put(service)
        for off in (-limit, -1, 0, 1, limit):
            good = verifier(service, now=shifted(off)).verify(head, b"abc")
            equal("%s, %d s off" % (service, off), good.amz_date, DATE)
        for off in (-limit - 1, limit + 1):
            error = refused(
                "%d s off" % off, "skew", verifier(service, now=shifted(off)).verify, head
            )
            equal("server time", error.server_time, shifted(off))
        for interval, rule in (
            ((-limit, 0), None),
            ((0, limit), None),
            ((-limit - 1, -limit), "skew"),
            ((limit, limit + 1), "skew"),
        ):
            check = verifier(service, now=Interval(*interval)).read
            if rule:
                refused("%s %s" % (service, interval), rule, check, head)
            else:
                equal("%s %s" % (service, interval), check(head).amz_date, DATE)
        wide = verifier(service, now=Interval(-limit, 1))
        refuses(ClockUncertain, "amz_date", wide.read, head)
    refuses(ClockNotSet, "amz_date", verifier(now=None).read, put())
    refuses(ClockNotSet, "amz_date", verifier(now=Unset()).read, put())
    equal("given", verifier(now=None).verify(put(), amz_date=DATE).amz_date, DATE)
    refuses(RequestError, "amz_date", verifier(now=None).read, put(), "yesterday")
    equal("tolerance", verifier(now=shifted(9), tolerance=9).verify(put()).amz_date, DATE)
    refused("tolerance", "skew", verifier(now=shifted(10), tolerance=9).verify, put())
    trusted()
    expiry()


def trusted():
    """The clock of a device: what it does not know for sure, nobody gets in by."""
    from sigv4_mp.device.trusted import TrustedClock

    ticks = [0]
    clock = TrustedClock(ticks=lambda: ticks[0], wall=False, floor_ms=0)
    head = put("sqs")
    refuses(ClockNotSet, "amz_date", verifier("sqs", now=clock).read, head)
    clock.set((to_seconds(DATE) + 295) * 1000, 4000)
    equal("within", verifier("sqs", now=clock).read(head).amz_date, DATE)
    ticks[0] = 3000
    refused("perhaps not", "skew", verifier("sqs", now=clock).read, head)
    vague = TrustedClock(ticks=lambda: ticks[0], wall=False, floor_ms=0)
    vague.set(to_seconds(DATE) * 1000, 151000)
    refuses(ClockUncertain, "amz_date", verifier("sqs", now=vague).read, head)
    equal("S3 has more time", verifier(now=vague).read(put()).amz_date, DATE)


def expiry():
    for expires in (1, 60, 604800):
        head = presigned(expires=expires)
        for off in (-900, 0, expires):
            equal(
                "%d in %d" % (off, expires),
                verifier(now=shifted(off)).verify(head).expires,
                expires,
            )
        refused("too late", "expired", verifier(now=shifted(expires + 1)).verify, head)
        refused("too soon", "not-yet", verifier(now=shifted(-901)).verify, head)
    head = presigned(expires=60)
    refused("perhaps late", "expired", verifier(now=Interval(59, 61)).verify, head)
    for value in (b"0", b"604801", b"-1", b"", b"1e3", b"%2B60", b"0000060", b"60s"):
        bad = changed(head, b"X-Amz-Expires=60", b"X-Amz-Expires=" + value)
        refused("expires %s" % value.decode(), "expires", verifier().verify, bad)
    bad = changed(head, b"X-Amz-Expires=60&", b"")
    refused("without, S3", "expires", verifier().verify, bad)
    endless = presigned("sqs", None)
    equal("without, others", verifier("sqs", now=shifted(300)).verify(endless).expires, None)
    refused("then as a header's", "skew", verifier("sqs", now=shifted(301)).verify, endless)


def scopes():
    for make in (put, presigned):
        head = make()
        slash = b"/" if make is put else b"%2F"
        region = slash + b"us-east-1" + slash
        for old, new, rule in (
            (region, region.replace(b"us-", b"eu-"), "scope-region"),
            (slash + b"s3" + slash, slash + b"sqs" + slash, "scope-service"),
            (slash + b"20150830", slash + b"20150831", "scope-date"),
            (b"aws4_request", b"aws5_request", "scope-end"),
            (slash + b"20150830", slash + b"2015083", "scope-date"),
            (slash + b"20150830", b"", "authorization"),
            (slash + b"aws4_request", slash + b"aws4_request" + slash, "authorization"),
            (b"AKID" + slash, slash, "authorization"),
            (b"AWS4-HMAC-SHA256", b"AWS4-HMAC-SHA512", "algorithm"),
            (b"AWS4-HMAC-SHA256", b"AWS4-ECDSA-P256-SHA256", "algorithm"),
        ):
            error = refused(rule, rule, verifier().verify, changed(head, old, new))
            if error.code.startswith("Authorization"):
                equal(
                    "its code", error.code == "AuthorizationQueryParametersError", make is presigned
                )
    equal(
        "another region",
        Verifier(find, ["eu", "us-east-1"], "s3").verify(put(), amz_date=DATE).region,
        "us-east-1",
    )
    equal("host", verifier(hosts=["Example.com"]).verify(put()).header("host"), b"example.com")
    refused("another host", "wrong-host", verifier(hosts=["example.com:444"]).verify, put())


def forms():
    """The ways to write an Authorization, and to get it wrong."""
    head = put()
    plain = changed(head, b", SignedHeaders", b",SignedHeaders")
    plain = changed(plain, b", Signature", b",Signature")
    equal("commas without spaces", verifier().verify(plain).access_key_id, "AKID")
    for old, new, rule in (
        (b"AWS4-HMAC-SHA256 Credential", b"AWS4-HMAC-SHA256 credential", "authorization"),
        (b", Signature=", b", Signature =", "authorization"),
        (b", Signature=", b"; Signature=", "authorization"),
        (b", Signature=", b", Signature=0", "authorization"),
        (b", SignedHeaders=", b", X=y, SignedHeaders=", "authorization"),
        (b"AWS4-HMAC-SHA256 ", b"AWS4-HMAC-SHA256", "algorithm"),
        (b"AWS4-HMAC-SHA256 ", b"aws4-hmac-sha256 ", "algorithm"),
        (b"AWS4-HMAC-SHA256 ", b"Basic ", "algorithm"),
        (b"=content-type;host;", b"=host;content-type;", "authorization"),
        (b"=content-type;host;", b"=content-type;host;host;", "authorization"),
        (b"=content-type;host;", b"=content-type;;host;", "authorization"),
        (b"=content-type;host;", b"=Content-Type;host;", "authorization"),
        (b"=content-type;host;", b"=content-type;gone;host;", "missing-header"),
        (b"=content-type;host;", b"=content-type;", "unsigned-header"),
        (b"=content-type;host;", b"=host;", "unsigned-header"),
        (b";x-amz-date;", b";", "unsigned-header"),
        (b"Authorization: ", b"X-Nothing: ", "no-auth"),
        (b"\r\n\r\n", b"\r\nx-amz-acl: public-read\r\n\r\n", "unsigned-header"),
        (b"\r\n\r\n", b"\r\nContent-MD5: AAAA\r\n\r\n", "unsigned-header"),
        (b"X-Amz-Date: 2015", b"X-Amz-Date: 2O15", "date"),
        (b"X-Amz-Date: ", b"X-Nothing: ", "date"),
        (b"X-Amz-Content-Sha256: ", b"X-Nothing: ", "no-payload-hash"),
        (b"X-Amz-Content-Sha256: b", b"X-Amz-Content-Sha256: B", "payload-hash"),
        (b"X-Amz-Content-Sha256: b", b"X-Amz-Content-Sha256: ", "payload-hash"),
    ):
        bad = changed(head, old, new)
        if rule in ("date", "no-payload-hash"):
            bad = changed(bad, b";x-amz-date" if rule == "date" else b";x-amz-content-sha256", b"")
        refused("%s -> %s" % (old.decode(), new.decode()), rule, verifier().verify, bad)
    last = head.find(b"Signature=") + 10
    upper = head[:last] + head[last : last + 64].upper() + head[last + 64 :]
    refused("upper-case signature", "authorization", verifier().verify, upper)
    refused(
        "cut signature", "authorization", verifier().verify, head[: last + 63] + head[last + 64 :]
    )
    policies(head)
    queries()


def policies(head):
    """What must be signed can be more, and two headers can be let off."""
    refused("more", "unsigned-header", verifier(require_signed=["User-Agent"]).verify, head)
    equal("if there", verifier(require_signed=["Range"]).verify(head).access_key_id, "AKID")
    lax = signer(sign_only=["host"])
    head = lax.sign("PUT", URL, [("Content-Type", "a/b")], b"abc").head
    refused("content-type", "unsigned-header", verifier().verify, head)
    let = verifier(may_be_unsigned=["Content-Type", "host", "x-amz-date"])
    equal("let off", let.verify(head).unsigned[0], "content-type")
    for name in (b"host;", b";x-amz-date"):
        refused("never", "unsigned-header", let.verify, changed(head, name, b""))


def queries():
    head = presigned()
    for old, new, rule in (
        (b"X-Amz-Signature=", b"X-Amz-signature=", "authorization"),
        (b"X-Amz-Signature=", b"Signature=", "authorization"),
        (b"X-Amz-Date=", b"x-amz-date=", "authorization"),
        (b"X-Amz-Date=", b"X-Date=", "authorization"),
        (b"X-Amz-Date=2015", b"X-Amz-Date=2O15", "date"),
        (b"&X-Amz-Expires=60", b"&X-Amz-Expires=60&X-Amz-Expires=60", "duplicate"),
        (b"&X-Amz-Expires=60", b"&X-Amz-Expires=60&x-amz-expires=60", "duplicate"),
        (b"&X-Amz-Expires=60", b"&X-Amz-Expires=60&X%2DAmz-Signature=0", "duplicate"),
        (b"&X-Amz-Expires=60", b"&X-Amz-Expires=61", "signature"),
        (b"\r\n\r\n", b"\r\nx-amz-date: 20150830T123601Z\r\n\r\n", "duplicate"),
        (b"\r\n\r\n", b"\r\nx-amz-acl: private\r\n\r\n", "unsigned-header"),
        (b"?x=1", b"?x=2", "signature"),
        (b"?x=1", b"?", "signature"),
    ):
        refused(new.decode(), rule, verifier().verify, changed(head, old, new))
    both = presigned(headers=[("Authorization2", "x")])
    both = changed(both, b"Authorization2: x", b"Authorization: AWS4-HMAC-SHA256 x")
    refused("both", "two-auths", verifier().verify, both)
    one = changed(put(), b"?x=1", b"?x=1&X-Amz-Signature=0")
    refused("header and a parameter", "two-auths", verifier().verify, one)
    dated = signer().prepare_presigned("GET", URL, 60).seal().url[len("https://example.com") :]
    head = Head("GET", dated, [("host", "example.com"), ("x-amz-content-sha256", "0" * 64)])
    refused("a hash that was not signed", "unsigned-header", verifier().verify, head)
    moved = signer().presign("GET", URL, 60, query=[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")])
    head = Head("GET", moved[len("https://example.com") :], {"Host": "example.com"})
    equal("the hash in the query", verifier().verify(head).payload, "empty")


def dates():
    """RFC 9110's Date instead of x-amz-date; a signer of the test's own."""
    good = "Sun, 30 Aug 2015 12:36:00 GMT"
    equal("Date", verifier("sqs").verify(dated_head(good)).amz_date, DATE)
    for value in (
        "Sun, 30 Aug 2015 12:36:00 UTC",
        "Sun, 30 Aug 2015 12.36.00 GMT",
        "Sunday, 30-Aug-15 12:36:00 GMT",
        "Sun, 31 Feb 2015 12:36:00 GMT",
        "Sun, 30 Agu 2015 12:36:00 GMT",
        "Xun, 30 Aug 2015 12:36:00 GMT",
        "Sun, 30 Aug 2015 24:36:00 GMT",
        "Sun, -1 Aug 2015 12:36:00 GMT",
        DATE,
        "",
    ):
        refused(value, "date", verifier("sqs").verify, dated_head(value))
    refused("not signed", "date", verifier("sqs").verify, dated_head(good, "host"))
    extra = put(headers=[("Date", "Mon, 31 Aug 2015 12:36:00 GMT")])
    equal("x-amz-date first", verifier().verify(extra).amz_date, DATE)


def dated_head(date, names="date;host"):
    """Return a Head that is signed with Date."""
    signature = b"0" * 64
    for _ in range(2):  # the first has no right signature, but the string to sign is its
        value = "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/sqs/aws4_request, "
        value += "SignedHeaders=%s, Signature=%s" % (names, signature.decode())
        head = Head("GET", "/", (("Host", "h"), ("Date", date), ("Authorization", value)))
        try:
            text = verifier("sqs").read(head).string_to_sign()
        except VerifyError:
            return head
        key = SigningKey.derive(b"AKID", b"secret", b"20150830", b"us-east-1", b"sqs")
        signature = key.signature(text)
    return head


def grammar():
    """What is no request, or two requests at once."""
    head = put()
    end = b"\r\n\r\n"
    for name, bad, rule in (
        ("nothing", b"", "head"),
        ("an end", end, "head"),
        ("cut", head[:-1], "head"),
        ("longer", head + b"x", "head"),
        ("two", head + head, "head"),
        ("LF", head.replace(b"\r\n", b"\n"), "head"),
        ("a bare LF", changed(head, b"\r\nHost", b"\nHost"), "head"),
        ("a bare CR", changed(head, b"\r\nHost", b"\rHost"), "head"),
        ("CR in a value", changed(head, b"User-Agent: me", b"User-Agent: m\re"), "head"),
        ("NUL", changed(head, b"User-Agent: me", b"User-Agent: m\0e"), "head"),
        ("DEL", changed(head, b"User-Agent: me", b"User-Agent: m\x7fe"), "head"),
        ("folded", changed(head, b"User-Agent: me", b"User-Agent: m\r\n e"), "head"),
        ("space before the colon", changed(head, b"Host:", b"Host :"), "head"),
        ("no colon", changed(head, b"Host:", b"Host"), "head"),
        ("no name", changed(head, b"Host:", b":"), "head"),
        ("a name with a byte of none", changed(head, b"Host:", b"Ho(st:"), "head"),
        ("not UTF-8", changed(head, b"User-Agent: me", b"User-Agent: m\xff"), "head"),
        ("HTTP/1.0", changed(head, b"HTTP/1.1", b"HTTP/1.0"), "head"),
        ("HTTP/0.9", changed(head, b" HTTP/1.1", b""), "head"),
        ("two spaces", changed(head, b"PUT ", b"PUT  "), "head"),
        ("a tab", changed(head, b"PUT ", b"PUT\t"), "head"),
        ("lower-case method", changed(head, b"PUT", b"put"), "head"),
        ("no method", changed(head, b"PUT", b""), "head"),
        ("absolute", changed(head, b"PUT /", b"PUT http://example.com/"), "target"),
        ("asterisk", changed(head, b"PUT /a%20b/c?x=1&b=%2F", b"PUT *"), "target"),
        ("fragment", changed(head, b"?x=1", b"?x=1#"), "target"),
        ("raw UTF-8", changed(head, b"?x=1", b"?x=\xc3\xbc"), "target"),
        ("no host", changed(head, b"Host", b"Hose"), "host"),
        ("empty host", changed(head, b"Host: example.com", b"Host:"), "host"),
    ):
        refused(name, rule, verifier().verify, bad)
    raw = verifier(raw_target=True)
    refused("raw, not UTF-8", "target", raw.verify, changed(head, b"?x=1", b"?x=\xff"))
    refused("raw, control byte", "target", raw.verify, Head("GET", "/\x01", ()))
    for kind in (bytes, bytearray, memoryview):
        equal(kind.__name__, verifier().verify(kind(head)).access_key_id, "AKID")
    spaced = changed(head, b"Content-Type: a/b", b"cOnTeNt-TyPe:\t a/b \t")
    equal(
        "white space and case round a value",
        verifier().verify(spaced).header("content-type"),
        b"a/b",
    )
    many = changed(head, b"X-Foo: a  b", b"X-Foo: a \t b")
    equal("white space in it", verifier().verify(many).header("x-foo"), b"a b,c")


def smuggling():
    head = put()
    plus = lambda text: changed(head, b"\r\n\r\n", b"\r\n" + text + b"\r\n\r\n")  # noqa: E731
    for name in (
        b"Host: evil",
        b"host: example.com",
        b"Content-Length: 3",
        b"content-length: 9",
        b"Authorization: x",
        b"X-Amz-Date: 20150830T123600Z",
        b"x-amz-content-sha256: 0",
        b"Content-Type: a/b",
    ):
        refused(name.decode() + " again", "duplicate", verifier().verify, plus(name))
    token = Credentials("AKID", "secret", "T")
    twice = changed(put(keys=token), b"\r\n\r\n", b"\r\nX-Amz-Security-Token: T\r\n\r\n")
    refused("two tokens", "duplicate", verifier(keys=lambda name: token).verify, twice)
    url = changed(presigned(keys=token), b"\r\n\r\n", b"\r\nX-Amz-Security-Token: T\r\n\r\n")
    rule = refused("one in the query", "duplicate", verifier(keys=lambda name: token).verify, url)
    true("says which", rule.detail == "x-amz-security-token")
    length = head[head.find(b"Content-Length") :].split(b"\r\n")[0]
    for new, rule in (
        (b"Transfer-Encoding: chunked", "transfer-encoding"),
        (length + b"\r\nTransfer-Encoding: chunked", "framing"),
        (length + b"\r\ntransfer-encoding: identity", "framing"),
        (b"Content-Length: 3, 3", "length"),
        (b"Content-Length: +3", "length"),
        (b"Content-Length: 0x3", "length"),
        (b"Content-Length: -3", "length"),
        (b"Content-Length: 3 3", "length"),
        (b"Content-Length:", "length"),
        (b"Content-Length: 3.0", "length"),
        (b"Content-Length: 1" + b"0" * 15, "length"),
        (b"Content-Length: 5368709121", "too-large"),
        (b"Content-Length: 0", "body-hash"),
    ):
        refused(new.decode(), rule, verifier().verify, changed(head, length, new))
    open_end = verifier(transfer_encoding=True)
    coded = changed(head, length, b"Transfer-Encoding: chunked")
    request = open_end.verify(coded, b"abc")
    equal("allowed", (request.content_length, request.payload), (None, "hash"))
    for coding in (b"gzip, chunked", b"chunked, chunked", b"xchunked", b"identity"):
        bad = changed(head, length, b"Transfer-Encoding: " + coding)
        refused(coding.decode(), "transfer-encoding", open_end.verify, bad)


class Small(Limits):
    """Each limit at what one request needs; limits() takes one off."""


def limits():
    head = put()
    size = {
        "head": len(head),
        "headers": 9,
        "name": len("X-Amz-Content-Sha256"),
        "target": len("/a%20b/c?x=1&b=%2F"),
        "credential": len("AKID/20150830/us-east-1/s3/aws4_request"),
        "query_pairs": 2,
        "signed_headers": 5,
        "body": 3,
    }
    longest = max([len(line.partition(b":")[2].strip()) for line in head.split(b"\r\n")])
    size["value"] = longest
    tight = Small()
    for name in size:
        setattr(tight, name, size[name])
    equal("all at their limits", verifier(limits=tight).verify(head).access_key_id, "AKID")
    for name in size:
        setattr(tight, name, size[name] - 1)
        rule = {"body": "too-large", "credential": "authorization"}.get(name, "limit")
        refused("one over: " + name, rule, verifier(limits=tight).verify, head)
        setattr(tight, name, size[name])
    again = Head("PUT", "/", [("A", "b")] * 65)
    refused("pairs, too", "limit", verifier().read, again)
    open_end = verifier(transfer_encoding=True, limits=tight)
    length = head[head.find(b"Content-Length") :].split(b"\r\n")[0]
    tight.head = 2000
    body = open_end.verify(changed(head, length, b"Transfer-Encoding: chunked")).body()
    refused("a body without end", "too-large", body.feed, b"abcd")


def bodies():
    head = put()
    for cuts in ((b"abc",), (b"a", b"bc"), (b"", b"ab", b"", b"c", b"")):
        taken = []
        body = verifier().verify(head).body(lambda view, taken=taken: taken.append(bytes(view)))
        for piece in cuts:
            body.feed(bytearray(piece))
        equal("not proven yet", (body.received, body.proven, body.wire_left), (3, 0, 0))
        body.finish()
        equal("content", (b"".join(taken), body.proven), (b"abc", 3))
        refused("after its end", "broken", body.feed, b"")
        refused("twice", "broken", body.finish)
    for data, rule in ((b"abd", "body-hash"), (b"ab", "body-short"), (b"", "body-short")):
        refused("body %r" % data, rule, verifier().verify, head, data)
        held = []
        body = verifier().verify(head).body(held.append, bytearray(3))
        body.feed(data)
        refused("held", rule, body.finish)
        equal("nothing let out", held, [])
        refused("broken", "broken", body.feed, b"")
    refused("longer", "body-long", verifier().verify, head, b"abcd")
    held = []
    body = verifier().verify(head).body(lambda view: held.append(bytes(view)), bytearray(3))
    body.feed(b"abc")
    equal("held back", held, [])
    body.finish()
    equal("let out", held, [b"abc"])
    refused("no room", "too-large", verifier().verify(head).body, None, bytearray(2))
    coded = changed(
        head, head[head.find(b"Content-Length") :].split(b"\r\n")[0], b"Transfer-Encoding: chunked"
    )
    body = verifier(transfer_encoding=True).verify(coded).body(None, bytearray(2))
    refused("no room, later", "too-large", body.feed, b"abc")
    unsigned_bodies()


def unsigned_bodies():
    head = signer().sign("PUT", URL, payload_hash="UNSIGNED-PAYLOAD", content_length=3).head
    refused("unsigned", "unsigned-payload", verifier().verify, head)
    request = verifier(unsigned_payload=True).verify(head, b"any")
    equal("allowed", (request.payload, request.unsigned), ("unsigned", ["content-length", "body"]))
    taken = []
    body = request.body(lambda view: taken.append(bytes(view)), bytearray(0))
    body.feed(b"any")
    body.finish()
    equal("passed on, not proven", (taken, body.proven, body.received), ([b"any"], 0, 3))
    url = presigned()
    refused(
        "a body for a URL",
        "unsigned-payload",
        verifier().verify,
        changed(url, b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n"),
    )
    refused("nothing announced", "body-long", verifier().verify, url, b"x")
    verifier().verify(url, b"")
    for bad in ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-"):
        head = signer().sign("PUT", URL, payload_hash=bad, content_length=3).head
        refused(bad, "payload-hash", verifier(unsigned_payload=True).verify, head)


def replays():
    cache = ReplayCache(3)
    check = verifier(replay=cache)
    head = put()
    heads = [put(payload=bytes((i,))) for i in range(4)]
    check.verify(head)
    refused("again", "replay", check.verify, head)
    refused(
        "in another dress",
        "replay",
        check.verify,
        changed(head, b"User-Agent: me", b"User-Agent: you"),
    )
    refused("a wrong one fills nothing", "signature", check.verify, changed(head, b"PUT", b"GET"))
    equal("one", len(cache), 1)
    check.verify(heads[0])
    check.verify(heads[1])
    error = refused("full", "replay-full", check.verify, heads[2])
    equal("busy", error.status, 503)
    refused("still known", "replay", check.verify, heads[0])
    url = presigned()
    check.verify(url)
    check.verify(url)
    late = verifier(replay=cache, now=shifted(901))
    new = Signer(KEYS, "us-east-1", "s3").sign("GET", URL, amz_date=shifted(1)).head
    late.verify(new)
    equal("what is too old makes room", len(cache), 1)
    refused("too old is refused anyway", "skew", late.verify, head)
    both = verifier(replay=ReplayCache(9, presigned=True))
    both.verify(url)
    refused("presigned", "replay", both.verify, url)
    unsure = ReplayCache(1)
    equal("new", unsure.admit(b"aa" * 32, 1000, 100), True)
    equal("not surely over", unsure.admit(b"ab" * 32, 2000, 1000), None)
    equal("over", unsure.admit(b"ab" * 32, 2000, 1001), True)
    for bad in (0, -1, "9", None):
        refuses(RequestError, "capacity", ReplayCache, bad)


def flips():
    """Every byte of the head, changed: refused, or said in another way."""
    head = put()
    wanted = meaning(verifier().verify(head))
    check = verifier()
    for bit in (1, 0x20, 0x80):
        wrong = []
        same = 0
        data = bytearray(head)
        for at in range(len(data)):
            data[at] ^= bit
            try:
                found = meaning(check.verify(data))
                same += 1
                if found != wanted:
                    wrong.append(at)
            except VerifyError:
                pass
            data[at] ^= bit
        equal("flips of %d that changed the meaning" % bit, wrong, [])
        # Not signed are the User-Agent, the length, and how letters of names are written.
        true("few are accepted: %d of %d" % (same, len(head)), (0 < same < 110) == (bit < 0x80))


def garbage():
    """Pieces of a head cut out, doubled, moved, replaced: VerifyError, and nothing else."""
    head = put()
    check = verifier()
    wanted = meaning(check.verify(head))
    state = 4711
    taken = 0
    others = []
    for _ in range(150):
        places = []
        for _ in range(3):
            state = (state * 75 + 74) % 65537
            places.append(state % len(head))
        low, middle, high = sorted(places)
        noise = bytes([(state >> shift) & 255 for shift in (0, 3, 5, 8)])
        for bad in (
            head[:low] + head[middle:],
            head[:middle] + head[low:],
            head[:low] + head[middle:high] + head[low:middle] + head[high:],
            head[:low] + noise + head[high:],
            noise + head[low:middle],
        ):
            try:
                if meaning(check.verify(bad)) != wanted:
                    others.append(places)
                taken += 1
            except VerifyError:
                pass
    equal("taken with another meaning", others, [])
    true("hardly one is taken: %d" % taken, taken < 60)


def meaning(request):
    pairs = [request.header(name) for name in request.signed_headers.split(";")]
    return (
        request.method,
        request.path,
        request.query,
        pairs,
        request.access_key_id,
        request.amz_date,
        request.payload_hash,
    )


def clock_errors():
    """The family: whoever catches ClockError has them all."""
    for clock in (None, Unset(), Interval(-900, 900)):
        refuses(ClockError, "amz_date", verifier(now=clock).verify, put())


_section.run(
    answers,
    paths,
    keys,
    tokens,
    times,
    scopes,
    forms,
    dates,
    grammar,
    smuggling,
    limits,
    bodies,
    replays,
    flips,
    garbage,
    clock_errors,
)
