"""Our S3 client and our signer against OpenStack Swift, which verifies every signature.

The client runs on the target, in 128 KB of heap on unix32; boto3, curl and raw sockets judge what
it did. test_servers.py shows that Swift accepts and refuses the right things for others.
"""

import hashlib
import os
import socket
import ssl
import threading

import pytest

from e2e_tools import (
    CHANCE,
    S3Client,
    amz_date,
    boto_client,
    code_of,
    command,
    curl,
    least_peaks,
    seal,
    send,
)

SOCKETS = pytest.mark.targets("cpython", "unix", "unix32")

# Everything a key may hold; Swift takes it all. What it cannot store, though S3 can: a key with NUL
# (InvalidURI, its databases are NUL-free) and nothing else that we found.
ODD_KEYS = [
    " ",
    "a b",
    " lead and trail ",
    "ü",
    "e\u0301",
    "😀",
    "+",
    "a+b",
    "~",
    "//",
    "a//b",
    "/lead",
    "trail/",
    ".",
    "..",
    "./a",
    "a/./b",
    "a/../b",
    "../a",
    "%2F",
    "a%2Fb",
    "%",
    "%zz",
    "?a=b&c",
    "#",
    "*'()!;:@,$=&",
    "\\",
    "tab\tand\x01\x7f",
    "x" * 900,
    "ü" * 450,
    "x" * 1024,
    "".join(map(chr, range(32, 127))),
]


@pytest.fixture(scope="session")
def boto(swift):
    return boto_client(swift, "s3")


@pytest.fixture
def bucket(boto, target, request):
    """A bucket of the test's own."""
    name = "%s-%s" % (target.name, hashlib.sha1(request.node.name.encode()).hexdigest()[:16])
    boto.create_bucket(Bucket=name)
    return name


def keys_in(boto, bucket):
    pages = boto.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


@SOCKETS
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_round_trip(target, swift, bucket, boto, tmp_path, scheme):
    body = os.urandom(300001)
    (tmp_path / "body").write_bytes(body)
    s3 = S3Client(target, swift, bucket, scheme)
    put, small, got, head, gone, missing = s3.many(
        command("put", "file.bin", file=str(tmp_path / "body")),
        command("put", "empty", b""),
        command("digest", "file.bin"),
        command("head", "file.bin"),
        command("delete", "empty"),
        command("get", "empty"),
    )
    assert put["etag"] == head["etag"] == '"%s"' % hashlib.md5(body).hexdigest()
    assert small["etag"] == '"%s"' % hashlib.md5(b"").hexdigest()
    assert got == {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    assert (head["length"], gone["status"]) == (len(body), 204)
    assert (missing["error"], missing["status"], missing["code"]) == (
        "ServiceError",
        404,
        "NoSuchKey",
    )
    assert boto.get_object(Bucket=bucket, Key="file.bin")["Body"].read() == body
    assert keys_in(boto, bucket) == ["file.bin"]


@SOCKETS
def test_listing_comes_in_pages(target, swift, bucket, boto):
    names = ["list/%03d ü+" % number for number in range(7)]
    for name in names:
        boto.put_object(Bucket=bucket, Key=name, Body=b"")
    boto.put_object(Bucket=bucket, Key="other", Body=b"")
    answer = S3Client(target, swift, bucket).list(prefix="list/", page_size=3)
    pages = [[bytes.fromhex(key).decode() for key in page] for page in answer["pages"]]
    assert pages == [names[:3], names[3:6], names[6:]]


@SOCKETS
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_virtual_addressing(target, swift, bucket, boto, scheme):
    port = getattr(swift, scheme + "_url").rsplit(":", 1)[1]
    endpoint = "%s://%s:%s" % (scheme, swift.storage_domain, port)
    more = {"endpoint": endpoint, "addressing": "virtual", "resolve": True}
    s3 = S3Client(target, swift, bucket, scheme, **more)
    put, got = s3.many(command("put", "a/ü", b"virtual"), command("get", "a/ü"))
    assert bytes.fromhex(got["body"]) == b"virtual"
    assert boto.get_object(Bucket=bucket, Key="a/ü")["Body"].read() == b"virtual"


@SOCKETS
def test_odd_keys_round_trip(target, swift, bucket, boto):
    bodies = {key: ("body of %d" % at).encode() for at, key in enumerate(ODD_KEYS)}
    s3 = S3Client(target, swift, bucket)
    s3.heap = "160k" if target.name == "unix32" else None  # keys of 2,700 bytes in wire form
    puts = s3.many(*[command("put", key, body) for key, body in bodies.items()])
    assert [answer for answer in puts if "etag" not in answer] == []
    for key, body in bodies.items():
        assert boto.get_object(Bucket=bucket, Key=key)["Body"].read() == body, key
    listed = [key for page in s3.list(page_size=10)["pages"] for key in page]
    assert sorted(listed) == sorted(key.encode().hex() for key in ODD_KEYS)
    assert sorted(keys_in(boto, bucket)) == sorted(ODD_KEYS)


@SOCKETS
def test_odd_keys_of_others_are_read_and_deleted(target, swift, bucket, boto):
    for key in ODD_KEYS:
        boto.put_object(Bucket=bucket, Key=key, Body=b"by boto3: " + key.encode())
    s3 = S3Client(target, swift, bucket)
    s3.heap = "160k" if target.name == "unix32" else None  # keys of 2,700 bytes in wire form
    answers = s3.many(*[command("get", key) for key in ODD_KEYS])
    bodies = [bytes.fromhex(answer["body"]) for answer in answers]
    assert bodies == [b"by boto3: " + key.encode() for key in ODD_KEYS]
    s3.many(*[command("delete", key) for key in ODD_KEYS])
    assert keys_in(boto, bucket) == []


@SOCKETS
def test_what_swift_cannot_store_is_its_refusal(target, swift, bucket):
    """The signature was right: these come from behind the verification, or before any of it."""
    answer = S3Client(target, swift, bucket).put("\0", b"x")
    assert (answer["status"], answer["code"]) == (400, "InvalidURI")
    answer = S3Client(target, swift, bucket).put("x" * 1025, b"x")
    assert (answer["error"], answer["field"]) == ("RequestError", "key")  # S3's own limit, ours


@SOCKETS
def test_plain_http_needs_the_flag(target, swift, bucket):
    answer = S3Client(target, swift, bucket, insecure_http=False).list()
    assert (answer["error"], answer["field"]) == ("RequestError", "insecure_http")


@SOCKETS
def test_a_ca_that_did_not_sign_is_refused(target, swift, bucket, boto):
    stranger = os.path.join(swift.tls_dir, "other-ca.pem")
    answer = S3Client(target, swift, bucket, "https", ca_file=stranger).put("k", b"x")
    assert (answer["error"], answer["field"]) == ("ProtocolError", "ca_file")
    assert keys_in(boto, bucket) == []


class TlsServer(threading.Thread):
    """Shows one certificate to one client and keeps what it then hears, which should be nothing."""

    def __init__(self, stem):
        super().__init__(daemon=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(stem + ".pem", stem + "-key.pem")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(120)
        self.https_url = "https://localhost:%d" % self._listener.getsockname()[1]
        self.heard = b""
        self.start()

    def run(self):
        connection = None
        try:
            connection, _ = self._listener.accept()
            connection.settimeout(120)
            connection = self._context.wrap_socket(connection, server_side=True)
            self.heard = connection.recv(4096)
        except OSError:
            pass
        finally:
            self._listener.close()
            if connection is not None:
                connection.close()


@SOCKETS
@pytest.mark.parametrize("leaf", ["wrong-name", "expired", "future", "forged"])
def test_a_bad_certificate_gets_no_byte_of_the_request(target, swift, leaf):
    server = TlsServer(os.path.join(swift.tls_dir, leaf))
    s3 = S3Client(target, swift, "bucket", "https", endpoint=server.https_url)
    answer = s3.put("k", b"x")
    server.join(150)
    assert (answer["error"], answer["field"]) == ("ProtocolError", "ca_file")
    assert not server.is_alive()
    assert server.heard == b""


@SOCKETS
def test_rsa_and_another_region(target, swift_rsa):
    s3 = S3Client(target, swift_rsa, "rsa-%s" % target.name, "https")
    assert s3.put("k", b"x")["code"] == "NoSuchBucket"  # signature, region and RSA chain are fine
    s3.settings["region"] = "us-east-1"  # the server names its own; it is signed for that one then
    assert s3.put("k", b"x")["code"] == "NoSuchBucket"


# What is changed after sealing, and how Swift answers. An edit takes (head, body), returns both.
TAMPERED = {
    "signature": (lambda h, b: (flip(h, b"Signature=", 70), b), 403, "SignatureDoesNotMatch"),
    "method": (lambda h, b: (h.replace(b"PUT ", b"DELETE ", 1), b), 403, "SignatureDoesNotMatch"),
    "path": (lambda h, b: (h.replace(b"/key ", b"/kez ", 1), b), 403, "SignatureDoesNotMatch"),
    "query": (lambda h, b: (h.replace(b"/key ", b"/key?a=1 ", 1), b), 403, "SignatureDoesNotMatch"),
    "host": (lambda h, b: (h.replace(b"localhost", b"127.0.0.1"), b), 403, "SignatureDoesNotMatch"),
    "header": (lambda h, b: (h.replace(b"20.5", b"20.6"), b), 403, "SignatureDoesNotMatch"),
    "header removed": (lambda h, b: (drop(h, b"x-amz-meta-t"), b), 403, "SignatureDoesNotMatch"),
    "header added": (lambda h, b: (h[:-2] + b"x-amz-meta-u: 1\r\n\r\n", b), 403, "AccessDenied"),
    "body": (lambda h, b: (h, b"B" + b[1:]), 400, "XAmzContentSHA256Mismatch"),
    "body hash": (lambda h, b: (unsign_body(h), b), 403, "SignatureDoesNotMatch"),
    "access key": (
        lambda h, b: (h.replace(b":tester", b":testes"), b),
        403,
        "SignatureDoesNotMatch",
    ),
}


def flip(head, after, offset):
    """Change one hex digit, `offset` bytes behind the start of `after`."""
    at = head.index(after) + offset
    return head[:at] + (b"1" if head[at : at + 1] == b"0" else b"0") + head[at + 1 :]


def drop(head, name):
    """Leave out a header line; its name stays in SignedHeaders."""
    return b"".join(
        line for line in head.splitlines(True) if not line.lower().startswith(name + b":")
    )


def unsign_body(head):
    lines = head.splitlines(True)
    at = next(i for i, line in enumerate(lines) if line.lower().startswith(b"x-amz-content-sha256"))
    lines[at] = b"x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n"
    return b"".join(lines)


def put_command(swift, bucket, body, **changes):
    """What e2e_seal.py is asked for in the tests of refusal."""
    url = "%s/%s/key" % (swift.http_url, bucket)
    line = {"do": "header", "service": "s3", "method": "PUT", "url": url, "body": body.hex()}
    return dict(line, headers=[["x-amz-meta-t", "20.5"]], **changes)


def test_tampered_requests_are_refused(target, swift, bucket, boto):
    body = b"body as it was signed"
    sealed = seal(target, swift, *[put_command(swift, bucket, body)] * (len(TAMPERED) + 1))
    honest = bytes.fromhex(sealed.pop()["head"])
    outcomes = {}
    for name, (edit, _, _) in TAMPERED.items():
        head, altered = edit(bytes.fromhex(sealed.pop()["head"]), body)
        assert (head, altered) != (honest, body), name
        status, text = send(swift.http_url, head + altered)
        outcomes[name] = (status, code_of(text))
    wanted = {name: (status, code) for name, (_, status, code) in TAMPERED.items()}
    assert outcomes == wanted
    assert keys_in(boto, bucket) == []
    assert send(swift.http_url, honest + body)[0] == 200
    assert boto.get_object(Bucket=bucket, Key="key")["Metadata"] == {"t": "20.5"}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"region": "eu-west-9"}, 400, "AuthorizationHeaderMalformed"),
        ({"service": "s3express"}, 400, "AuthorizationHeaderMalformed"),
        ({"amz_date": -1200}, 403, "RequestTimeTooSkewed"),
        ({"amz_date": 1200}, 403, "RequestTimeTooSkewed"),
        ({"secret_access_key": "wrong"}, 403, "SignatureDoesNotMatch"),
        ({"amz_date": -600}, 200, None),
        ({"amz_date": 600}, 200, None),
    ],
)
def test_wrong_scope_and_wrong_time(target, swift, bucket, changes, status, code):
    if "amz_date" in changes:
        changes = {"amz_date": amz_date(changes["amz_date"])}
    (sealed,) = seal(target, swift, put_command(swift, bucket, b"body", **changes))
    answer, text = send(swift.http_url, bytes.fromhex(sealed["head"]) + b"body")
    assert (answer, code_of(text)) == (status, code)


def presigned(target, swift, method, url, **changes):
    line = {"do": "query", "service": "s3", "method": method, "url": url, "expires": 300}
    return seal(target, swift, dict(line, **changes))[0]["url"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_presigned_urls_work_in_curl(target, swift, bucket, boto, tmp_path, scheme):
    (tmp_path / "body").write_bytes(b"from curl")
    url = "%s/%s/%s" % (getattr(swift, scheme + "_url"), bucket, "a%20b/%C3%BC%2B~")
    put = presigned(target, swift, "PUT", url)
    assert curl(swift, "-T", str(tmp_path / "body"), put) == (200, "")
    assert boto.get_object(Bucket=bucket, Key="a b/ü+~")["Body"].read() == b"from curl"
    get = presigned(target, swift, "GET", url)
    assert curl(swift, get) == (200, "from curl")
    assert curl(swift, "-T", str(tmp_path / "body"), get)[0] == 403  # another method


def test_altered_or_expired_urls_are_refused(target, swift, bucket, boto):
    boto.put_object(Bucket=bucket, Key="key", Body=b"private")
    url = "%s/%s/key" % (swift.http_url, bucket)
    good = presigned(target, swift, "GET", url)
    assert curl(swift, good) == (200, "private")
    for altered in (
        good.replace("/key?", "/kez?"),
        good.replace("X-Amz-Expires=300", "X-Amz-Expires=301"),
        flip(good.encode(), b"X-Amz-Signature=", 20).decode(),
        good + "&response-content-type=text%2Fhtml",
    ):
        status, text = curl(swift, altered)
        assert (status, code_of(text)) == (403, "SignatureDoesNotMatch"), altered
    expired = presigned(target, swift, "GET", url, amz_date=amz_date(-600))
    status, text = curl(swift, expired)
    assert (status, code_of(text), "Request has expired" in text) == (403, "AccessDenied", True)
    foreign = presigned(target, swift, "GET", url, region="eu-west-9")
    assert code_of(curl(swift, foreign)[1]) == "AuthorizationQueryParametersError"


@SOCKETS
def test_ten_megabytes_over_tls(target, swift, bucket, tmp_path, record_property):
    """On unix32 in 128 KB of heap: the peak of what is alive does not grow with the file."""

    def measure(length, key):
        body = os.urandom(1 << 10) * (length >> 10)
        (tmp_path / "body").write_bytes(body)
        s3 = S3Client(target, swift, bucket, "https")
        put, got = s3.many(command("put", key, file=str(tmp_path / "body")), command("digest", key))
        assert (got["length"], got["sha256"]) == (length, hashlib.sha256(body).hexdigest())
        return put["peak"]

    peaks = least_peaks(measure, (10 << 10, 10 << 20))
    if peaks[1]:  # CPython does not tell
        record_property("peak_live_heap", "%d B for 10 KiB, %d B for 10 MiB" % tuple(peaks))
    assert abs(peaks[1] - peaks[0]) <= CHANCE
