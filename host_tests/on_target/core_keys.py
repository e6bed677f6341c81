"""Floor 0: signing keys, where they come from, how long they are kept."""

from binascii import hexlify, unhexlify

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp.errors import CredentialsError, RequestError
from sigv4_mp.keys import (
    SigningKey,
    SigningKeyCache,
    check_access_key_id,
    check_name,
    check_scope_date,
    check_secret_access_key,
    check_session_token,
    derive_signing_key,
)

SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
DAY, REGION = b"20150830", b"us-east-1"
# AWS's documented example of a derived key, for IAM.
IAM = b"c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def derivation():
    equal("AWS's example", hexlify(derive_signing_key(SECRET, DAY, REGION, b"iam")), IAM)
    secret = bytearray(SECRET)
    equal("from a bytearray", hexlify(derive_signing_key(secret, DAY, REGION, b"iam")), IAM)
    equal("the caller's secret stays", secret, bytearray(SECRET))
    equal("str for names", hexlify(derive_signing_key(SECRET, "20150830", "us-east-1", "iam")), IAM)
    others = [
        derive_signing_key(SECRET + b"x", DAY, REGION, b"iam"),
        derive_signing_key(SECRET, b"20150831", REGION, b"iam"),
        derive_signing_key(SECRET, DAY, b"us-east-2", b"iam"),
        derive_signing_key(SECRET, DAY, REGION, b"s3"),
        unhexlify(IAM),
    ]
    equal("each part matters", len(set(others)), 5)
    long = derive_signing_key(b"s" * 61, DAY, REGION, b"iam")  # AWS4 + 61 is longer than a block
    true("a secret longer than a block", long != derive_signing_key(b"s" * 60, DAY, REGION, b"iam"))
    for day in ("", "2015083", "201508300", "2015-8-3", "2015083O", b"2015083\xb2", "２０150830"):
        refuses(RequestError, "scope_date", check_scope_date, day)
    equal("scope date", check_scope_date("20150830"), DAY)
    for name in ("us-east-1", b"s3", "a.b_c-9", "Z"):
        equal(
            "name %r" % name,
            check_name(name, "x"),
            name if isinstance(name, bytes) else name.encode(),
        )
    for name in (
        "",
        "a/b",
        "a b",
        "a\n",
        "@",
        "[",
        "`",
        "{",
        ":",
        b"\xc1",
        b"\xe1",
        b"\x00",
        None,
        1,
    ):
        refuses(RequestError, "region", check_name, name, "region")


def credential_checks():
    equal(
        "id",
        (check_access_key_id("AKID"), check_access_key_id(b"acc:user")),
        (b"AKID", b"acc:user"),
    )
    for value in (
        "",
        "a b",
        "a/b",
        "a,b",
        "a=b",
        'a"b',
        "a\n",
        "ü",
        None,
        1,
        b"\xff",
        bytearray(b"A"),
    ):
        refuses(CredentialsError, "access_key_id", check_access_key_id, value)
    equal("no token", check_session_token(None), None)
    token = "FwoGZXIvYXdzE+/=" * 300
    equal("a long token", check_session_token(token), token.encode())
    for value in ("", "a b", "a\r\nX: y", "\x00", "tokén", b"\x80", 1, bytearray(b"t")):
        refuses(CredentialsError, "session_token", check_session_token, value)
    given = bytearray(b"secret")
    kept = check_secret_access_key(given)
    true("a new bytearray", kept == given and kept is not given and isinstance(kept, bytearray))
    for value in ("sécret", b"secret", memoryview(b"secret")):
        true(
            "secret of %s" % type(value).__name__,
            isinstance(check_secret_access_key(value), bytearray),
        )
    for value in ("", "a b", "a\n", b"\x7f", None, 5):
        refuses(CredentialsError, "secret_access_key", check_secret_access_key, value)
    for value in ("top secret", b"top\tsecret"):
        error = raises("told", CredentialsError, check_secret_access_key, value)
        true("but not shown", "top" not in str(error) and "top" not in repr(error))


def signing_keys():
    key = SigningKey("AKID", DAY, REGION, "iam", unhexlify(IAM))
    derived = SigningKey.derive(b"AKID", bytearray(SECRET), DAY, "us-east-1", "iam")
    for message in (b"", b"string to sign", bytearray(b"x" * 200)):
        equal("given and derived sign alike", key.signature(message), derived.signature(message))
    equal("64 hex digits", len(unhexlify(key.signature(b"a"))), 32)
    equal(
        "names",
        (key.access_key_id, key.scope_date, key.region, key.service),
        (b"AKID", DAY, REGION, b"iam"),
    )
    equal("repr", repr(key), "<SigningKey AKID for 20150830/us-east-1/iam>")
    hmac = key._hmac
    key.wipe()
    equal("wiped to zero", (hmac._inner, hmac._outer), (bytearray(64), bytearray(64)))
    refuses(CredentialsError, "signing_key", key.signature, b"x")
    key.wipe()  # twice is fine
    for raw in (b"", b"1" * 31, b"1" * 33, "1" * 32, IAM):
        refuses(CredentialsError, "signing_key", SigningKey, "AKID", DAY, REGION, "iam", raw)
    refuses(RequestError, "service", SigningKey, "AKID", DAY, REGION, "i/m", b"1" * 32)
    refuses(CredentialsError, "access_key_id", SigningKey, "A/D", DAY, REGION, "iam", b"1" * 32)
    refuses(RequestError, "scope_date", SigningKey, "AKID", "today", REGION, "iam", b"1" * 32)


def key_cache():
    cache = SigningKeyCache()
    get = cache.get
    first = get(b"AKID", SECRET, DAY, REGION, b"s3")
    true("a hit", get(b"AKID", SECRET, DAY, REGION, b"s3") is first)
    other = get(b"AKID", SECRET, DAY, REGION, b"sqs")
    true(
        "another service beside it",
        other is not first and get(b"AKID", SECRET, DAY, REGION, b"s3") is first,
    )
    pads = first._hmac._inner
    second = get(b"AKID", SECRET, b"20150831", REGION, b"s3")
    true("another day replaces it", second is not first and len(cache._keys) == 2)
    equal("and wipes it", (first._hmac, pads), (None, bytearray(64)))
    equal(
        "right for the day",
        second.signature(b"m"),
        SigningKey.derive(b"AKID", SECRET, b"20150831", REGION, b"s3").signature(b"m"),
    )
    third = get(b"AKID2", b"other", b"20150831", REGION, b"s3")
    true("another access key replaces it", third is not second and second._hmac is None)
    equal(
        "right for the key",
        third.signature(b"m"),
        SigningKey.derive(b"AKID2", b"other", b"20150831", REGION, b"s3").signature(b"m"),
    )
    for i in range(20):
        get(b"AKID2", b"other", b"20150831", b"r%d" % i, b"s3")
    equal("bounded", len(cache._keys), 8)
    equal("the oldest are wiped", third._hmac, None)
    kept = list(cache._keys)
    equal("the newest are kept", [key.region for key in kept], [b"r%d" % i for i in range(12, 20)])
    cache.wipe()
    true("all wiped", not cache._keys and not [key for key in kept if key._hmac])


_section.run(derivation, credential_checks, signing_keys, key_cache)
