"""Floor 0: POST forms; and the package's lazy names."""

import json
import sys
from binascii import a2b_base64

import _section
from _check import equal, raises, true
from _section import refuses

import sigv4_mp
from sigv4_mp import Credentials, Signer
from sigv4_mp.errors import ClockUncertain, RequestError
from sigv4_mp.post_policy import presign_post, sign_policy

DATE = "20150830T123600Z"


def signer(token=None):
    return Signer(Credentials("AK:ID", "secret", token), "us-east-1", "s3")


def post_forms():
    fields = [("acl", "private"), ("x-amz-meta-a", 'ü "q"\\')]
    conditions = [["content-length-range", 0, 9]]
    form = presign_post(signer(token="TOKEN"), "bucket", "a/b", 60, fields, conditions, DATE)
    order = "key acl x-amz-meta-a x-amz-algorithm x-amz-credential x-amz-date"
    order += " x-amz-security-token policy x-amz-signature"
    equal("fields", [name for name, value in form], order.split())
    found = dict(form)
    policy = json.loads(a2b_base64(found["policy"].encode()))
    equal("expiration", policy["expiration"], "2015-08-30T12:37:00Z")
    rules = policy["conditions"]
    true("the bucket", {"bucket": "bucket"} in rules and conditions[0] in rules)
    missing = [name for name, value in form[:-2] if {name: value} not in rules]
    equal("each field has its rule", missing, [])
    equal("no rule too many", len(rules), len(form) - 2 + 2)
    key = Credentials("AK:ID", "secret").signing_key(b"20150830", b"us-east-1", b"s3")
    equal("signature", found["x-amz-signature"].encode(), key.signature(found["policy"].encode()))
    given = presign_post(signer(), "b", "up/${filename}", 60, amz_date=DATE)
    policy = json.loads(a2b_base64(dict(given)["policy"].encode()))
    true("any name below", ["starts-with", "$key", "up/"] in policy["conditions"])
    equal("sign_policy", sign_policy(signer(), '{"a": 1}', DATE)[0], "eyJhIjogMX0=")
    lazy = presign_post(signer(), "b", "k", 60, (pair for pair in fields), amz_date=DATE)
    equal(
        "fields of a generator", lazy, presign_post(signer(), "b", "k", 60, fields, amz_date=DATE)
    )
    for name in (
        "key",
        "Key",
        "policy",
        "Policy",
        "FILE",
        "bucket",
        "x-amz-date",
        "X-AMZ-Signature",
    ):
        refuses(
            RequestError, name, presign_post, signer(), "b", "k", 60, [(name, "x")], amz_date=DATE
        )
    for key in ("", None, b"k", 5):
        refuses(RequestError, "key", presign_post, signer(), "b", key, 60, amz_date=DATE)


class Unsure:
    """A clock that knows how far it may be off: it notes which lifetimes it is asked about."""

    def __init__(self):
        self.asked = []

    def require_presigned(self, service, expires):
        self.asked.append((service, expires))
        if expires < 120:
            raise ClockUncertain("may be off by a minute")
        return DATE.encode()


def lifetimes():
    clock = Unsure()
    who = Signer(Credentials("AK:ID", "secret"), "us-east-1", "s3", clock)
    form = dict(presign_post(who, "b", "k", 3600))
    equal("the form's date", form["x-amz-date"], DATE)
    equal("the clock is asked for the form's lifetime", clock.asked, [(b"s3", 3600)])
    raises("a form too short for this clock", ClockUncertain, presign_post, who, "b", "k", 60)
    refuses(RequestError, "expires", presign_post, who, "b", "k", 0)
    equal("a wrong one does not reach it", clock.asked[1:], [(b"s3", 60)])
    sign_policy(who, "{}", None, 300)
    equal("sign_policy as well", clock.asked[2:], [(b"s3", 300)])


def lazy_names():
    exported = "Signer UNSIGNED_PAYLOAD EMPTY_SHA256 Credentials ScopedCredentials FixedClock"
    exported += " SystemClock TrustedClock SigV4Error RequestError ClockError ClockNotSet"
    exported += " ClockUncertain ClockRollback ClockDisagreement CredentialsError"
    exported += " CredentialsExpired TemporaryCredentials IotProvider ClientIdentity ScopedKeys"
    exported += " SecretStore Aws Spool SpoolFull Uploader Verifier VerifyError ReplayCache"
    exported += " TamperError ProtocolError ServiceError"
    equal("all of them are here", sorted(exported.split() + ["S3", "http"]), sorted(sigv4_mp._HOME))
    for name in exported.split():
        space = {}
        exec("from sigv4_mp import " + name, space)
        home = __import__("sigv4_mp." + sigv4_mp._HOME[name], None, None, ("x",))
        true(name, space[name] is getattr(home, name) and getattr(sigv4_mp, name) is space[name])
    for name in ("post_policy", "presign", "errors"):
        true(name, getattr(sigv4_mp, name) is sys.modules["sigv4_mp." + name])
    for name in ("Nothing", "signers", "_secret", "__wrapped__", "S4"):
        raises(name, AttributeError, getattr, sigv4_mp, name)
        # CPython makes it an ImportError, MicroPython lets __getattr__'s own error through.
        error = raises("import " + name, Exception, exec, "from sigv4_mp import " + name, {})
        true("is of the right kind", isinstance(error, (AttributeError, ImportError)))
        true("hasattr " + name, not hasattr(sigv4_mp, name))
    equal("version", sigv4_mp.__version__.count("."), 2)


_section.run(post_forms, lifetimes, lazy_names)
