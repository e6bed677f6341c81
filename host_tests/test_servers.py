"""The servers that judge our signatures, judged first: by boto3 and botocore, none of our code.

A test that relies on a refusal proves something only if that server accepts the honest request and
refuses the tampered one from a client everybody trusts. That is what this file establishes.
"""

import datetime
import hashlib
import http.client
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from pathlib import Path

import boto3
import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, SSLError

from tools.servers import ntp as ntp_module
from tools.servers._process import ServerFailed
from tools.servers.ntp import Ntp

ROOT = Path(__file__).resolve().parents[1]
ONE_TRY = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={})


def client(server, service, url, **changes):
    """A boto3 client for `server`; `changes` replace what it would use (a wrong secret, a CA)."""
    options = {
        "region_name": server.region,
        "aws_access_key_id": server.access_key_id,
        "aws_secret_access_key": server.secret_access_key,
        "verify": server.ca_file,
    }
    return boto3.client(service, endpoint_url=url, config=ONE_TRY, **dict(options, **changes))


def code_of(refusal):
    """(HTTP status, service's error code) of a boto3 ClientError."""
    answer = refusal.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


@pytest.fixture(params=["http_url", "https_url"])
def bucket(request, swift):
    """(boto3 client, bucket name) over plain HTTP and over TLS."""
    name = "baseline-" + request.param[:-4]
    s3 = client(swift, "s3", getattr(swift, request.param))
    s3.create_bucket(Bucket=name)
    return s3, name


def test_swift_stores_what_boto3_sends(bucket):
    s3, name = bucket
    body = os.urandom(100000)
    s3.put_object(Bucket=name, Key="a b/ü+~.bin", Body=body)
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=name)["Contents"]] == ["a b/ü+~.bin"]
    assert s3.get_object(Bucket=name, Key="a b/ü+~.bin")["Body"].read() == body
    s3.delete_object(Bucket=name, Key="a b/ü+~.bin")
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0


def test_swift_refuses_a_wrong_secret(swift):
    s3 = client(swift, "s3", swift.http_url, aws_secret_access_key="not the secret")
    with pytest.raises(ClientError) as refusal:
        s3.list_buckets()
    assert code_of(refusal) == (403, "SignatureDoesNotMatch")


def test_swift_refuses_an_unknown_access_key(swift):
    s3 = client(swift, "s3", swift.http_url, aws_access_key_id="test:nobody")
    with pytest.raises(ClientError) as refusal:
        s3.list_buckets()
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("server", ["swift", "swift_rsa"])
def test_swift_refuses_a_wrong_region(server, request):
    server = request.getfixturevalue(server)
    client(server, "s3", server.http_url).list_buckets()
    s3 = client(server, "s3", server.http_url, region_name="eu-west-9")
    with pytest.raises(ClientError) as refusal:
        s3.list_buckets()
    assert code_of(refusal) == (400, "AuthorizationHeaderMalformed")
    assert server.region in str(refusal.value)


def sign(server, monkeypatch, method="GET", path="/", body=b"", shift_s=0, service="s3"):
    """Sign a request with botocore as if the clock were `shift_s` ahead; return its headers."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift_s)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: now.replace(tzinfo=None))
    request = AWSRequest(method, server.http_url + path, data=body)
    keys = Credentials(server.access_key_id, server.secret_access_key)
    botocore.auth.S3SigV4Auth(keys, service, server.region).add_auth(request)
    return dict(request.headers.items())


def send(server, method, path, headers, body=b""):
    """Send as it stands; return (status, text)."""
    host, port = server.http_url[len("http://") :].split(":")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    try:
        connection.request(method, path, body, dict(headers, Host="%s:%s" % (host, port)))
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("shift_s", [-1200, 1200])
def test_swift_refuses_20_minutes_of_skew(swift, monkeypatch, shift_s):
    assert send(swift, "GET", "/", sign(swift, monkeypatch))[0] == 200
    status, text = send(swift, "GET", "/", sign(swift, monkeypatch, shift_s=shift_s))
    assert (status, "<Code>RequestTimeTooSkewed</Code>" in text) == (403, True)


def test_swift_accepts_10_minutes_of_skew(swift, monkeypatch):
    for shift_s in (-600, 600):
        assert send(swift, "GET", "/", sign(swift, monkeypatch, shift_s=shift_s))[0] == 200


def test_swift_refuses_a_body_that_was_not_signed(swift, monkeypatch):
    client(swift, "s3", swift.http_url).create_bucket(Bucket="baseline-body")
    path, body = "/baseline-body/k", b"what was signed"
    headers = sign(swift, monkeypatch, "PUT", path, body)
    assert headers["X-Amz-Content-SHA256"] == hashlib.sha256(body).hexdigest()
    assert send(swift, "PUT", path, headers, body)[0] == 200
    status, text = send(swift, "PUT", path, headers, b"what was s1gned")
    assert (status, "<Code>XAmzContentSHA256Mismatch</Code>" in text) == (400, True)


def test_swift_shows_the_canonical_request_it_expected(swift, monkeypatch):
    headers = sign(swift, monkeypatch)
    headers["Authorization"] = headers["Authorization"][:-64] + "0" * 64
    status, text = send(swift, "GET", "/", headers)
    assert (status, "<Code>SignatureDoesNotMatch</Code>" in text) == (403, True)
    assert "<CanonicalRequest>GET\n/\n\nhost:" in text


def test_swift_takes_a_bucket_from_the_host_name(swift, monkeypatch):
    client(swift, "s3", swift.http_url).create_bucket(Bucket="baseline-virtual")
    port = swift.http_url.rsplit(":", 1)[1]
    named = "http://baseline-virtual.%s:%s" % (swift.storage_domain, port)
    monkeypatch.setattr(type(swift), "http_url", named)
    headers = sign(swift, monkeypatch, "PUT", "/k", b"x")
    assert send(swift, "PUT", "/k", headers, b"x")[0] == 200
    monkeypatch.undo()
    s3 = client(swift, "s3", swift.http_url)
    assert s3.get_object(Bucket="baseline-virtual", Key="k")["Body"].read() == b"x"


@pytest.mark.parametrize("server", ["swift", "swift_rsa", "ministack"])
def test_tls_verifies_with_our_ca_and_no_other(server, request):
    server = request.getfixturevalue(server)
    service = "sts" if server.name == "ministack" else "s3"
    call = "get_caller_identity" if service == "sts" else "list_buckets"
    getattr(client(server, service, server.https_url), call)()
    stranger = os.path.join(server.tls_dir, "other-ca.pem")
    with pytest.raises(SSLError):
        getattr(client(server, service, server.https_url, verify=stranger), call)()


@pytest.mark.parametrize(
    ("leaf", "reason"),
    [
        ("server", None),
        ("wrong-name", "Hostname mismatch"),
        ("expired", "certificate has expired"),
        ("future", "not yet valid"),
        ("forged", "signature failure"),
    ],
)
def test_bad_certificates_are_bad_for_the_stated_reason(swift, leaf, reason):
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stem = os.path.join(swift.tls_dir, leaf)
    server_side.load_cert_chain(stem + ".pem", stem + "-key.pem")
    client_side = ssl.create_default_context(cafile=swift.ca_file)
    objection = handshake(server_side, client_side)
    assert objection is None if reason is None else reason in objection


def handshake(server_side, client_side):
    """Shake hands in memory; return None or what the client objects to."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    client_end = client_side.wrap_bio(to_client, to_server, server_hostname="localhost")
    for _ in range(4):
        for end in (client_end, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                return str(error)
    return None


def test_ministack_knows_its_user_and_its_role(ministack):
    sts = client(ministack, "sts", ministack.http_url)
    assert sts.get_caller_identity()["Arn"].endswith(":user/device")
    temporary = {"aws_" + name: value for name, value in ministack.session.items()}
    sts = client(ministack, "sts", ministack.https_url, **temporary)
    assert sts.get_caller_identity()["Arn"].endswith(":assumed-role/fleet/device")


def test_ministack_refuses_a_wrong_secret(ministack):
    sts = client(ministack, "sts", ministack.http_url, aws_secret_access_key="not the secret")
    with pytest.raises(ClientError) as refusal:
        sts.get_caller_identity()
    assert code_of(refusal) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("token", [None, "altered"])
def test_ministack_refuses_a_session_without_its_token(ministack, token):
    temporary = {"aws_" + name: value for name, value in ministack.session.items()}
    temporary["aws_session_token"] = token and temporary["aws_session_token"][:-1] + "g"
    sts = client(ministack, "sts", ministack.http_url, **temporary)
    with pytest.raises(ClientError) as refusal:
        sts.get_caller_identity()
    assert code_of(refusal) == (403, "InvalidClientTokenId")


def test_ministack_stores_an_item(ministack):
    dynamodb = client(ministack, "dynamodb", ministack.http_url)
    dynamodb.create_table(
        TableName="baseline",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S": "1"}, "reading": {"N": "20.5"}}
    dynamodb.put_item(TableName="baseline", Item=item)
    assert dynamodb.get_item(TableName="baseline", Key={"id": {"S": "1"}})["Item"] == item
    stranger = client(ministack, "dynamodb", ministack.http_url, aws_secret_access_key="x")
    with pytest.raises(ClientError):
        stranger.put_item(TableName="baseline", Item=item)


def test_chrony_answers_a_raw_sntp_packet(ntp):
    cookie, before = os.urandom(8), time.time()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(20)
        asker.sendto(b"\x23" + bytes(39) + cookie, (ntp.address, ntp.port))
        reply, sender = asker.recvfrom(512)
    first, stratum = reply[0], reply[1]
    assert (first >> 6, first >> 3 & 7, first & 7) == (0, 4, 4)  # leap, version, mode: server
    assert (len(reply), stratum, reply[24:32]) == (48, 2, cookie)
    transmit = struct.unpack(">I", reply[40:44])[0] - ntp_module.NTP_TO_UNIX
    assert int(before) <= transmit <= time.time()
    assert sender == (ntp.address, ntp.port)


def test_chrony_can_serve_another_time(ntp):
    def told(server):
        return ntp_module.transmit_time(ntp_module.query(server.port))

    with Ntp(offset_s=-5400.5, stratum=7) as behind:
        before, shifted, after = told(ntp), told(behind), told(ntp)
        assert ntp_module.query(behind.port)[1] == 7
    assert before - 0.01 <= shifted + 5400.5 <= after + 0.01


def test_a_server_dies_with_the_process_that_started_it(tmp_path):
    program = "import sys, time; sys.path.insert(0, %r)\n" % str(ROOT)
    program += "from tools.servers.ntp import Ntp\n"
    program += "with Ntp(%r) as s: print(s._guard.pid, s.port, flush=True); time.sleep(600)\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", program % str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    guard = int(parent.stdout.readline().split()[0])
    assert list(tmp_path.iterdir()) != []
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(600):
        if not any(tmp_path.iterdir()) and not os.path.exists("/proc/%d" % guard):
            break
        time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(guard, 0)


def test_a_server_that_cannot_start_shows_its_log(tmp_path):
    with pytest.raises(ServerFailed, match="Could not parse local"):
        Ntp(tmp_path, stratum=99).start()
    assert list(tmp_path.iterdir()) == []
