"""explain, piece by piece: what is read, what is found without a server's word, what is shown."""

from _check import done, equal, raises, true

from sigv4_mp import Credentials, Signer
from sigv4_mp.digest import sha256_hex
from sigv4_mp.errors import RequestError, ServiceError, TamperError
from sigv4_mp.explain import explain, explain_error
from sigv4_mp.explain_clock import zone
from sigv4_mp.explain_head import ours_of
from sigv4_mp.explain_ours import Ours, of
from sigv4_mp.explain_said import LIMIT, Said
from sigv4_mp.explain_watch import watch
from sigv4_mp.explain_words import causes

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEAEXAMPLE/of+a/token==" * 6
SSE_C = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
DATE = "20261123T010203Z"
ESCAPES = {"\n": "\\n", '"': '\\"', "\\": "\\\\"}
MISMATCH = "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message>%s</Error>"


def signer(service="s3", region="us-east-1", token=TOKEN, key="ASIAIOSFODNN7EXAMPLE", **rules):
    return Signer(Credentials(key, SECRET, token), region, service, **rules)


def xml(canonical=None, to_sign=None, signature=None):
    """Return S3's answer."""
    parts = []
    for name, text in (("StringToSign", to_sign), ("CanonicalRequest", canonical)):
        if text is not None:
            escaped = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
            parts.append("<%s>%s</%s>" % (name, str(escaped, "utf-8"), name))
            digits = " ".join(["%02x" % byte for byte in text])
            parts.append("<%sBytes>%s</%sBytes>" % (name, digits, name))
    if signature:
        parts.append("<SignatureProvided>%s</SignatureProvided>" % signature)
    return MISMATCH % "".join(parts)


def json_message(canonical, to_sign):
    """Return the answer of a JSON service."""
    text = "No.\n\nThe Canonical String for this request should have been\n'%s'\n\n" % str(
        canonical, "utf-8"
    )
    text += "The String-to-Sign should have been\n'%s'\n" % str(to_sign, "utf-8")
    out = "".join([ESCAPES.get(char, char) for char in text])
    return '{"__type": "x#InvalidSignatureException", "message": "%s"}' % out


def clean(name, text, *signatures):
    """No 15 characters of a secret, nor 19 digits of a signature, in a text."""
    for secret in (SECRET, TOKEN[:80], SSE_C):
        found = [at for at in range(0, len(secret) - 11, 4) if secret[at : at + 12] in text]
        true(name + ": nothing of " + secret[:4], not found)
    for signature in signatures:
        found = [at for at in range(0, 49, 4) if signature[at : at + 16] in text]
        true(name + ": signature", not found)
    true(name + ": key id", "IOSFODNN7" not in text)


def redaction():
    headers = [
        ("x-amz-server-side-encryption-customer-key", SSE_C),
        ("cookie", "session=" + SSE_C),
        ("x-amz-meta-copy", "of " + TOKEN),
    ]
    sealed = signer().sign("PUT", "https://b.s3.amazonaws.com/k?a=b", headers, b"x", amz_date=DATE)
    other = sealed.canonical_request
    for old, new in (
        (b"customer-key:MD", b"customer-key:KD"),
        (b"copy:of", b"copy:on"),
        (b"token:IQ", b"token:JQ"),
        (TOKEN[:-30].encode(), b""),
        (b"cookie:session=", b"cookie:session:"),
        (b"a=b", b"X-Amz-Security-Token=" + TOKEN.replace("/", "%2F").encode()),
    ):
        true("changed", old in other)
        changed = other.replace(old, new)
        for body in (
            xml(changed, sealed.string_to_sign, sealed.signature),
            json_message(changed, b""),
        ):
            found = explain(sealed, 403, (), body)
            true("found", found.certainty == "certain", repr(found))
            clean("diff " + str(old[:12]), str(found), sealed.signature)
            for part in (found.ours, found.theirs, found.what, found.remedy, repr(found)):
                clean("attribute", part, sealed.signature)
    url = signer().prepare_presigned("GET", "https://b.s3.amazonaws.com/k", 600).seal(amz_date=DATE)
    changed = url.canonical_request.replace(b"X-Amz-Expires=600", b"X-Amz-Expires=900")
    found = explain(url, 403, (), xml(changed))
    equal("presigned", (found.cause, found.field), ("url-altered", "X-Amz-Expires"))
    clean("presigned", str(found), url.signature)
    found = explain(url, 403, (), xml(url.canonical_request, None, "0" * 64), url.head)
    clean("arrived", str(found), url.signature)
    message = "no %s %s %s" % (TOKEN, url.url, str(sealed.canonical_request, "utf-8"))
    found = explain_error(ServiceError(403, "X" + TOKEN, message), url)
    clean("error", str(found), url.signature)


def reading():
    plain = b"GET\n/a&b\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD"
    said = Said(403, {"Date": "Mon, 23 Nov 2026 01:02:03 GMT"}, xml(plain, b"A\nB\nC\nD"))
    equal("canonical", said.canonical_request, plain)
    equal("to sign", said.string_to_sign, b"A\nB\nC\nD")
    equal("code", said.code, "SignatureDoesNotMatch")
    equal("date", said.server_s, 1795395723)
    said = Said(400, [("x-amzn-ErrorType", "a.b#Odd:http://x")], json_message(plain, b"A\nB"))
    equal("json", (said.code, said.canonical_request, said.string_to_sign), ("Odd", plain, b"A\nB"))
    for body in (
        None,
        b"",
        "<",
        "{",
        '{"message": 5}',
        '{"message": "\\u00',
        b"\xff<Code>",
        "<Error>",
    ):
        said = Said(403, (), body)
        equal("nothing in %r" % body, said.canonical_request, None)
    equal("status for a code", Said(418).code, "418")
    equal("escapes", Said(400, (), '{"message":"a\\u0041\\/\\t\\"z"}').message, 'aA/\t"z')
    true("bounded", len(Said(403, (), b"<Error>" + bytes(LIMIT * 2))._body) == LIMIT)
    whole = xml(plain, b"A\nB\nC\nD").encode()
    sealed = signer("sqs").sign("GET", "https://sqs.us-east-1.amazonaws.com/", amz_date=DATE)
    names = causes()
    for cut in range(0, len(whole), 23):
        damaged = whole[:cut] + bytes((whole[cut] ^ 21,)) + whole[cut + 1 :]
        for body in (whole[:cut], damaged):
            true("a known cause", explain(sealed, 403, (), body).cause in names)


def cuts():
    """An answer that is cut anywhere never makes another cause certain."""
    sealed = signer().sign("GET", "https://h:8443/a?b=1&c=2", amz_date=DATE)
    text = sealed.canonical_request.replace(b"x-amz-date:2", b"x-amz-date:3")
    lines = sealed.string_to_sign.split(b"\n")[:3] + [sha256_hex(text)]
    whole = xml(text, b"\n".join(lines), sealed.signature).encode()
    wanted = ("header-changed", "x-amz-date")
    sure = 0
    for cut in range(0, len(whole), 19):
        found = explain(sealed, 403, (), whole[:cut])
        if found.certainty == "certain":
            equal("cut at %d" % cut, (found.cause, found.field), wanted)
            sure += 1
    true("seen", sure > 10)
    equal("whole", explain(sealed, 403, (), whole).field, "x-amz-date")


def clocks():
    for offset, wanted in (
        (7200, "UTC+2"),
        (7260, "UTC+2"),
        (-18000, "UTC-5"),
        (19800, "UTC+5:30"),
        (20700, "UTC+5:45"),
        (3583, "UTC+1"),
        (50400, "UTC+14"),
        (400, None),
        (-900, None),
        (5000, None),
        (86400, None),
    ):
        equal("zone of %d" % offset, zone(offset), wanted)
    sealed = signer("dynamodb", token=None, key="AKIA").sign(
        "POST", "https://dynamodb.us-east-1.amazonaws.com/", amz_date=DATE
    )
    late = {"Date": "Mon, 23 Nov 2026 03:02:04 GMT"}
    found = explain(sealed, 400, late, '{"__type": "InvalidSignatureException", "message": "no"}')
    equal("by Date", (found.cause, found.certainty, found.offset_s), ("clock", "likely", -7201))
    true("local", "UTC-2" in found.what)
    found = explain(sealed, 400, dict(late, age="7200"), '{"__type": "InvalidSignatureException"}')
    equal("a cached Date says nothing", found.cause, "unexplained")
    error = ServiceError(403, "RequestTimeTooSkewed", "no")
    error.server_time = "2026-11-23T00:02:03Z"
    equal("of an error", explain_error(error, sealed).offset_s, 3600)


def checks():
    """What our own side shows, where the server says nothing."""
    url = "https://sqs.eu-west-1.amazonaws.com/"
    silent = '{"__type": "InvalidSignatureException", "message": "no"}'

    def cause(sealed, **more):
        found = explain(sealed, 403, (), silent, **more)
        return found.cause, found.field, found.certainty

    plain = {"token": None, "key": "AKIDEXAMPLE"}
    sealed = signer("sqs", **plain).sign("GET", url, amz_date=DATE)
    equal("region of the host", cause(sealed), ("scope-region", "region", "likely"))
    sealed = signer("sns", "eu-west-1", **plain).sign("GET", url, amz_date=DATE)
    equal("service of the host", cause(sealed), ("scope-service", "service", "likely"))
    sealed = signer("sqs", "eu-west-1", None).sign("GET", url, amz_date=DATE)
    wanted = ("token-missing", "x-amz-security-token", "likely")
    equal("temporary key without token", cause(sealed), wanted)
    sealed = signer("sqs", "eu-west-1", token_after_signing=True).sign("GET", url, amz_date=DATE)
    wanted = ("token-after-signing", "x-amz-security-token", "likely")
    equal("token unsigned", cause(sealed), wanted)
    sealed = signer("sqs", "eu-west-1", **plain).prepare(
        "GET", url, [("User-Agent", "x")], sign_headers=["user-agent"]
    )
    sealed.seal(amz_date=DATE)
    equal("hop header", cause(sealed), ("header-changed", "user-agent", "likely"))
    good = of(signer("sqs", "eu-west-1", **plain).sign("GET", url, amz_date=DATE))
    equal("nothing to see", cause(good), ("unexplained", None, "possible"))
    head = "GET / HTTP/1.1\r\nHost: sqs.eu-west-1.amazonaws.com\r\nX-Amz-Date: %s\r\n\r\n" % DATE
    equal("all arrived", cause(good, arrived=head), ("secret", None, "certain"))
    other = head.replace("eu-west-1.amazonaws.com", "eu-west-1.amazonaws.com:443")
    equal("port arrived", cause(good, arrived=other), ("host-port", "host", "certain"))
    good.sent = [(b"host", b"elsewhere"), (b"x-amz-date", good.amz_date)]
    equal("sent otherwise", cause(good), ("header-changed", "host", "likely"))
    good.sent = [(b"host", b"sqs.eu-west-1.amazonaws.com")]
    equal("not sent", cause(good), ("header-dropped", "x-amz-date", "likely"))
    unsigned = "<Error><Code>AccessDenied</Code><HeadersNotSigned>x-amz-security-token"
    found = explain(good, 403, (), unsigned + "</HeadersNotSigned></Error>")
    equal("unsigned token", (found.cause, found.certainty), ("token-after-signing", "certain"))
    good.sent = None
    found = explain(good, 403, (), silent, None, b"another body")
    equal("another body", (found.cause, found.certainty), ("body-changed", "certain"))
    equal("the body", explain(good, 403, (), silent, None, b"").cause, "unexplained")
    for status, wanted in ((200, "accepted"), (404, "other"), (301, "other")):
        equal(str(status), explain(good, status).cause, wanted)
    moved = explain(good, 301, {"x-amz-bucket-region": "eu-south-1"})
    equal("moved", (moved.cause, moved.theirs), ("scope-region", "eu-south-1"))
    denied = explain(good, 403, (), "<Error><Code>AccessDenied</Code></Error>")
    equal("denied", (denied.cause, denied.certainty), ("permission", "likely"))


def guesses():
    """Servers that show the string to sign alone: one change is found by its hash."""
    sealed = signer().sign("GET", "https://h:8443/a%20b?b=1", amz_date=DATE)
    text = sealed.canonical_request
    for old, new, cause in (
        (b"/a%20b", b"/a%2520b", "path-encoded-twice"),
        (b"host:h:8443", b"host:h", "host-port"),
        (b"GET", b"HEAD", "method"),
    ):
        lines = sealed.string_to_sign.split(b"\n")
        lines[3] = sha256_hex(text.replace(old, new))
        found = explain(sealed, 403, (), xml(None, b"\n".join(lines)))
        equal("guess " + cause, (found.cause, found.certainty), (cause, "certain"))


class Exchange:
    """Refuses all, as net.exchange does: error() is asked for twice."""

    def __init__(self, status, body):
        self.status, self.body = status, body
        self.headers, self.reason = {}, "No"

    def run(self, make, body, on_head, progress, fault, *more):
        make()
        one = fault()
        for at in range(0, len(self.body), 100):
            if one.take(self.body, at, min(at + 100, len(self.body))):
                break
        one.error(self)
        yield
        raise one.error(self)


class Fault:
    """Wants no more than the first block."""

    def take(self, buffer, start, end):
        return True

    def error(self, response):
        return ServiceError(response.status, "SignatureDoesNotMatch", "no")


class Client:
    def __init__(self, exchange):
        self.exchange = exchange


def watching():
    prepared = signer().prepare("GET", "https://h:8443/a")
    text = prepared.seal(amz_date=DATE).canonical_request.replace(b"host:h:8443", b"host:h")
    client = Client(Exchange(403, xml(text).encode()))
    for limit, fault, wanted in (
        (9999, Fault, "host-port"),
        (9999, None, "host-port"),
        (150, Fault, "host-port"),
        (60, Fault, "unexplained"),
    ):
        seen = watch(client, limit)
        operation = client.exchange.run(
            lambda: prepared.seal(amz_date=DATE), None, None, None, fault
        )
        next(operation)
        error = raises("refused", ServiceError, next, operation)
        equal("watched", seen.explain(error).cause, wanted)
        error = ServiceError(503, "SlowDown", "no")
        equal("another error", seen.explain(error).cause, "other")
        seen.forget()
        error = ServiceError(403, "InvalidAccessKeyId", "no")
        equal("forgotten", seen.explain(error).cause, "unknown-key")
        client = Client(Exchange(403, xml(text).encode()))
    equal(
        "an error alone",
        explain_error(ServiceError(403, "SignatureDoesNotMatch", "no")).cause,
        "unexplained",
    )


def sources():
    prepared = signer().prepare("GET", "https://b.s3.amazonaws.com/k")
    first = prepared.seal(amz_date=DATE)
    equal("prepared", of(prepared).canonical_request, first.canonical_request)
    equal("scope", of(prepared).scope, [b"20261123", b"us-east-1", b"s3", b"aws4_request"])
    equal("of a head", ours_of(first.head).canonical_request, first.canonical_request)
    equal("its string", ours_of(first.head).string_to_sign, first.string_to_sign)
    pasted = explain(Ours(first.canonical_request), 403, (), xml(first.canonical_request))
    equal("pasted", (pasted.cause, pasted.certainty), ("secret", "likely"))
    true("its scope", ("scope-region", "region") in pasted.also)
    prepared.seal(amz_date=DATE)
    raises("stale", TamperError, of, first)
    raises("no canonical request", RequestError, Ours, "GET\n/")
    raises("an unsigned head", RequestError, ours_of, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")


for part in (redaction, reading, cuts, clocks, checks, guesses, watching, sources):
    part()
done()
