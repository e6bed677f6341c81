"""The telemetry examples on the emulated RP2040, its spool on the board's own littlefs.

The library is frozen, the examples are bytecode on the heap. An emulated second lasts several of
the host's, so clocks that are asked one after another seem to be apart: one of them is asked.
"""

import json
import re
import uuid
from pathlib import Path

import pytest

from e2e_tools import boto_client, compiled
from firmware_tools import FIRMWARE, START
from tools.servers.iot_credentials import ALIAS, THING, IotCredentials

pytestmark = pytest.mark.targets("rp2040")
READINGS = 4
# A deep sleep would end the session that tells what was printed, so that one is left out.
AWAKE = """
import machine, sys
class Machine:
    def __getattr__(self, name):
        return getattr(machine, name)
    def deepsleep(self, ms):
        print("asleep    %d ms" % ms)
sys.modules["machine"] = Machine()
"""


def name_of(example):
    return "%s-%s" % (example.replace("_", "-"), uuid.uuid4().hex[:8])


def base(server, ntp):
    """Return the settings that all have."""
    return {
        "region": server.region,
        "endpoint": server.https_url,
        "credentials": {
            "access_key_id": server.access_key_id,
            "secret_access_key": server.secret_access_key,
        },
        "ca_file": "ca.der",
        "ntp_servers": ["%s:%d" % (ntp.address, ntp.port)],
        "ntp_agreeing": 1,
        "ntp_cross_check": False,
        "folder": "/spool",
        "deadline_s": 120,
    }


def run(target, example, server, config, record_property, files=None):
    """Run an example on a board of its own; return what it printed."""
    text = json.dumps(config).replace("127.0.0.1", "localhost")  # every name is the host there
    files = {
        **(files or {}),
        "config.json": text,
        "ca.der": Path(server.ca_file).with_name("ca.der").read_bytes(),
        "device.mpy": compiled(FIRMWARE / "common" / "device.py", "device.py"),
        "example.mpy": compiled(FIRMWARE / example / "main.py", "main.py"),
        "start.py": AWAKE + START,
    }
    done = target.run("start.py", ["config.json"], files, timeout=900)
    assert done.code == 0, done.text + done.stderr.decode()
    heap = re.search(r"^heap +(\d+) of (\d+) bytes at most$", done.text, re.M)
    print("%s on the emulated RP2040: %s" % (example, heap.group()))
    record_property("board_heap", heap.group())
    peak, whole = map(int, heap.groups())
    assert 10000 < peak < whole < 264 * 1024
    assert "spool     0 records wait\n" in done.text
    return done.text


def test_kinesis(target, ministack, ntp, record_property):
    boto = boto_client(ministack, "kinesis")
    name = name_of("telemetry_kinesis")
    boto.create_stream(StreamName=name, ShardCount=1)
    config = dict(base(ministack, ntp), stream=name, readings=READINGS, every_s=0.01)
    run(target, "telemetry_kinesis", ministack, config, record_property)
    shard = boto.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    start = boto.get_shard_iterator(
        StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    stored = boto.get_records(ShardIterator=start["ShardIterator"])["Records"]
    readings = [json.loads(record["Data"]) for record in stored]
    assert [one["n"] for one in readings] == list(range(1, READINGS + 1))
    assert len({one["id"] for one in readings}) == READINGS


def test_iot(target, ministack, ntp, record_property):
    """With the certificate's own credentials: mutual TLS on the board."""
    topic = "pumps/%s/temperature" % name_of("telemetry_iot")
    with IotCredentials(ministack, shared_ca=True) as provider:
        certificate, private_key = provider.identity("der")
        iot = {"endpoint": provider.endpoint, "role_alias": ALIAS, "thing_name": THING}
        iot.update(certificate="cert.der", private_key="key.der")
        files = {
            "cert.der": Path(certificate).read_bytes(),
            "key.der": Path(private_key).read_bytes(),
        }
        config = dict(base(ministack, ntp), topic=topic, retain=True, iot_credentials=iot)
        del config["credentials"]
        text = run(target, "telemetry_iot", ministack, config, record_property, files)
        assert provider.fetches == 1
    assert "sent      1 messages" in text
    stored = boto_client(ministack, "iot-data").get_retained_message(topic=topic)
    assert json.loads(stored["payload"])["id"].endswith("-00000001")


def test_datalogger(target, swift, ntp, record_property):
    s3 = boto_client(swift, "s3")
    name = name_of("datalogger_s3")
    s3.create_bucket(Bucket=name)
    config = dict(base(swift, ntp), bucket=name, prefix="pump/", readings=READINGS, every_s=0.01)
    config.update(addressing="path", profile="swift")
    run(target, "datalogger_s3", swift, config, record_property)
    objects = s3.list_objects_v2(Bucket=name)["Contents"]
    keys = sorted(one["Key"] for one in objects)
    body = b"".join(s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys)
    lines = body.decode().splitlines()
    assert [int(line.split(",")[1]) for line in lines] == list(range(1, READINGS + 1))
