"""The snippets of docs/services.md run, against MiniStack."""

import re

import pytest

import targets
from e2e_tools import boto_client, compiled_library
from sigv4_mp import Credentials, SystemClock
from sigv4_mp.services import aws, limits
from test_e2e_services import make_function

PAGE = (targets.ROOT / "docs" / "services.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(
    r"^<!-- run(?:: \w+)? -->\n```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE
)


@pytest.fixture(scope="session")
def world(ministack):
    """What the snippets expect to be there, and their names."""
    boto_client(ministack, "ssm").put_parameter(Name="/fleet/interval", Value="900", Type="String")
    boto_client(ministack, "kinesis").create_stream(StreamName="readings", ShardCount=1)
    make_function(ministack, "echo")
    keys = Credentials(ministack.access_key_id, ministack.secret_access_key)
    return {
        "credentials": keys,
        "clock": SystemClock(),
        "ca_file": ministack.ca_file,
        "REGION": ministack.region,
        "IOT_ENDPOINT": ministack.https_url,
    }


def test_there_are_snippets():
    assert len(SNIPPETS) == 7


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet(ministack, world, number, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(aws, "_endpoint_of", lambda service, region: ministack.https_url)
    monkeypatch.chdir(tmp_path)
    exec(SNIPPETS[number], dict(world))
    told = capsys.readouterr().out
    wanted = ("user/device", "200", "not delivered: []", "[]", "FailedEntryCount", "[]", " 200 ")
    assert wanted[number] in told


@pytest.mark.targets("unix", "unix32")
def test_the_batch_on_micropython(target, ministack, world):
    before = (
        "import gc; gc.threshold(4096)\n"
        "from sigv4_mp import Credentials, SystemClock\n"
        "from sigv4_mp.services import aws\n"
        "aws._endpoint_of = lambda service, region: %r\n"
        "REGION = %r\nca_file = %r\nclock = SystemClock()\ncredentials = Credentials(%r, %r)\n"
    ) % (
        ministack.https_url,
        ministack.region,
        ministack.ca_file,
        ministack.access_key_id,
        ministack.secret_access_key,
    )
    done = target.run(
        "main.py", files=dict(compiled_library(), **{"main.py": before + SNIPPETS[2]})
    )
    assert done.text == "not delivered: []\n", done.stderr.decode()


def test_the_page_has_the_numbers_of_the_table():
    """Each limit stands in the page."""
    for line in limits._LIMITS.split("\n"):
        name, _, most, one, together, _ = line.split("|")
        action = name.split(".")[1].replace("InvokeAsync", "queued")
        if action in ("PutRecord", "PublishBatch") or name == "firehose.PutRecord":
            continue
        assert action in PAGE or name == "execute-api.Invoke"
        for number in (most, together):
            assert "{:,}".format(int(number)) in PAGE, (name, number)
        assert "{:,}".format(int(one)) in PAGE or name == "monitoring.PutMetricData"
