"""Floor 0: the check before sending finds every change, and what was never signed."""

import _section
from _check import equal, true
from _section import refuses

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp import prepared as prepared_module
from sigv4_mp.check import check_signed
from sigv4_mp.errors import ClockError, SigV4Error, TamperError
from sigv4_mp.presign import iot_mqtt_url

DATE = "20150830T123600Z"
URL = "https://example.com/a%20b/%2f?x=1&b=%2F&a&x="
HEADERS = [("Content-Type", "a/b"), ("User-Agent", "me"), ("X-Foo", "a  b"), ("X-Foo", "c")]


def requests():
    """Yield (name, prepared, how to seal it) of each kind of request."""
    for service in ("s3", "dynamodb"):
        for token, after in ((None, False), ("TOK/en+==" * 20, False), ("TOK/en+==" * 20, True)):
            keys = Credentials("AK@ID:+x", "secret", token)
            signer = Signer(keys, "us-east-1", service, FixedClock(DATE), token_after_signing=after)
            name = "%s, %s" % (service, "token after" if after else "token" if token else "none")
            yield name, signer.prepare("PUT", URL, HEADERS), {"payload": b"abc"}
            unsigned = {"payload_hash": "UNSIGNED-PAYLOAD", "content_length": 9}
            yield name + ", unsigned", signer.prepare("POST", URL), unsigned
            yield name + ", presigned", signer.prepare_presigned("GET", URL, 60, HEADERS), {}


def whole():
    for name, prepared, how in requests():
        for _ in range(2):
            sealed = prepared.seal(**how)
            equal(name, sealed.check(), None)
    sealed = Signer(Credentials("A", "S"), "r", "s3").sign("GET", "https://[::1]:8/", amz_date=DATE)
    equal("without a clock", sealed.check(), None)


def every_bit():
    """Every bit of the head, flipped in turn, is found."""
    for name, prepared, how in requests():
        sealed = prepared.seal(**how)
        view = sealed.head_view()
        missed = 0
        for at in range(len(view)):
            bit = 1 << at % 8
            view[at] ^= bit
            try:
                sealed.check()
                missed += 1
            except SigV4Error:
                pass
            view[at] ^= bit
        equal("%s: flips missed in %d bytes" % (name, len(view)), missed, 0)
        equal(name + ": mended", sealed.check(), None)


def every_signed_byte():
    """Without comparing it, reading the head anew finds every change but of what is not signed."""
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock(DATE))
    prepared = signer.prepare("PUT", URL, [("User-Agent", "me")])
    view = prepared.seal(b"abc").head_view()
    missed = bytearray()
    for at in range(len(view)):
        view[at] ^= 1
        try:
            check_signed(prepared)
            view[at] ^= 1
            missed.append(view[at])
            continue
        except SigV4Error:
            pass
        view[at] ^= 1
    # Its name can become another unsigned one's, and what it says is nobody's business.
    true("only the User-Agent", bytes(missed) in (b"User-Agentme", b"ser-Agentme"), repr(missed))


def added():
    """A header, parameter or body that was never signed is refused by its meaning alone."""
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock(DATE))
    head = signer.prepare("PUT", "https://h/x").seal(b"abc").head
    for name, old, new, field in (
        ("x-amz header", b"\r\n\r\n", b"\r\nx-amz-acl: public-read\r\n\r\n", "x-amz-acl"),
        ("second Host", b"\r\nX-Amz-Date", b"\r\nHost: evil\r\nX-Amz-Date", "head"),
        ("second length", b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n", "content-length"),
        ("other length", b"         3", b"         4", "content-length"),
        ("parameter", b"/x HTTP", b"/x?acl HTTP", "head"),
        ("path", b"/x HTTP", b"/y HTTP", "head"),
        ("method", b"PUT /x", b"GET /x", "head"),
        ("version", b"HTTP/1.1", b"HTTP/1.0", "head"),
        ("bare line end", b"\r\nHost: ", b"\nHost: ", "head"),
        ("bare line end, unsigned", b"h\r\n", b"h\r\nUser-Agent: a\nX-B: c\r\n", "head"),
        ("x-amz header behind one", b"h\r\n", b"h\r\nVia: a\rx-amz-acl: b\r\n", "head"),
        ("second date", b"\r\nX-Amz-Date", b"\r\nX-Amz-Date: \r\nX-Amz-Date", "x-amz-date"),
        ("no header", b"h\r\n", b"h\r\nnothing\r\n", "head"),
        ("behind the end", b"\r\n\r\n", b"\r\n\r\nx: y\r\n\r\n", "head"),
        ("other names", b"host;x-amz-c", b"x-amz-c", "head"),
        (
            "other order",
            b"=host;x-amz-content-sha256",
            b"=x-amz-content-sha256;host",
            "authorization",
        ),
        ("no signature", b"Authorization: ", b"X-Nothing: ", "authorization"),
        ("other hash", b"Content-Sha256: ba", b"Content-Sha256: ab", "x-amz-content-sha256"),
        ("other key id", b"Credential=AKID/", b"Credential=AKIX/", "authorization"),
    ):
        equal(name + " can be made", head.count(old) >= 1, True)
        prepared = signer.prepare("PUT", "https://h/x")
        sealed = prepared.seal(b"abc")
        other = list(prepared._layout)
        changed = bytearray(head.replace(old, new, 1))
        other[prepared_module._HEAD] = (changed,) + other[prepared_module._HEAD][1:]
        prepared._layout = other
        refuses(TamperError, field, check_signed, prepared)
        refuses(TamperError, "head", sealed.check)


def stale():
    """A request sealed again since, or too long ago, is not sent."""
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock(DATE))
    prepared = signer.prepare("PUT", "https://h/x")
    one = prepared.seal(b"abc")
    prepared.seal(b"abd")
    refuses(TamperError, "head", one.check)
    for service, good, bad in (("s3", 860, 880), ("sqs", 260, 280)):
        for sign in (1, -1):
            signer = Signer(Credentials("AKID", "secret"), "us-east-1", service)
            sealed = signer.prepare("PUT", "https://h/x").seal(b"abc", amz_date=DATE)
            signer.clock = FixedClock(shifted(sign * good))
            equal("%s, %d s off" % (service, good), sealed.check(), None)
            signer.clock = FixedClock(shifted(sign * bad))
            refuses(ClockError, "amz_date", sealed.check)


def shifted(seconds):
    from sigv4_mp.amzdate import from_seconds, to_seconds

    return from_seconds(to_seconds(DATE) + seconds)


def not_for_sending():
    """What has no head to send can't be checked, and says why."""
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock(DATE))
    sealed = signer.prepare("GET", "https://h/a b", unsendable_ok=True).seal()
    refuses(SigV4Error, "url", sealed.check)
    url = iot_mqtt_url(Credentials("AKID", "secret", "token"), "r", "h", amz_date=DATE)
    true("the token is last, unsigned", url.endswith("&X-Amz-Security-Token=token"))


_section.run(whole, every_bit, every_signed_byte, added, stale, not_for_sending)
