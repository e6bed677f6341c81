"""Floor 0: a prepared request, sealed again, is always what a fresh one is, or is refused."""

import _section
from _check import equal, raises, true
from _section import refuses
from sealing import *

from sigv4_mp import (
    UNSIGNED_PAYLOAD,
    Credentials,
    FixedClock,
    Signer,
)
from sigv4_mp.errors import ClockNotSet, CredentialsError, RequestError, TamperError


def any_payload_after_any_other():
    for method, service in (("PUT", "s3"), ("GET", "s3"), ("POST", "sqs")):
        who = signer(service)
        prepared = who.prepare(method, URL, [("X-A", "1")])
        for i, payload in enumerate(PAYLOADS + tuple(reversed(PAYLOADS))):
            label = "%s %s %d" % (method, service, i)
            sealed = prepared.seal(amz_date=D1, **payload)
            same(label, sealed, who.sign(method, URL, [("X-A", "1")], amz_date=D1, **payload))


def any_payload_after_a_hint():
    who = signer("sqs")
    for hint in PAYLOADS:
        known = {key: hint[key] for key in hint if key != "payload"}
        prepared = who.prepare("POST", URL, **known)
        for payload in PAYLOADS[:8]:
            # A length that prepare() was told holds until seal() is told another.
            wanted = dict({"content_length": hint.get("content_length")}, **payload)
            if "payload" in payload:
                wanted.pop("content_length")
            sealed = prepared.seal(amz_date=D1, **payload)
            same("prepared for %r" % known, sealed, who.sign("POST", URL, amz_date=D1, **wanted))
    prepared = who.prepare("POST", URL, content_length=2)
    refuses(RequestError, "payload_hash", prepared.seal, amz_date=D1)
    equal("other bytes may follow", prepared.seal(b"abc", amz_date=D1).content_length, 3)


def days_and_clocks():
    who = signer()
    prepared = who.prepare("GET", URL)
    for date in (D1, D2, D2, D1, b"20160101T000000Z"):
        sealed = prepared.seal(amz_date=date)
        same("at %r" % date, sealed, signer().sign("GET", URL, amz_date=date))
        text = date if isinstance(date, str) else date.decode()
        equal("its dates", (sealed.amz_date, sealed.credential_scope[:8]), (text, text[:8]))
    who.clock = FixedClock(D2)
    equal("the clock's", prepared.seal().amz_date, D2)
    equal("an argument wins", prepared.seal(amz_date=D1).amz_date, D1)
    who.clock = None
    refuses(ClockNotSet, "amz_date", prepared.seal)
    asked = []

    class Clock:
        def require(self, service):
            asked.append(service)
            return D1  # a str will do

    who.clock = Clock()
    equal("any clock", (prepared.seal().amz_date, asked), (D1, [b"s3"]))


def other_credentials():
    tokens = (None, "T" * 10, "U" * 700, "V" * 10, None, "W" * 3000)
    who = signer()
    prepared = who.prepare("PUT", URL, [("X-A", "1")])
    for i, token in enumerate(tokens):
        who.credentials = Credentials("AKID%d" % i, "secret%d" % i, token)
        fresh = Signer(Credentials("AKID%d" % i, "secret%d" % i, token), "us-east-1", "s3")
        for body in (b"a", b"b"):
            same(
                "rotation %d" % i,
                prepared.seal(body, amz_date=D1),
                fresh.sign("PUT", URL, [("X-A", "1")], body, amz_date=D1),
            )
        equal(
            "token %d sent" % i,
            len(lines(prepared.seal(amz_date=D1).head, b"x-amz-security-token")),
            1 if token else 0,
        )
    for token in ("X", "Y", None, "Z"):  # the same key id: a session that was renewed
        who.credentials = Credentials("AKID5", "secret5", token)
        fresh = Signer(Credentials("AKID5", "secret5", token), "us-east-1", "s3")
        wanted = fresh.sign("PUT", URL, [("X-A", "1")], b"a", amz_date=D1)
        same("renewed %r" % token, prepared.seal(b"a", amz_date=D1), wanted)
    who.credentials = Credentials("AKID5", "another", tokens[5])
    other = prepared.seal(b"a", amz_date=D1)
    true(
        "another secret, other signature",
        other.signature != fresh.sign("PUT", URL, [("X-A", "1")], b"a", amz_date=D1).signature,
    )


def after_a_failure():
    who = signer()
    prepared = who.prepare("PUT", URL)
    first = prepared.seal(b"a", amz_date=D1)
    before = seen(first)
    for bad in (
        {"payload": "text"},
        {"payload": b"a", "payload_hash": ZEROS},
        {"payload_hash": "x"},
        {"amz_date": "x"},
    ):
        raises("refused %r" % bad, RequestError, prepared.seal, **dict({"amz_date": D1}, **bad))
    equal("what was sealed before is whole", seen(first), before)
    who.credentials.wipe()
    refuses(
        CredentialsError,
        "secret_access_key",
        prepared.seal,
        payload_hash=UNSIGNED_PAYLOAD,
        content_length=3,
        amz_date=D2,
    )
    try:
        whole = seen(first) == before
    except TamperError:
        whole = True
    true("whole or refused, never half", whole)
    who.credentials = Credentials("AKID", "secret")
    same(
        "and on it goes",
        prepared.seal(b"b", amz_date=D1),
        signer().sign("PUT", URL, payload=b"b", amz_date=D1),
    )


def after_a_failed_rotation():
    who = signer(token="MINE")
    headers = [("X-Amz-Security-Token", "MINE")]
    prepared = who.prepare("GET", URL, headers)
    same(
        "the caller's own token",
        prepared.seal(amz_date=D1),
        signer(token="MINE").sign("GET", URL, amz_date=D1),
    )
    who = signer()
    prepared = who.prepare("GET", URL, headers)
    equal(
        "no other token: signed as given",
        len(lines(prepared.seal(amz_date=D1).head, b"x-amz-security-token")),
        1,
    )
    who.credentials = Credentials("AKID2", "secret2", "OTHER")
    for _ in range(2):
        refuses(RequestError, "x-amz-security-token", prepared.seal, amz_date=D1)
    refuses(
        RequestError, "x-amz-security-token", signer(token="OTHER").prepare, "GET", URL, headers
    )


def what_looks_like_a_slot():
    """The caller's own headers may hold the very objects and texts that slots are filled with."""
    hashes = [(b"%02x" % n) * 32 for n in (17, 171, 255)]
    for value in (hashes[0], b"YYYYMMDDThhmmssZ", b"payload-hash----" * 4, b"signature-------" * 4):
        for name in ("A-Sum", "X-Amz-Meta-Sum", "Z"):
            headers = [(name, value)]
            for service in ("s3", "sqs"):
                who = signer(service)
                prepared = who.prepare("PUT", URL, headers, payload_hash=hashes[0])
                for payload_hash in hashes:
                    sealed = prepared.seal(payload_hash=payload_hash, amz_date=D1, content_length=3)
                    fresh = who.sign(
                        "PUT",
                        URL,
                        [(name, value.decode())],
                        payload_hash=payload_hash,
                        content_length=3,
                        amz_date=D1,
                    )
                    same("%s of %s for %s" % (value[:6], name, service), sealed, fresh)
                    sealed.check()


_section.run(
    any_payload_after_any_other,
    any_payload_after_a_hint,
    days_and_clocks,
    other_credentials,
    after_a_failure,
    after_a_failed_rotation,
    what_looks_like_a_slot,
)
