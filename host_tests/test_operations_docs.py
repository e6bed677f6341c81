"""docs/operations.md: its snippets run and print what stands there, its commands are understood."""

import contextlib
import io
import json
import re
import shlex
import sys

import pytest

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.amzdate import from_seconds
from sigv4_mp.device import lifecycle, poll
from sigv4_mp.errors import ServiceError
from sigv4_mp.net.retry import Policy
from sigv4_mp.services.audit import Audited, AuditLog
from sigv4_mp.services.aws import Aws
from targets import ON_TARGET, ROOT
from tools import clock_report, flash, policy, provision

sys.path.insert(0, str(ON_TARGET))
from aws_script import NOW, Service, answer

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(
    r"^<!-- run -->\n```python\n(.*?)^```\n\n```text\n(.*?)^```", TEXT, re.S | re.M
)
COMMANDS = re.findall(r"^\$ (.+)$", TEXT.replace("\\\n", " "), re.M)


class Clock(FixedClock):
    """Stands still, and knows to 18 ms."""

    def now(self):
        at = NOW + self.after
        return at * 1000 - 18, at * 1000 + 18


def a_day(log):
    """A device puts readings into Kinesis and is watched: what AUDIT in the page is made of."""
    slow = answer(400, '{"__type":"ThrottlingException"}', "x-amzn-requestid: 8f1c-0002")
    denied = answer(400, '{"__type":"AccessDeniedException"}', "x-amzn-requestid: 8f1c-0004")
    days = (
        (0, [answer(200, "{}", "x-amzn-requestid: 8f1c-0001")]),
        (900, [slow, OSError(104), answer(200, "{}", "x-amzn-requestid: 8f1c-0003")]),
        (1800, [denied]),
    )
    for after, answers in days:
        clock = Clock(from_seconds(NOW + after))
        clock.after = after
        keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        client = Aws(Signer(keys, "us-east-1", "kinesis", clock), entropy=bytes)
        client.exchange = Audited(client.exchange, log)
        reading = {"StreamName": "readings", "Data": b"20.5", "PartitionKey": "pump-7"}
        with contextlib.suppress(ServiceError):
            Service(*answers).run(client.call("PutRecord", reading))
    log.close()


# What the cloud's own log has of that key: two requests of ours, and one that is not.
EVENTS = [
    ("8f1c-0001", "198.51.100.7"),
    ("8f1c-0003", "198.51.100.7"),
    ("77aa-9999", "203.0.113.66"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The folder that the snippets run in; one after another they share their names."""
    folder = tmp_path_factory.mktemp("operations")
    a_day(AuditLog(str(folder / "audit")))
    events = [
        {
            "eventTime": "2026-03-01T12:00:01Z",
            "eventName": "PutRecord",
            "requestID": request_id,
            "sourceIPAddress": address,
            "userIdentity": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
        }
        for request_id, address in EVENTS
    ]
    (folder / "trail.json").write_text(json.dumps({"Records": events}))
    return folder


def test_the_snippets(world, monkeypatch):
    monkeypatch.chdir(world)
    assert len(SNIPPETS) == 7
    names = {}
    for number, (code, wanted) in enumerate(SNIPPETS):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, names)
        assert out.getvalue() == wanted, "snippet %d" % number


def test_the_audit_lines_that_it_shows(world):
    shown = re.search(r"^```text\n(0 2026.+ [0-9a-f]{8}\n)```", TEXT, re.M).group(1)
    assert (world / "audit.0").read_text().startswith(shown)


def test_the_policy_that_it_shows(capsys):
    (command,) = [line for line in COMMANDS if "--only permissions" in line]
    assert policy.main(shlex.split(command)[2:]) == 0
    shown = TEXT.split(command)[1].split("```")[0]
    assert capsys.readouterr().out.strip() == shown.strip()


def of(tool):
    """Return the words that follow `python3 tools/TOOL.py` in each of its commands."""
    found = [shlex.split(line, comments=True) for line in COMMANDS]
    return [words[2:] for words in found if words[1:2] == ["tools/%s.py" % tool]]


def test_every_command_is_of_a_tool_that_is_there():
    assert len(COMMANDS) >= 12
    for line in COMMANDS:
        words = shlex.split(line, comments=True)
        known = words[0] in ("aws", "mpremote", "openssl")
        assert known or (words[0] == "python3" and (ROOT / words[1]).exists()), line


def test_the_tools_take_their_words(capsys, monkeypatch):
    actions = [provision._arguments(words).action for words in of("provision")]
    assert set(actions) == {"scoped-key", "device", "forget"}
    for words in of("policy"):
        assert policy.main(words) == 0
    for words in of("clock_report"):
        assert clock_report.options().parse_args(words)
    assert of("flash")
    for words in of("flash"):
        assert flash.arguments(words)
    capsys.readouterr()


def test_its_numbers():
    cells = dict(re.findall(r"^\| (?:`)?([\w_-]+)(?:`)? \| (\d+) \|", TEXT, re.M))
    usual = Policy()
    wanted = {
        "attempts": usual.attempts,
        "base_ms": usual._base_ms,
        "cap_ms": usual._cap_ms,
        "max_wait_ms": usual._max_wait_ms,
        "budget": usual.tokens,
    }
    assert {name: int(cells[name]) for name in wanted} == wanted
    assert "%d s before the end" % lifecycle.WINDOW in TEXT
    assert "after %d s" % lifecycle.PAUSE in TEXT and "at most 300 s" in TEXT
    assert lifecycle.Lifecycle()._cap == 300
    assert poll.SHORTEST_MS == 15 * 60000 and "15 minutes to 8 hours" in TEXT
    assert poll._LONGEST_MS == 8 * 3600000
    assert usual.tokens // 5 == 100 and "100 retries" in TEXT
