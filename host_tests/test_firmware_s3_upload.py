"""firmware/s3_upload/main.py on each target with sockets: what it does, and how it fails."""

import json
import os
from pathlib import Path

import pytest

from e2e_tools import compiled_library
from tools.servers.ntp import Ntp

ROOT = Path(__file__).resolve().parents[1]
MAIN = ROOT / "firmware" / "s3_upload" / "main.py"
SIZE = 1 << 20

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


@pytest.fixture(scope="session")
def client(swift):
    """A boto3 client with the bucket made."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=swift.http_url,
        region_name=swift.region,
        aws_access_key_id=swift.access_key_id,
        aws_secret_access_key=swift.secret_access_key,
    )
    client.create_bucket(Bucket="firmware")
    return client


@pytest.fixture(scope="session")
def clocks():
    """Two more time servers; one of them is 20 minutes fast."""
    with Ntp() as good, Ntp(offset_s=1200) as fast:
        yield good, fast


@pytest.fixture
def config(swift, ntp, clocks, client):
    """A configuration that works; tests break it."""
    return {
        "endpoint": swift.https_url,
        "region": swift.region,
        "bucket": "firmware",
        "key": "a/b c.bin",
        "file": "data.bin",
        "credentials": {
            "access_key_id": swift.access_key_id,
            "secret_access_key": swift.secret_access_key,
        },
        "ntp_servers": ["%s:%d" % (server.address, server.port) for server in (ntp, *clocks)],
        "ca_file": str(swift.ca_file),
    }


def run(target, config, data=b"x", heap=None):
    """Run main.py in a folder that holds its config and data.bin."""
    text = config if isinstance(config, str) else json.dumps(config)
    files = {"config.json": text, "data.bin": data, "main.py": MAIN.read_bytes()}
    if target.name != "cpython":  # a board gets bytecode too: compiling it all there takes more RAM
        files.update(compiled_library())
    return target.run("main.py", args=["config.json"], files=files, heap=heap, timeout=120)


def room(target):
    """What it takes to read an error's XML beside a whole program, as .mpy in RAM."""
    return "144k" if target.name == "unix32" else None


def test_uploads(target, config, client):
    data = os.urandom(SIZE)
    result = run(target, dict(config, explain=True), data)
    assert result.code == 0, result.text + result.stderr.decode()
    stored = client.get_object(Bucket="firmware", Key="a/b c.bin")["Body"].read()
    assert stored == data
    lines = result.text.splitlines()
    assert "request   /firmware/a/b%20c.bin" in lines
    assert [line for line in lines if line.startswith("sent")][-1] == "sent      100 %"
    if target.name == "unix32":
        peak = int([line for line in lines if line.startswith("heap")][0].split()[1])
        print("live heap at its highest, program included: %d bytes" % peak)
        assert peak < 128 * 1024 < len(data)


@pytest.mark.parametrize("mode", ["unsigned", "chunked", "chunked-trailer", "unsigned-trailer"])
def test_one_pass_modes(target, config, client, mode):
    data = os.urandom(50000)
    # Program, NTP, TLS and a chunk's buffer want more than 128 KB together, as .mpy.
    heap = "160k" if target.name == "unix32" else None
    result = run(target, dict(config, mode=mode, profile="swift", explain=True), data, heap)
    assert result.code == 0, result.text + result.stderr.decode()
    stored = client.get_object(Bucket="firmware", Key="a/b c.bin")["Body"].read()
    assert stored == data
    assert "\nhash " not in result.text  # it was read once


def test_a_wrong_region_is_mended(target, config, client):
    """The server names its region; the request is signed again for that one, once."""
    result = run(target, dict(config, region="eu-west-1", explain=True), b"healed", room(target))
    assert result.code == 0, result.text
    assert "/eu-west-1/s3/aws4_request" in result.text
    stored = client.get_object(Bucket="firmware", Key="a/b c.bin")["Body"].read()
    assert stored == b"healed"


def test_plain_http_by_flag_only(target, config, swift):
    config["endpoint"] = swift.http_url
    assert_fails(run(target, config), "RequestError: insecure_http")
    config["insecure_http"] = True
    result = run(target, config)
    assert result.code == 0, result.text


def assert_fails(result, words):
    """The program says what went wrong in one line, last, and its status says so too."""
    assert result.code == 1, result.stderr
    last = result.text.splitlines()[-1]
    assert last.startswith("failed    " + words), result.text
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bucket": None}, "RequestError: bucket: is missing"),
        ({"buckt": "x"}, "RequestError: buckt: is not a setting"),
        ({"bucket": "nobody-made-this"}, "ServiceError: NoSuchBucket (HTTP 404)"),
        ({"file": "nowhere.bin"}, "OSError"),
        ({"endpoint": "ftp://x"}, "RequestError"),
        ({"mode": "chunked"}, "RequestError: mode"),  # not for a server that nobody knows
        ({"mode": "chunky", "profile": "swift"}, "RequestError: mode"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_wrong_settings(target, config, change, words):
    result = run(target, dict(config, **change))
    if words == "OSError" and target.name == "cpython":
        words = "FileNotFoundError"
    assert_fails(result, words)


def test_wrong_secret_is_refused_and_not_shown(target, config):
    config["credentials"]["secret_access_key"] = "MARKED-" + "s" * 30
    result = run(target, dict(config, explain=True), heap=room(target))
    assert_fails(result, "ServiceError: SignatureDoesNotMatch (HTTP 403)")
    assert b"MARKED" not in result.stdout + result.stderr


def test_wrong_ca_is_refused(target, config, swift):
    config["ca_file"] = str(Path(swift.tls_dir) / "other-ca.pem")
    assert_fails(run(target, config), "ProtocolError: ca_file")


def test_no_time_no_signature(target, config, ntp, swift):
    """An NTP server that is not there: the program stops before it signs."""
    config["ntp_servers"] = ["127.0.0.1:%d" % unused_udp_port()]
    config["explain"] = True
    result = run(target, config)
    assert_fails(result, "ClockNotSet: amz_date: too few time servers answered")
    assert "signature" not in result.text


def unused_udp_port():
    """Return a UDP port of loopback that nobody listens on."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_config_that_is_not_json(target):
    assert_fails(run(target, "no JSON"), "RequestError: config: config.json is not JSON")


def test_example_config_has_known_settings_only():
    """config.example.json can be copied as it is, but for the secrets."""
    source = MAIN.read_text(encoding="utf-8")
    example = json.loads((MAIN.parent / "config.example.json").read_text())
    for name in example:
        assert '"%s"' % name in source
