"""The telemetry examples of firmware/, whole, on each target with sockets, against real servers."""

import json
import re
import socket
import uuid
from pathlib import Path

import pytest

from e2e_tools import boto_client, compiled, compiled_library
from tools import policy as policy_tool
from tools.servers.iot_credentials import ALIAS, THING, IotCredentials

FIRMWARE = Path(__file__).resolve().parents[1] / "firmware"
EXAMPLES = ("telemetry_kinesis", "telemetry_iot", "datalogger_s3")
HEAPS = {"telemetry_kinesis": "192k", "telemetry_iot": "192k", "datalogger_s3": "192k"}

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


def credentials(server):
    return {
        "access_key_id": server.access_key_id,
        "secret_access_key": server.secret_access_key,
    }


@pytest.fixture
def clocks(ntp, second_ntp):
    """Two time servers, which agree."""
    return ["%s:%d" % (one.address, one.port) for one in (ntp, second_ntp)]


def base(server, clocks, endpoint):
    """Return the settings that all have."""
    return {
        "region": server.region,
        "endpoint": endpoint,
        "credentials": credentials(server),
        "ca_file": server.ca_file,
        "ntp_servers": clocks,
        "every_s": 0.01,
        "deadline_s": 0.5,
    }


def run(target, example, config, folder, code=0):
    """Run an example in a folder, which keeps its spool; return what it printed."""
    device, main = FIRMWARE / "common" / "device.py", FIRMWARE / example / "main.py"
    files = {"config.json": json.dumps(config), "main.py": main.read_bytes()}
    if target.name == "cpython":
        files["device.py"] = device.read_bytes()
    else:  # a board gets bytecode too
        files.update(compiled_library())
        files["device.mpy"] = compiled(device, "device.py")
    heap = HEAPS[example] if target.name == "unix32" else None
    done = target.run("main.py", ["config.json"], files, cwd=folder, heap=heap, timeout=180)
    assert done.code == code and b"Traceback" not in done.stderr, done.text + done.stderr.decode()
    if "credentials" in config:
        assert config["credentials"]["secret_access_key"] not in done.text
    return done.text


def name_of(target):
    return "%s-%s" % (target.name, uuid.uuid4().hex[:8])


def nobody():
    """Return a URL on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return "http://127.0.0.1:%d" % one.getsockname()[1]


def counter(text, name):
    found = re.search(r"^counters .*\b%s (\d+)" % name, text, re.M)
    return int(found.group(1)) if found else 0


def test_kinesis(target, ministack, clocks, tmp_path, record_property):
    """Forty readings, the first ten of them offline; the rest over TLS."""
    boto = boto_client(ministack, "kinesis")
    name = name_of(target)
    boto.create_stream(StreamName=name, ShardCount=1)
    config = dict(base(ministack, clocks, nobody()), stream=name, readings=10, insecure_http=True)
    text = run(target, "telemetry_kinesis", dict(config, send_s=0.02), tmp_path, code=1)
    assert counter(text, "network") and "spool     10 records wait" in text
    config = dict(config, endpoint=ministack.https_url, readings=30, insecure_http=False)
    config["deadline_s"] = 30
    text = run(target, "telemetry_kinesis", config, tmp_path)
    assert "spool     10 records wait from before" in text
    assert counter(text, "sent") == 40
    shard = boto.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    start = boto.get_shard_iterator(
        StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    stored = boto.get_records(ShardIterator=start["ShardIterator"])["Records"]
    readings = [json.loads(record["Data"]) for record in stored]
    assert [one["n"] for one in readings] == [*range(1, 11), *range(1, 31)]
    numbers = [int(one["id"][-8:], 16) for one in readings]
    assert numbers == list(range(1, 41))
    assert len({one["id"][:16] for one in readings}) == 1
    if target.name == "unix32":
        print(re.search(r"^heap.*", text, re.M).group())


def test_iot(target, ministack, clocks, tmp_path):
    """Three boots: offline, without time, and one that delivers all three readings."""
    topic = "pumps/%s/temperature" % name_of(target)
    config = dict(base(ministack, clocks, ministack.https_url), topic=topic, retain=True)
    config["credentials"] = ministack.session
    del config["every_s"]
    offline = dict(config, endpoint=nobody(), insecure_http="session-token")
    text = run(target, "telemetry_iot", offline, tmp_path, code=1)
    assert counter(text, "network") and "1 records wait" in text
    text = run(target, "telemetry_iot", dict(config, ntp_servers=["127.0.0.1:1"]), tmp_path, code=1)
    assert counter(text, "no_clock") and counter(text, "undated") == 1
    assert "2 records wait" in text
    config["deadline_s"] = 30
    text = run(target, "telemetry_iot", config, tmp_path)
    assert "sent      3 messages" in text
    stored = boto_client(ministack, "iot-data").get_retained_message(topic=topic)
    assert json.loads(stored["payload"])["id"].endswith("-00000003")


@pytest.mark.parametrize("form", ["good", "der"])
def test_iot_credentials(target, ministack, clocks, tmp_path, form):
    """The certificate's own credentials: a boot without their provider, then one that fetches."""
    topic = "pumps/%s/temperature" % name_of(target)
    with IotCredentials(ministack, shared_ca=True) as provider:
        certificate, private_key = provider.identity(form)
        iot = {
            "endpoint": nobody().partition("//")[2],
            "role_alias": ALIAS,
            "certificate": certificate,
            "private_key": private_key,
            "thing_name": THING,
        }
        config = dict(base(ministack, clocks, ministack.https_url), topic=topic, retain=True)
        del config["every_s"], config["credentials"]
        config["deadline_s"] = 2
        text = run(target, "telemetry_iot", dict(config, iot_credentials=iot), tmp_path, code=1)
        assert counter(text, "network") and "1 records wait" in text
        assert provider.fetches == 0
        iot["endpoint"] = provider.endpoint
        config["deadline_s"] = 30
        text = run(target, "telemetry_iot", dict(config, iot_credentials=iot), tmp_path)
        assert "sent      2 messages" in text and counter(text, "sent") == 2
        assert provider.fetches == 1
        del iot["role_alias"]
        text = run(target, "telemetry_iot", dict(config, iot_credentials=iot), tmp_path, code=1)
        assert "failed    RequestError: iot_credentials: role_alias is missing" in text
    stored = boto_client(ministack, "iot-data").get_retained_message(topic=topic)
    assert json.loads(stored["payload"])["id"].endswith("-00000002")


def test_datalogger(target, swift, clocks, tmp_path):
    """Readings as the lines of objects; after an outage nothing is missing, nothing twice."""
    s3 = boto_client(swift, "s3")
    name = name_of(target).replace("_", "-")
    s3.create_bucket(Bucket=name)
    config = dict(base(swift, clocks, nobody()), bucket=name, prefix="pump/", readings=25)
    config.update(insecure_http=True, addressing="path")
    run(target, "datalogger_s3", dict(config, ntp_servers=[]), tmp_path, code=1)
    config = dict(config, endpoint=swift.https_url, insecure_http=False, profile="swift")
    config["deadline_s"] = 30
    text = run(target, "datalogger_s3", config, tmp_path)
    objects = s3.list_objects_v2(Bucket=name)["Contents"]
    keys = sorted(one["Key"] for one in objects)
    assert all(
        re.match(r"pump/\d{4}/\d\d/\d\d/\d\d-[0-9a-f]{16}-[0-9a-f]{8}$", key) for key in keys
    )
    body = b"".join(s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys)
    lines = body.decode().splitlines()
    assert [int(line.split(",")[1]) for line in lines] == [*range(1, 26), *range(1, 26)]
    assert all(re.match(r"\d{8}T\d{6}Z,\d+,\d+$", line) for line in lines)
    if target.name == "unix32":
        print(re.search(r"^heap.*", text, re.M).group())


@pytest.mark.parametrize("example", EXAMPLES)
def test_wrong_settings(target, example, tmp_path):
    config = json.loads((FIRMWARE / example / "config.example.json").read_text())
    text = run(target, example, dict(config, regional="x"), tmp_path, code=1)
    assert text.startswith("failed    RequestError: regional: is not a setting")
    text = run(target, example, dict(config, region=""), tmp_path, code=1)
    assert text.startswith("failed    RequestError: region: is missing")


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_stands_beside_it(example):
    """Each has a README with its output, its IAM policy, which is JSON, and its heap."""
    folder = FIRMWARE / example
    text = (folder / "README.md").read_text(encoding="utf-8")
    policies = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.S)]
    policy, *others = [one for one in policies if "Statement" in one]
    if example == "telemetry_iot":
        account, region = "123456789012", "eu-central-1"
        trust = policy_tool.trust(account, region, "uploader")
        iot = policy_tool.iot(account, region, "uploader", policy_tool.THING)
        assert others == [trust, iot]
    else:
        assert not others
    actions = [one["Action"] for one in policy["Statement"]]
    assert actions in (
        ["kinesis:PutRecords"],
        ["iot:Publish", "iot:RetainPublish"],
        ["s3:PutObject"],
    )
    assert all("*" not in one["Action"] for one in policy["Statement"])
    assert "heap" in text and "counters" in text
    settings = json.loads((folder / "config.example.json").read_text())
    source = (folder / "main.py").read_text() + (FIRMWARE / "common" / "device.py").read_text()
    assert all('"%s"' % name in source for name in settings)
