"""The uploader on real sockets, asyncio and all; MiniStack receives, boto3 reads back."""

import json
import socket
import uuid
from pathlib import Path

import pytest

from e2e_tools import boto_client, compiled, compiled_library

SCRIPT = Path(__file__).resolve().parent / "on_target" / "telemetry_live.py"


@pytest.fixture
def silent():
    """A server that takes connections, as the system does for it, and never says a word."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield "http://127.0.0.1:%d" % one.getsockname()[1]


@pytest.mark.targets("cpython", "unix", "unix32")
def test_live(target, ministack, silent, tmp_path):
    boto = boto_client(ministack, "kinesis")
    name = "live-%s-%s" % (target.name, uuid.uuid4().hex[:8])
    boto.create_stream(StreamName=name, ShardCount=1)
    settings = {
        "endpoint": ministack.https_url,
        "silent": silent,
        "ca_file": ministack.ca_file,
        "region": ministack.region,
        "access_key_id": ministack.access_key_id,
        "secret_access_key": ministack.secret_access_key,
        "stream": name,
        "count": 200,
    }
    files = {"settings.json": json.dumps(settings)}
    if target.name == "cpython":
        files["main.py"] = SCRIPT.read_bytes()
    else:
        files.update(compiled_library())
        files["live.mpy"] = compiled(SCRIPT, SCRIPT.name)
        files["main.py"] = "import live\n"
    heap = "192k" if target.name == "unix32" else None
    done = target.run("main.py", ["settings.json"], files, cwd=tmp_path, heap=heap, timeout=120)
    assert done.code == 0, done.text + done.stderr.decode()
    quiet, live = json.loads(done.text)
    assert quiet == {"sent": 0, "network": 1, "waits": 1}
    assert live["sent"] == 200
    assert live["batches"] > 1  # they went while others were still being taken
    shard = boto.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    start = boto.get_shard_iterator(
        StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    stored = boto.get_records(ShardIterator=start["ShardIterator"])["Records"]
    assert [int(record["Data"]) for record in stored] == list(range(200))
    print("live heap: %d" % live["heap"])
