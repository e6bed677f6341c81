"""docs/credentials.md: what it imports exists, what it types is understood, its numbers hold."""

import json
import re
import shlex

import targets
from sigv4_mp.device import lifecycle, scoped, store
from sigv4_mp.device.credentials import LEAST
from sigv4_mp.net import chain, container, fetch, on_host
from sigv4_mp.services import cognito, sts
from tools import policy, provision

TEXT = (targets.ROOT / "docs" / "credentials.md").read_text(encoding="utf-8")
MODULES = (sts, cognito, container, on_host, chain, scoped, store)


def test_what_it_imports():
    lines = re.findall(r"^from sigv4_mp\S* import .+$", TEXT, re.M)
    assert len(lines) >= 5
    for line in lines:
        exec(line, {})


def test_the_providers_that_it_names():
    block = TEXT.split("## Other providers")[1].split("```")[1]
    names = set(re.findall(r"\b([A-Z]\w+)\(", block))
    assert len(names) >= 9
    for name in names:
        assert any(hasattr(module, name) for module in MODULES), name


def commands(tool):
    text = TEXT.replace("\\\n", " ")
    found = re.findall(r"^\$ python3 tools/%s\.py (.+)$" % tool, text, re.M)
    assert found
    return [shlex.split(line, comments=True) for line in found if "..." not in line]


def test_the_commands(capsys):
    for words in commands("policy"):
        assert policy.main(words) == 0
        assert json.loads(capsys.readouterr().out)["permissions"]["Statement"]
    for words in commands("provision"):
        assert provision._arguments(words).action in ("scoped-key", "device")


def test_its_numbers():
    assert "until %d s before its end" % LEAST in TEXT
    assert lifecycle.WINDOW == 15 * 60
    assert "a quarter of an hour before" in TEXT
    assert "%d hours is believed" % (lifecycle.LONGEST // 3600) in TEXT
    assert "after %d s: AWS" % lifecycle.PAUSE in TEXT
    assert "A reply is at most %d KB" % (fetch.LIMIT // 1024) in TEXT
