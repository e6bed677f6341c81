"""tools/provision.py: keys derived here, values stored there, nothing secret on a command line.

The board is MicroPython for unix behind a program that takes mpremote's words.
"""

import json
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import targets
from sigv4_mp import Credentials, Signer
from sigv4_mp.device.scoped import ScopedKeys
from tools import provision
from tools.servers import ca

SECRET = "MARKED+secret/0123456789"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "",
    "AWS_SHARED_CREDENTIALS_FILE": "",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def scoped(*words):
    return provision.main(["scoped-key", "--region", "eu-west-1", "--service", "s3", *words])


def test_scoped_keys_sign_like_the_secret(environment, tmp_path, capsys):
    out = tmp_path / "scoped.keys"
    assert scoped("--days", "7", "--start", "2026-12-29", "--out", str(out)) == 0
    assert mode(out) == 0o600
    assert SECRET not in capsys.readouterr().out
    assert SECRET.encode() not in out.read_bytes()
    keys = ScopedKeys(str(out))
    assert (keys.first_date, keys.last_date) == (b"20261229", b"20270104")
    for day in ("20261229", "20261231", "20270101", "20270104"):
        date = day + "T120000Z"
        args = ("PUT", "https://example.com/a")
        theirs = Signer(keys, "eu-west-1", "s3").sign(*args, amz_date=date).signature
        own = Signer(Credentials("AKIDEXAMPLE", SECRET), "eu-west-1", "s3")
        assert theirs == own.sign(*args, amz_date=date).signature


def test_todays_key_is_the_first(environment, tmp_path):
    out = tmp_path / "scoped.keys"
    assert scoped("--out", str(out)) == 0
    clock = __import__("time").strftime("%Y%m%d", __import__("time").gmtime()).encode()
    assert ScopedKeys(str(out)).first_date in (clock, b"%d" % (int(clock) - 1))


def test_a_profile(environment, tmp_path):
    (tmp_path / ".aws").mkdir()
    text = "[fleet]\naws_access_key_id=AKIDFLEET\naws_secret_access_key=other\n"
    (tmp_path / ".aws" / "credentials").write_text(text)
    out = tmp_path / "scoped.keys"
    assert scoped("--out", str(out), "--profile", "fleet") == 0
    assert ScopedKeys(str(out)).access_key_id == b"AKIDFLEET"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--days", "0"], "--days"),
        (["--days", "91"], "--days"),
        (["--start", "tomorrow"], "--start"),
        (["--profile", "nobody"], "can't be read"),
    ],
)
def test_refusals(environment, tmp_path, capsys, words, said):
    out = tmp_path / "scoped.keys"
    assert scoped("--out", str(out), *words) == 1
    shown = capsys.readouterr().err
    assert said in shown
    assert SECRET not in shown
    assert not out.exists()


def test_no_credentials_at_all(environment, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert scoped("--out", str(tmp_path / "x")) == 1
    shown = capsys.readouterr().err
    assert "environment: " in shown
    assert "config-file: " in shown


# Takes `connect PORT run FILE`, and notes all that others could see of it.
MPREMOTE = """
import json, os, stat, subprocess, sys
words = sys.argv[1:]
path = words[3]
seen = {"words": words, "mode": stat.S_IMODE(os.stat(path).st_mode)}
with open("seen.jsonl", "a") as file:
    file.write(json.dumps(seen) + "\\n")
command = json.loads(os.environ["BOARD_COMMAND"])
sys.exit(subprocess.run([*command, path]).returncode)
"""


class FakeBoard:
    def __init__(self, folder, target):
        self.folder = folder
        self.command = target.command()
        self.environment = dict(target.environment(), BOARD_COMMAND=json.dumps(self.command))
        (folder / "mpremote.py").write_text(textwrap.dedent(MPREMOTE))

    def run(self, *words):
        more = ["--mpremote", "%s %s" % (sys.executable, self.folder / "mpremote.py")]
        more += ["--folder", "secrets", "--port", "PORT"]
        tool = [sys.executable, os.fspath(targets.ROOT / "tools" / "provision.py"), *words, *more]
        return subprocess.run(
            tool, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    @property
    def seen(self):
        return [json.loads(line) for line in (self.folder / "seen.jsonl").open()]


@pytest.fixture
def board(tmp_path, target):
    return FakeBoard(tmp_path, target)


@pytest.fixture
def certificates(tmp_path):
    ca.write(tmp_path / "tls")
    stem = os.fspath(tmp_path / "tls" / "client")
    return stem + ".pem", stem + "-key.pem"


@pytest.mark.targets("unix", "unix32")
def test_a_device_is_provisioned(board, certificates, environment, tmp_path):
    scoped("--out", str(tmp_path / "scoped.keys"))
    (tmp_path / "config.json").write_text('{"bucket": "b"}')
    words = ["--certificate", certificates[0], "--private-key", certificates[1]]
    words += ["--scoped-keys", "scoped.keys", "--config", "config.json"]
    done = board.run("device", *words)
    assert done.returncode == 0, done.stderr
    kept = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert sorted(kept) == ["cert", "config", "key", "scoped"]
    assert kept["scoped"] == (tmp_path / "scoped.keys").read_bytes()
    assert kept["config"] == b'{"bucket": "b"}'
    key = Path(certificates[1]).read_bytes()
    assert kept["key"] == provision.der(key) != key
    texts = [done.stdout, done.stderr, json.dumps(board.seen)]
    for mark in (SECRET, key.decode().splitlines()[1], kept["key"].hex()):
        assert not any(mark in text for text in texts)
    for one in board.seen:
        assert one["mode"] == 0o600
        assert not os.path.exists(one["words"][3])  # the program is gone again
    done = board.run("forget")
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "secrets").iterdir())


@pytest.mark.targets("unix")
def test_a_board_that_fails_shows_no_secret(board, certificates, tmp_path):
    (tmp_path / "secrets").write_text("a file where the folder should be")
    words = ["--certificate", certificates[0], "--private-key", certificates[1]]
    done = board.run("device", *words)
    assert done.returncode == 1
    shown = done.stdout + done.stderr
    assert "provision: " in shown
    for line in Path(certificates[1]).read_text().splitlines()[1:-1]:
        assert line[:20] not in shown


@pytest.mark.targets("unix")
def test_half_an_identity_is_refused(board, certificates):
    for words in ([], ["--certificate", certificates[0]], ["--private-key", certificates[1]]):
        done = board.run("device", *words)
        assert done.returncode == 1
        assert "provision: " in done.stderr
