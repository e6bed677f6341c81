"""docs/debugging.md: its commands give the output that it shows, its snippet runs."""

import os
import re
import shlex
import subprocess
import sys

import pytest

import explain_cases
import targets
from sigv4_mp import S3, Credentials, Signer, SystemClock

TEXT = (targets.ROOT / "docs" / "debugging.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```", TEXT, re.DOTALL | re.M))
CONSOLES = re.findall(r"^```console\n(.*?)^```", TEXT, re.DOTALL | re.M)


def block(mark):
    return re.search(r"^<!-- %s -->\n```\w+\n(.*?)^```" % mark, TEXT, re.DOTALL | re.M).group(1)


@pytest.fixture
def folder(tmp_path):
    """A folder as the page's reader has it, its commands run in one after another."""
    (tmp_path / "tools").symlink_to(targets.ROOT / "tools")
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_the_commands_and_their_output(folder):
    assert len(CONSOLES) == 6 and set(FILES) >= {"request.json", "answer.txt", "arrived.txt"}
    python = shlex.quote(sys.executable)
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    for console in CONSOLES:
        for step in re.split(r"^\$ ", console, flags=re.M)[1:]:
            command, _, shown = step.partition("\n")
            words = command.replace("python3 ", python + " ")
            done = subprocess.run(
                ["bash", "-c", words],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.stderr, done.stdout) == ("", shown), command


def test_the_snippet_against_swift(swift, capsys):
    explain_cases.prepare(swift)
    keys = Credentials(swift.access_key_id, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    signer = Signer(keys, swift.region, "s3", SystemClock())
    s3 = S3(signer, swift.http_url, explain_cases.BUCKET, insecure_http=True)
    exec(block("run: watch"), {"s3": s3})
    assert capsys.readouterr().out == block("output: watch")


def test_its_numbers():
    from sigv4_mp import explain_redact, explain_watch

    assert "at most %d KiB of the last refusal" % (explain_watch.LIMIT // 1024) in TEXT
    assert "%d letters and digits" % explain_redact._LONG in TEXT
    assert "any %d characters of them" % explain_redact._PIECE in TEXT
    for word in explain_redact._SECRET:
        assert "`%s`" % word.decode() in TEXT or word == b"authorization"
