"""The receiving side of KMS's external key stores: requests of its public proxy API, verified.

Keys, paths and bodies are those of the specification (aws/aws-kms-xksproxy-api-spec, "XKS Proxy
Configuration File Example", appendices A and D). It publishes no whole signed request, so botocore,
awscrt and curl sign here: as KMS does, Host and X-Amz-Date only, and as appendix D does.
"""

import collections
import datetime
import hashlib
import io
import json
import re

import pytest
from awscrt import auth, http
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

import verify_recordings
from e2e_tools import ask
from sigv4_mp import Credentials
from sigv4_mp.verify import Verifier, VerifyError
from verify_tools import meaning, mutations

pytestmark = pytest.mark.slow  # it starts clients of their own environments

KEYS = {  # access key id: secret
    "AKIAI2SFODNN7EXAMPLE": "FYtE5EFA5FT0mCc3DrGUe2sti527BitkQ0Zr9MO9fvE",
    "HGIE2BUAFNDMBCMSQVWLGCEXAMPLE": "VU6W2byoiBrhDqNGbx703oL0syCAmhlQgwNUT123456",
    "A" * 20: "+/" * 21 + "=",  # the shortest that KMS takes
    "7" * 30: "aZ0=" * 16,  # and the longest
}
FIRST = "AKIAI2SFODNN7EXAMPLE"
REGION = "us-west-2"
SERVICE = "kms-xks-proxy"
PREFIX = "/keystores/4a0d79d6-1d1b-49fd-9dbe-799cb9c0fb3f/kms/xks/v1"
ENCRYPT = PREFIX + "/keys/b42c7fbf-de61-441c-ae24-123456789012/encrypt"
METADATA = {
    "awsPrincipalArn": "arn:aws:iam::123456789012:user/Alice",
    "kmsKeyArn": "arn:aws:kms:us-east-2:123456789012:/key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "kmsOperation": "GenerateDataKey",
    "kmsRequestId": "4112f4d6-db54-4af4-ae30-c55a22a8dfae",
}
BODY = json.dumps(
    {
        "requestMetadata": METADATA,
        "plaintext": "SGVsbG8gV29ybGQh",
        "encryptionAlgorithm": "AES_GCM",
    }
).encode()
HEALTH = b'{"requestMetadata": {"kmsOperation": "KmsHealthCheck", "kmsRequestId": "1124f4d6"}}'
NOW = datetime.datetime(2026, 11, 23, 12, 0, 0, tzinfo=datetime.timezone.utc)
NOW_TEXT = "20261123T120000Z"
# KMS leaves Content-Type unsigned; a path is what it says, letter by letter.
POLICY = {"may_be_unsigned": ["content-type"], "exact_path": True, "tolerance": 300}
NEVER_SIGNED = ("content-type", "content-length")


def xks_answer(error):
    """Return (HTTP status, body) for KMS: whatever the verifier refuses is not authenticated.

    A full replay cache is a throttle (its status is 503). The text is safe to tell, and short.
    """
    status, name = 401, "AuthenticationFailedException"
    if error.status == 503:
        status, name = 429, "ThrottlingException"
    return status, json.dumps({"errorName": name, "errorMessage": error.message[:511]}).encode()


def head_of(path, headers):
    lines = ["POST %s HTTP/1.1" % path] + ["%s: %s" % pair for pair in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def by_botocore(access_key_id=FIRST, path=ENCRYPT, body=BODY):
    """Return a head, bytes, signed by botocore now; Content-Type is added behind its back."""
    request = AWSRequest("POST", "https://xks.example.com" + path, data=body)
    SigV4Auth(BotoCredentials(access_key_id, KEYS[access_key_id]), SERVICE, REGION).add_auth(
        request
    )
    headers = [("Host", "xks.example.com"), *request.headers.items()]
    headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return head_of(path, headers)


def by_awscrt(access_key_id=FIRST, path=ENCRYPT, body=BODY, shift_s=0, region=REGION):
    """Return a head, bytes, signed by AWS's C runtime, Host and X-Amz-Date only."""
    headers = [("Host", "xks.example.com"), ("Content-Type", "application/json")]
    headers.append(("Content-Length", str(len(body))))
    request = http.HttpRequest("POST", path, http.HttpHeaders(headers), io.BytesIO(body))
    config = auth.AwsSigningConfig(
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(
            access_key_id, KEYS[access_key_id]
        ),
        region=region,
        service=SERVICE,
        date=NOW + datetime.timedelta(seconds=shift_s),
        should_sign_header=lambda name: name.lower() not in NEVER_SIGNED,
        signed_body_header_type=auth.AwsSignedBodyHeaderType.NONE,
    )
    signed = auth.aws_sign_request(request, config).result(30)
    return head_of(path, list(signed.headers))


def date_in(head):
    return re.search(r"(?i)x-amz-date: ?(\w+)", head.decode()).group(1)


def line(head, body, now, region=REGION, access_key_id=FIRST):
    """Return what on_target/gateway_verify.py is asked."""
    return {
        "policy": dict(POLICY, region=region, service=SERVICE),
        "access_key_id": access_key_id,
        "secret_access_key": KEYS[access_key_id],
        "head": head.hex(),
        "body": body.hex(),
        "amz_date": now,
    }


def test_signed_as_kms_does(target):
    """By two signers, with every length of key; signed is what the specification's example has."""
    cases = []
    for name in KEYS:
        cases.append((by_awscrt(name), BODY, NOW_TEXT, name))
        head = by_botocore(name)
        cases.append((head, BODY, date_in(head), name))
    cases.append((by_awscrt(path=PREFIX + "/health", body=HEALTH), HEALTH, NOW_TEXT, FIRST))
    lines = [line(head, body, now, REGION, name) for head, body, now, name in cases]
    for (head, body, _, name), said in zip(cases, ask(target, "gateway_verify", lines)):
        assert said["code"] == "", (head, said)
        assert said["signed"] == "host;x-amz-date" and said["who"] == name
        assert said["path"] == head.decode().split(" ")[1]
        assert said["payload"] == "hash" and bytes.fromhex(said["content"]) == body
        assert said["unsigned"] == ["content-length", "content-type"]


def test_curl_as_in_appendix_d(target, tmp_path):
    """What the specification tells its readers to try."""
    name = "HGIE2BUAFNDMBCMSQVWLGCEXAMPLE"
    (tmp_path / "body").write_bytes(BODY)
    with verify_recordings.Server() as server:
        sign = ["--aws-sigv4", "aws:amz:us-east-1:kms-xks-proxy", "--user", name + ":" + KEYS[name]]
        more = ["-X", "POST", "-H", "Content-Type:application/json"]
        data = ["--data", "@%s" % (tmp_path / "body")]
        verify_recordings._curl_raw(*sign, *more, *data, server.url() + ENCRYPT)
        recording = verify_recordings.Recording("curl", "xks", server.requests[0], BODY)
    head, body = recording.parts
    (said,) = ask(target, "gateway_verify", [line(head, body, date_in(head), "us-east-1", name)])
    assert said["code"] == "" and bytes.fromhex(said["content"]) == BODY
    assert set(said["signed"].split(";")) >= {"host", "x-amz-date"}


def test_five_minutes(target):
    """Refused is what is *more* than five minutes old or ahead."""
    shifts = (-301, -300, 0, 300, 301)
    lines = [line(by_awscrt(shift_s=shift), BODY, NOW_TEXT) for shift in shifts]
    said = ask(target, "gateway_verify", lines)
    assert [one["code"] == "" for one in said] == [False, True, True, True, False]
    assert said[0]["rule"] == said[4]["rule"] == "skew"


class Proxy:
    """What a proxy does with a request: judge(head, body) returns its status, name and Verified."""

    def __init__(self, keys=KEYS, **more):
        known = {name.encode(): Credentials(name, secret) for name, secret in keys.items()}
        self.verifier = Verifier(known.get, REGION, SERVICE, **dict(POLICY, **more))

    def __call__(self, head, body):
        try:
            claim = self.verifier.read(head, NOW_TEXT)
            request = claim.prove(hashlib.sha256(body).hexdigest() if claim.needs_body else None)
            reader = request.body()
            reader.feed(body)
            reader.finish()
        except VerifyError as error:
            status, told = xks_answer(error)
            told = json.loads(told)
            text = told["errorMessage"]
            assert len(text) < 512 and text.isascii() and text.isprintable()
            assert not any(secret in text for secret in KEYS.values())
            return status, told["errorName"], None
        return 200, "", request


REFUSED = (401, "AuthenticationFailedException", None)


def test_what_is_refused_is_a_401():
    proxy = Proxy()
    head = by_awscrt()
    assert proxy(head, BODY)[0] == 200
    assert proxy(head, BODY.replace(b"Alice", b"Mallo")) == REFUSED
    assert proxy(head.replace(b"/encrypt", b"/decrypt"), BODY) == REFUSED
    assert proxy(by_awscrt(region="us-east-1"), BODY) == REFUSED
    assert proxy(by_awscrt(shift_s=-400), BODY) == REFUSED
    assert proxy(head.replace(b"Authorization", b"X-Authorization"), BODY) == REFUSED
    assert Proxy({"A" * 20: KEYS["A" * 20]})(head, BODY) == REFUSED  # nobody that we know
    assert Proxy({FIRST: KEYS["A" * 20]})(head, BODY) == REFUSED
    assert Proxy(hosts=["xks.example.com"])(head, BODY)[0] == 200
    assert Proxy(hosts=["other.example.com"])(head, BODY) == REFUSED


def test_two_keys_while_they_are_rotated():
    """Both are good; once the old one is taken out, it is not."""
    keys = {FIRST: KEYS[FIRST], "A" * 20: KEYS["A" * 20]}
    for name in keys:
        assert Proxy(keys)(by_awscrt(name), BODY)[2].access_key_id == name
    del keys[FIRST]
    assert Proxy(keys)(by_awscrt(FIRST), BODY) == REFUSED


def test_the_header_that_the_specification_shows():
    """Appendix A's Authorization can be read: the region, the service, what is signed."""
    access_key_id = "MUBSXM6K3KMXHN6RRCXI7TWQH4NU76HYFKRSESPMTSTIBADXQQXQ"
    shown = (
        "AWS4-HMAC-SHA256 Credential=%s/20211009/us-west-2/kms-xks-proxy/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=1164eaa8e79eacaa9c0df54aa42f3b300380d14bedfc08e3b319648d4abfff66"
    )
    headers = [("Host", "xks.example.com"), ("X-Amz-Date", "20211009T010203Z")]
    head = head_of(ENCRYPT, [*headers, ("Authorization", shown % access_key_id)])
    claim = Proxy().verifier.read(head, "20211009T010203Z")
    assert (claim.access_key_id, claim.amz_date) == (access_key_id, "20211009T010203Z")
    with pytest.raises(VerifyError) as caught:
        claim.prove()
    assert caught.value.rule == "unknown-key" and xks_answer(caught.value)[0] == 401


def test_no_mutation_passes():
    """Every single change of a request that KMS might send: a 401, or it means the same."""
    proxy = Proxy()
    head = by_awscrt()
    signed = ["host", "x-amz-date"]
    wanted = without_type(meaning(head, BODY, signed))
    counts = collections.Counter()
    for one in mutations(head, BODY):
        status, name, request = proxy(one.head, one.body)
        counts[status] += 1
        if request:
            found = without_type(meaning(one.head, one.body, signed))
            assert found == wanted, (one.field, one.what)
        else:
            assert (status, name) == REFUSED[:2], (one.field, one.what)
    assert counts.total() > 2500 and 0 < counts[200] < 700, counts


def without_type(found):
    """KMS does not sign Content-Type, so that may change; the answer says that it is unsigned."""
    return [
        [pair for pair in part if pair[0] != "content-type"] if number == 3 else part
        for number, part in enumerate(found)
    ]
