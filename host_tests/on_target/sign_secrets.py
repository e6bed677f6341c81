"""Nothing that can be printed holds a secret, a session token or a signing key."""

import io
import sys
from binascii import b2a_base64, hexlify

import _check

from sigv4_mp import Credentials, ScopedCredentials, Signer
from sigv4_mp.errors import SigV4Error
from sigv4_mp.keys import SigningKey, derive_signing_key

DATE = "20150830T123600Z"
SECRET = "MARKED-SECRET+0123456789/abcdefghijklmno"
TOKEN = "MARKED-TOKEN+/=" + "t" * 300
KEY = derive_signing_key(SECRET.encode(), b"20150830", b"us-east-1", b"s3")
URL = "https://example.com/key?a=b"
MARKS = [
    "MARKED",
    SECRET[7:],
    TOKEN[7:20],
    hexlify(KEY).decode(),
    hexlify(KEY).decode().upper(),
    b2a_base64(KEY).decode().strip(),
    repr(KEY)[2:-1],
]


def clean(name, thing):
    """Check every way to print a thing."""
    for text in (repr(thing), str(thing), "%s" % (thing,), "{}".format(thing), repr([thing])):
        found = [mark for mark in MARKS if mark in text]
        _check.true(name, not found, "prints one of the marks")


def printed(error):
    """Return what a traceback of error prints."""
    if hasattr(sys, "print_exception"):
        out = io.StringIO()
        sys.print_exception(error, out)
        return out.getvalue()
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def refuses(name, work, *args, **options):
    """Check that work refuses, and that neither the error nor its traceback holds a mark."""
    error = _check.raises(name, SigV4Error, work, *args, **options)
    if error is None:
        return
    clean(name, error)
    shown = [printed(error), repr(error.args), str(error.field), str(error.message)]
    while getattr(error, "__context__", None):  # CPython keeps what was being handled
        error = error.__context__
        shown += [str(error), repr(error)]
    for text in shown:
        _check.true(name + ", shown", not [mark for mark in MARKS if mark in text], "holds a mark")


def objects():
    credentials = Credentials("AKID", SECRET, TOKEN)
    signer = Signer(credentials, "us-east-1", "s3")
    prepared = signer.prepare("GET", URL)
    sealed = prepared.seal(amz_date=DATE)
    presigned = signer.prepare_presigned("GET", URL, 60).seal(amz_date=DATE)
    scoped = ScopedCredentials("AKID", "20150830", "us-east-1", "s3", KEY, TOKEN)
    key = SigningKey("AKID", "20150830", "us-east-1", "s3", KEY)
    for thing in (credentials, signer, prepared, sealed, presigned, scoped, key):
        clean(type(thing).__name__, thing)
    credentials.wipe()
    scoped.wipe()
    key.wipe()
    for thing in (credentials, scoped, key):
        clean("wiped " + type(thing).__name__, thing)
    refuses("wiped credentials", signer.sign, "GET", "https://example.com/other", amz_date=DATE)
    refuses("wiped key", key.signature, b"text")
    refuses("wiped scoped", Signer(scoped, "us-east-1", "s3").sign, "GET", URL, amz_date=DATE)


def bad_credentials():
    for bad in (" ", "\n", "\r", "\t", "\x00", "\x7f"):
        for at in (0, 5, len(SECRET)):
            text = SECRET[:at] + bad + SECRET[at:]
            for value in (text, text.encode()):
                refuses("secret", Credentials, "AKID", value, TOKEN)
                refuses("token", Credentials, "AKID", SECRET, value)
                refuses("access key id", Credentials, value, SECRET, TOKEN)
    for value in (None, 1, [SECRET], (SECRET,), {"a": SECRET}):
        refuses("type of secret", Credentials, "AKID", value, TOKEN)
    for value in (1, [TOKEN], {"a": TOKEN}):
        refuses("type of token", Credentials, "AKID", SECRET, value)
    for value in (KEY[:31], KEY + b"x", hexlify(KEY), hexlify(KEY).decode(), b"", ""):
        refuses("key", ScopedCredentials, "AKID", "20150830", "us-east-1", "s3", value)


def bad_requests():
    for credentials in (
        Credentials("AKID", SECRET, TOKEN),
        ScopedCredentials("AKID", "20150830", "us-east-1", "s3", KEY, TOKEN),
    ):
        signer = Signer(credentials, "us-east-1", "s3")
        options = {"amz_date": DATE}
        refuses("url", signer.sign, "GET", "nonsense", **options)
        refuses("method", signer.sign, "get", URL, **options)
        refuses("no clock", signer.sign, "GET", URL)
        refuses("date", signer.sign, "GET", URL, amz_date="nonsense")
        refuses("header", signer.sign, "GET", URL, headers=[("A", "b\r\nc")], **options)
        refuses("own token", signer.sign, "GET", URL, [("X-Amz-Security-Token", "x")], **options)
        refuses("own date", signer.sign, "GET", URL, headers=[("X-Amz-Date", DATE)], **options)
        refuses("authorization", signer.sign, "GET", URL, [("Authorization", "x")], **options)
        refuses("hash", signer.sign, "GET", URL, payload_hash="x", **options)
        refuses("expires", signer.presign, "GET", URL, 0, **options)
        refuses("own parameter", signer.presign, "GET", URL + "&X-Amz-Signature=1", 60, **options)
    scoped = ScopedCredentials("AKID", "20150830", "us-east-1", "s3", KEY, TOKEN)
    for region, service, date in (
        ("eu-west-1", "s3", DATE),
        ("us-east-1", "sqs", DATE),
        ("us-east-1", "s3", "20150831T000000Z"),
    ):
        refuses("scope", Signer(scoped, region, service).sign, "GET", URL, amz_date=date)


objects()
bad_credentials()
bad_requests()
_check.done()
