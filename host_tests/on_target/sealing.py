"""What the bodies about sealing share: signers, dates, and when two sealed requests are one."""

from _check import equal

from sigv4_mp import UNSIGNED_PAYLOAD, Credentials, Signer

D1, D2 = "20150830T235959Z", "20150831T000000Z"
URL = "https://bucket.example.com/a/b?x=1"
ZEROS = "0" * 64
STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def signer(service="s3", token=None, access_key_id="AKID", **options):
    return Signer(Credentials(access_key_id, "secret", token), "us-east-1", service, **options)


def seen(sealed):
    """All that a sealed request says."""
    return (
        sealed.head,
        sealed.canonical_request,
        sealed.string_to_sign,
        sealed.signature,
        sealed.authorization,
        sealed.payload_hash,
        sealed.content_length,
        sealed.amz_date,
        sealed.credential_scope,
        sealed.added_headers,
    )


def unpadded(head):
    """A head without the white space of a right-aligned Content-Length."""
    at = head.find(b"Content-Length: ") + 16
    return head[:at] + head[at:].lstrip() if at > 15 else head


def same(name, sealed, fresh):
    """Check that two sealed requests are one, but for the padding."""
    a, b = seen(sealed), seen(fresh)
    equal(name + ", head", unpadded(a[0]), unpadded(b[0]))
    equal(name + ", the rest", a[1:], b[1:])


def lines(head, name):
    return [line for line in head.split(b"\r\n") if line.lower().startswith(name + b":")]


PAYLOADS = (
    {"payload": b"a"},
    {"payload": b"abc" * 100},
    {"payload": bytearray(b"abc")},
    {"payload_hash": ZEROS, "content_length": 5},
    {"payload_hash": ZEROS.encode(), "content_length": 0},
    {"payload_hash": UNSIGNED_PAYLOAD, "content_length": 12},
    {"payload_hash": UNSIGNED_PAYLOAD},
    {"payload_hash": ZEROS},
    {"payload_hash": STREAM, "content_length": 9},
    {"payload_hash": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "content_length": 9},
    {"payload": b""},
    {},
    {"content_length": 0},
    {"payload": memoryview(b"x"), "content_length": 1},
    {"payload_hash": ZEROS, "content_length": 9999999999},
)
