"""firmware/gateway on each target with sockets, between real clients and a real Swift."""

import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import verify_recordings
from e2e_tools import amz_date, boto_client, code_of, compiled, compiled_library, send
from recorder import OK, Recorder, answer
from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.chunked import ROOM, SIGNED, ChunkEncoder, encoded_length
from sigv4_mp.net.http import Http
from sigv4_mp.services.s3 import S3
from tools.servers._process import free_port

FOLDER = Path(__file__).resolve().parents[1] / "firmware" / "gateway"
COMMON = FOLDER.parent / "common" / "device.py"
BUCKET = "gateway"
SECRET = "LAN-" + "s" * 36
PUMP, OTHER = "LANPUMP7", "LANPUMP8"
HEAPS = {"unix32": "240k"}

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


class Running:
    """A gateway on a target, in a process of its own. url: where it listens; port: the same."""

    def __init__(self, target, config):
        self._target = target
        self._folder = tempfile.TemporaryDirectory()
        self._config = dict(config, listen="127.0.0.1")

    def __enter__(self):
        for _ in range(3):  # a free port is only looked up: another program may take it first
            self._start()
            if "EADDRINUSE" not in self.said() and "in use" not in self.said():
                break
        assert "listening" in self.said(), self.said()
        return self

    def _start(self):
        self.port = self._config["port"] = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        folder = Path(self._folder.name)
        for name, content in self._files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        words = [*self._target.command(HEAPS.get(self._target.name)), "main.py", "config.json"]
        environment = dict(self._target.environment(), PYTHONUNBUFFERED="1")
        with open(folder / "output", "wb") as output:
            self._process = subprocess.Popen(
                words, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + 120
        while self._process.poll() is None and "listening" not in self.said():
            assert time.monotonic() < end, self.said()
            time.sleep(0.02)

    def _files(self):
        files = {"config.json": json.dumps(self._config).encode()}
        files["main.py"] = (FOLDER / "main.py").read_bytes()
        others = [COMMON, FOLDER / "gateway.py", FOLDER / "relay.py"]
        if self._target.name == "cpython":
            return dict(files, **{path.name: path.read_bytes() for path in others})
        files.update(compiled_library())  # a board gets bytecode too
        return dict(files, **{path.stem + ".mpy": compiled(path, path.name) for path in others})

    def said(self):
        """Return what it has printed so far."""
        return (Path(self._folder.name) / "output").read_text()

    def ended(self):
        """Wait for its end; return what it said."""
        assert self._process.wait(60) == 0, self.said()
        return self.said()

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        assert SECRET not in self.said()
        assert "Traceback" not in self.said(), self.said()
        self._folder.cleanup()


@pytest.fixture(scope="session")
def upstream(swift):
    """A boto3 client that sees what has really been stored."""
    return stored_at(swift)


def stored_at(swift):
    """Return a boto3 client of a server that has the gateway's bucket."""
    client = boto_client(swift, "s3")
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):  # the board's test has it
        client.create_bucket(Bucket=BUCKET)
    return client


def settings(swift, **more):
    devices = {
        PUMP: {"secret_access_key": SECRET, "allow": "pump-7/", "methods": ["PUT", "GET"]},
        OTHER: {"secret_access_key": SECRET + "8", "allow": "pump-8/"},
    }
    config = {
        "endpoint": swift.https_url,
        "region": swift.region,
        "bucket": BUCKET,
        "addressing": "path",
        "profile": "swift",
        "ca_file": swift.ca_file,
        "credentials": {
            "access_key_id": swift.access_key_id,
            "secret_access_key": swift.secret_access_key,
        },
        "devices": devices,
        "ntp_servers": [],
        "deadline_s": 60,
        "head_s": 60,
    }
    return dict(config, **more)


@pytest.fixture(scope="session")
def gateway(target, swift, upstream):
    with Running(target, settings(swift)) as running:
        yield running


@pytest.fixture
def key(target):
    """A key that nobody has used."""
    return "pump-7/%s-%s" % (target.name, uuid.uuid4().hex)


def boto(gateway, swift, access_key_id=PUMP, secret=SECRET):
    return boto3.client(
        "s3",
        endpoint_url=gateway.url,
        region_name=swift.region,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret,
        config=Config(
            s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={}
        ),
    )


def signed(gateway, swift, key, body=b"", method="PUT", headers=(), device=PUMP, **more):
    """Return a request, bytes, as a device signs it; no two are equal, or one were a replay."""
    secret = SECRET if device == PUMP else SECRET + "8"
    signer = Signer(Credentials(device, more.pop("secret", secret)), swift.region, "s3")
    url = "%s/%s/%s" % (gateway.url, more.pop("bucket", BUCKET), key)
    date, headers = amz_date(more.pop("shift_s", 0)), [unlike(), *headers]
    sealed = signer.sign(method, url, headers, more.pop("payload", body), amz_date=date, **more)
    return bytes(sealed.head) + body


def unlike():
    """Return a header that no other request has."""
    return "x-amz-meta-number", uuid.uuid4().hex


def stored(upstream, key):
    """Return what is stored under a key, or None."""
    with contextlib.suppress(upstream.exceptions.NoSuchKey):
        return upstream.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return None


def test_boto3_through_the_gateway(target, gateway, swift, upstream, key):
    """Small, empty, larger than its buffer, with a key that needs care; and back."""
    client = boto(gateway, swift)
    for name, body in (("a b+ü%", b"x" * 700), ("empty", b""), ("large", os.urandom(100000))):
        name = "%s/%s" % (key, name)
        done = client.put_object(
            Bucket=BUCKET, Key=name, Body=body, ContentType="a/b", Metadata={"city": "Rome"}
        )
        found = upstream.get_object(Bucket=BUCKET, Key=name)
        assert found["Body"].read() == body and found["ETag"] == done["ETag"]
        assert (found["ContentType"], found["Metadata"]) == ("a/b", {"city": "Rome"})
    assert client.get_object(Bucket=BUCKET, Key=key + "/a b+ü%")["Body"].read() == b"x" * 700
    with pytest.raises(ClientError, match="NoSuchKey"):
        client.get_object(Bucket=BUCKET, Key=key + "/none")
    with pytest.raises(ClientError, match="BadGateway"):  # more than a device's settings
        client.get_object(Bucket=BUCKET, Key=key + "/large")


def test_our_own_client_in_chunks(target, gateway, swift, upstream, key):
    """Verified chunk by chunk, signed anew chunk by chunk: nobody knows the hash in advance."""
    body = os.urandom(30000)
    signer = Signer(Credentials(PUMP, SECRET), swift.region, "s3", SystemClock())
    s3 = S3(signer, gateway.url, BUCKET, "path", insecure_http=True, profile="swift")
    with Http() as http:
        for mode in ("chunked", "chunked-trailer"):
            put = s3.put_object(key + mode, body, mode=mode, content_length=len(body))
            assert http.run(put).status == 200
            assert stored(upstream, key + mode) == body


@pytest.mark.parametrize("size", [500, 20000])
def test_a_tampered_body_never_arrives(target, gateway, swift, upstream, key, size):
    """Also one that is larger than the gateway's RAM for it: S3 sees no complete request."""
    body = os.urandom(size)
    request = signed(gateway, swift, key, body)
    for at in (len(request) - size, len(request) - 1):
        tampered = bytearray(request)
        tampered[at] ^= 1
        status, text = send(gateway.url, bytes(tampered))
        assert (status, code_of(text)) == (400, "XAmzContentSHA256Mismatch")
        assert stored(upstream, key) is None
        request = signed(gateway, swift, key, body)
    assert send(gateway.url, request)[0] == 200
    assert stored(upstream, key) == body


def test_a_tampered_head_is_refused(target, gateway, swift, upstream, key):
    """A bit of every 23rd byte; test_verify_clients.py has all of them, and more."""
    request = signed(gateway, swift, key, b"body")
    length = request.lower().index(b"content-length")  # another one would only be waited for
    for at in range(5, request.index(b"\r\n\r\n"), 23):
        if not length <= at < length + 25:
            tampered = bytearray(request)
            tampered[at] ^= 1
            assert send(gateway.url, bytes(tampered))[0] in (400, 403), (at, request)
    assert stored(upstream, key) is None
    assert send(gateway.url, request)[0] == 200


def test_a_tampered_chunk_never_arrives(target, gateway, swift, upstream, key):
    signer = Signer(Credentials(PUMP, SECRET), swift.region, "s3")

    def request(spoil):
        buffer = bytearray(ROOM + 8192 + 2)
        headers = [("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", "10000")]
        sealed = signer.sign(
            "PUT",
            "%s/%s/%s" % (gateway.url, BUCKET, key),
            [*headers, unlike()],
            payload_hash=SIGNED,
            content_length=encoded_length(10000, 8192, SIGNED),
            amz_date=amz_date(),
        )
        encoder = ChunkEncoder(sealed, 10000, 8192, SIGNED)
        data = bytes(sealed.head)
        for length in (8192, 1808):
            buffer[ROOM : ROOM + length] = b"c" * length
            start, end = encoder.wrap(buffer, length)
            data += bytes(buffer[start:end])
        data = bytearray(data + encoder.end())
        data[spoil] ^= spoil != 0
        return bytes(data)

    for spoil in (-1000, -150, -20):  # in the last chunk's data, its end, the final signature
        status, text = send(gateway.url, request(spoil))
        assert status in (400, 403) and code_of(text) in ("SignatureDoesNotMatch", "InvalidRequest")
        assert stored(upstream, key) is None
    assert send(gateway.url, request(0))[0] == 200
    assert stored(upstream, key) == b"c" * 10000


def test_the_signing_boundary(target, swift):
    """What goes upstream: the gateway's signature, the device's hash, nothing of the device's key.

    Of a body that is not the one that was signed no complete request comes.
    """
    config = settings(swift, profile="minio", insecure_http=True)
    config["credentials"] = {"access_key_id": "GATEWAYKEY", "secret_access_key": "g" * 40}
    body = os.urandom(5000)
    typed = [("content-type", "a/b")]
    with (
        verify_recordings.Server() as recorded,
        Running(target, dict(config, endpoint=recorded.url())) as gateway,
    ):
        request = signed(gateway, swift, "pump-7/x", body, headers=typed)
        spoilt = request[:-1] + bytes([request[-1] ^ 1])
        status, text = send(gateway.url, spoilt)
        assert (status, code_of(text)) == (400, "XAmzContentSHA256Mismatch")
        assert recorded.requests == []
        again = signed(gateway, swift, "pump-7/x", body, headers=typed)
        assert send(gateway.url, again)[0] == 200
    (data,) = recorded.requests
    head, _, sent = data.partition(b"\r\n\r\n")
    assert sent == body and b"PUT /gateway/pump-7/x HTTP/1.1\r\n" in head
    assert b"Credential=GATEWAYKEY/" in head and PUMP.encode() not in head
    head = head.lower()
    assert b"x-amz-content-sha256: " + hashlib.sha256(body).hexdigest().encode() in head
    assert b"content-type: a/b" in head and b"x-amz-meta-number: " in head


def test_what_fits_the_buffer_is_sent_again(target, swift):
    """S3 is busy once: a small body is sent again by the gateway, a larger one by the device."""
    config = settings(swift, profile="minio", insecure_http=True)
    busy = answer(b"HTTP/1.1 503 Slow Down\r\n")
    with (
        Recorder([busy, OK, busy]) as recorded,
        Running(target, dict(config, endpoint=recorded.url())) as gateway,
    ):
        assert send(gateway.url, signed(gateway, swift, "pump-7/x", b"small"))[0] == 200
        assert len(recorded.requests) == 2
        status, text = send(gateway.url, signed(gateway, swift, "pump-7/x", b"x" * 3000))
        assert (status, code_of(text)) == (503, "SlowDown")
    assert len(recorded.requests) == 3


def test_refusals(target, gateway, swift, upstream, key):
    """Each with its own answer; none of them leaves a trace upstream."""
    before = len(upstream.list_objects_v2(Bucket=BUCKET).get("Contents", ()))

    def told(key=key, **more):
        status, text = send(gateway.url, signed(gateway, swift, key, **more))
        assert SECRET not in text and "aws4_request" not in text and swift.access_key_id not in text
        return status, code_of(text)

    assert told(secret="wrong") == (403, "SignatureDoesNotMatch")
    assert told(device="NOBODY") == (403, "SignatureDoesNotMatch")  # nobody learns who is known
    assert told("pump-8/x") == (403, "AccessDenied")
    assert told("pump-70/x") == (403, "AccessDenied")
    assert told(bucket="other") == (403, "AccessDenied")
    assert told(method="DELETE") == (403, "AccessDenied")
    assert told("pump-8/x", device=OTHER, method="GET") == (403, "AccessDenied")
    assert told("pump-7/../pump-8/x") == (400, "InvalidURI")
    assert told("pump-7//x") == (400, "InvalidURI")
    assert told(key + "?acl") == (501, "NotImplemented")
    assert told(headers=[("x-amz-copy-source", "/gateway/a")]) == (501, "NotImplemented")
    assert told(headers=[("if-none-match", "*")]) == (501, "NotImplemented")
    assert told(shift_s=-1200) == (403, "RequestTimeTooSkewed")
    assert told(payload=None, payload_hash="UNSIGNED-PAYLOAD", content_length=1, body=b"x") == (
        403,
        "AccessDenied",
    )
    large = {"payload": None, "payload_hash": "0" * 64, "content_length": 2 << 20}
    assert told(**large) == (400, "EntityTooLarge")
    status, text = send(gateway.url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, code_of(text)) == (403, "AccessDenied")
    status, text = send(gateway.url, b"PUT /" + b"x" * 5000)
    assert (status, code_of(text)) == (400, "RequestHeaderSectionTooLarge")
    assert send(gateway.url, b"\x16\x03\x01" + b"\0" * 40 + b"\r\n\r\n")[0] == 400
    assert len(upstream.list_objects_v2(Bucket=BUCKET).get("Contents", ())) == before


def test_a_replay_is_refused(target, gateway, swift, upstream, key):
    request = signed(gateway, swift, key, b"once")
    assert send(gateway.url, request)[0] == 200
    upstream.delete_object(Bucket=BUCKET, Key=key)
    status, text = send(gateway.url, request)
    assert (status, code_of(text)) == (403, "AccessDenied")
    assert stored(upstream, key) is None


def connect(gateway):
    connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=60)
    return contextlib.closing(connection)


def answer_of(connection):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while True:
            more = connection.recv(4096)
            if not more:
                break
            data += more
    return int(data.split(b" ")[1]), code_of(data.decode())


@pytest.mark.targets("cpython", "unix32")  # it waits for deadlines
def test_the_slow_the_silent_and_the_crowd(target, swift, upstream, key):
    """A head that does not end, a body that stops, more connections than there are: all cut off."""
    config = settings(swift, head_s=5, deadline_s=7, connections=2)
    with Running(target, config) as impatient:
        request = signed(impatient, swift, key, b"x" * 3000)
        with connect(impatient) as slow, connect(impatient) as stopped:
            slow.sendall(request[:50])
            stopped.sendall(request[:-10])
            with connect(impatient) as third:
                assert answer_of(third) == (503, "SlowDown")
            assert answer_of(slow) == (408, "RequestTimeout")
            assert answer_of(stopped) == (408, "RequestTimeout")
        assert stored(upstream, key) is None
        with connect(impatient) as gone:  # ends within the body
            gone.sendall(signed(impatient, swift, key, b"y" * 3000)[:-10])
            gone.shutdown(socket.SHUT_WR)
            assert answer_of(gone) == (400, "IncompleteBody")
        assert stored(upstream, key) is None
        # It serves again; its deadline is short for a busy machine, hence more than one try.
        tries = (send(impatient.url, signed(impatient, swift, key, b"z"))[0] for _ in range(5))
        assert 200 in tries
    assert stored(upstream, key) == b"z"


def test_no_trusted_time_nothing_is_taken(target, swift, upstream, key):
    config = settings(swift, ntp_servers=["127.0.0.1:1"], ntp_agreeing=1)
    with Running(target, config) as lost:
        status, text = send(lost.url, signed(lost, swift, key, b"x"))
        assert (status, code_of(text)) == (503, "ServiceUnavailable")
    assert stored(upstream, key) is None


def test_what_s3_refuses_is_not_the_devices_fault(target, swift, upstream, key):
    """The gateway's own secret is wrong, or S3 is away: 502, and nothing of either key is told."""
    config = settings(swift, requests=1)
    config["credentials"] = dict(config["credentials"], secret_access_key="MARKED-" + "m" * 30)
    with Running(target, config) as poor:
        status, text = send(poor.url, signed(poor, swift, key, b"x"))
        assert (status, code_of(text)) == (502, "BadGateway")
        said = poor.ended()
        assert "upstream  403 SignatureDoesNotMatch" in said
        assert "MARKED" not in text + said and PUMP not in text
    assert stored(upstream, key) is None


def test_a_life_in_bounded_ram(target, swift, upstream, key, ntp, record_property):
    """Set by a time server; three requests, then it ends and says how much RAM it needed."""
    config = settings(swift, requests=3, ntp_agreeing=1)
    config["ntp_servers"] = ["%s:%d" % (ntp.address, ntp.port)]
    with Running(target, config) as gateway:
        client = boto(gateway, swift)
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x" * 65536)
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            boto(gateway, swift, secret="wrong").put_object(Bucket=BUCKET, Key=key, Body=b"y")
        client.put_object(Bucket=BUCKET, Key=key, Body=b"z" * 10)
        said = gateway.ended()
    assert "put       %s by %s: stored, 65536 bytes" % (key, PUMP) in said
    assert "refused   403 SignatureDoesNotMatch (signature)" in said
    assert "counters  PUT 2, signature 1" in said
    if target.name != "cpython":
        peak = re.search(r"^heap +(\d+) of (\d+) bytes at most$", said, re.M)
        print("%s: %s" % (target.name, peak.group()))
        record_property("gateway_heap", peak.group())


def test_wrong_settings(target, swift, tmp_path):
    files = {path.name: path.read_bytes() for path in FOLDER.glob("*.py")}
    files["device.py"] = COMMON.read_bytes()
    for change, words in (
        ({"devices": {}}, "RequestError: devices: is missing"),
        ({"devices": {PUMP: {"secret_access_key": "s", "allow": "a"}}}, "RequestError: devices"),
        ({"devices": {PUMP: {"allow": "a/"}}}, "CredentialsError"),
    ):
        config = json.dumps(dict(settings(swift), **change))
        if target.name != "cpython":
            files.update(compiled_library())
        done = target.run(
            "main.py", ["config.json"], dict(files, **{"config.json": config}), heap="256k"
        )
        assert done.code == 1 and done.text.startswith("failed    " + words), done.text


def test_what_stands_beside_it():
    """The README shows the output and an IAM policy; the example's settings are all known."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    policies = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.S)]
    assert any("Statement" in one for one in policies)
    example = json.loads((FOLDER / "config.example.json").read_text())
    source = (FOLDER / "main.py").read_text() + COMMON.read_text()
    for name in example:
        assert '"%s"' % name in source, name
