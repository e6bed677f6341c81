"""tools/explain.py as people meet it: its inputs, what it prints, and what it never prints."""

import io
import json
import os
import pty
import subprocess
import sys

import explain_view
import pytest

import explain_cases
import targets
from sigv4_mp import Credentials, Signer
from tools import explain

TOOL = targets.ROOT / "tools" / "explain.py"
ROWS = {
    row["name"]: row["line"]
    for row in json.loads(explain_cases.VECTORS.read_text(encoding="utf-8"))["recorded"]
}
PORT = ROWS["swift-proxy-takes-the-port-off-host"]
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEAEXAMPLEofAToken//=="
DATE = "20261123T010203Z"


def response(line):
    """Return an answer as curl -i shows it, bytes."""
    lines = ["HTTP/1.1 %d Forbidden" % line["status"]]
    lines += ["%s: %s" % tuple(pair) for pair in line["headers"]]
    return ("\r\n".join(lines) + "\r\n\r\n" + line["body"]).encode()


def run(capsys, tmp_path, signed, answer, *more, arrived=None):
    """Run the tool in this process; return (exit status, stdout, stderr)."""
    words = []
    for name, data in (("request", signed), ("answer", answer), ("arrived", arrived)):
        if data is not None:
            path = tmp_path / name
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
            words += ["--" + name, str(path)]
    code = explain.main([*words, *more])
    told = capsys.readouterr()
    return code, told.out, told.err


def sealed(**more):
    signer = Signer(Credentials("AKIAIOSFODNN7EXAMPLE", SECRET, TOKEN), "us-east-1", "s3")
    url = "https://b.s3.us-east-1.amazonaws.com/k"
    return signer.sign("PUT", url, [("x-amz-meta-a", "1")], b"x", amz_date=DATE, **more)


def test_the_difference_is_marked(capsys, tmp_path):
    code, out, err = run(capsys, tmp_path, json.dumps(PORT["ours"]), response(PORT))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "cause:   host-port (certain)"
    at = [number for number, line in enumerate(lines) if line.startswith("  - host:localhost:")][0]
    assert lines[at + 1] == "  + host:localhost"
    assert lines[at + 2] == " " * (4 + len("host:localhost")) + "^ byte 15"
    assert "\x1b" not in out


def test_json(capsys, tmp_path):
    code, out, _ = run(capsys, tmp_path, json.dumps(PORT["ours"]), response(PORT), "--json")
    fields = json.loads(out)
    assert (code, fields["cause"], fields["field"]) == (0, "host-port", "host")
    (row,) = [row for row in fields["canonical_request"] if not row["same"]]
    assert (row["part"], row["server"], row["at"]) == ("host", "host:localhost", 14)


@pytest.mark.parametrize("form", ["json", "input line", "head", "canonical request"])
def test_forms_of_the_request(capsys, tmp_path, form):
    one = sealed()
    line = {
        "method": "PUT",
        "region": "us-east-1",
        "service": "s3",
        "amz_date": DATE,
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": SECRET,
        "session_token": TOKEN,
        "target": "/k",
        "headers": [["Host", "b.s3.us-east-1.amazonaws.com"], ["x-amz-meta-a", "1"]],
        "body": "x",
    }
    signed = {
        "json": explain.sign.process(json.dumps(line).encode()),
        "input line": json.dumps(line),
        "head": one.head,
        "canonical request": one.canonical_request,
    }[form]
    theirs = one.canonical_request.decode().replace("x-amz-meta-a:1", "x-amz-meta-a:2")
    body = (
        "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>%s</CanonicalRequest></Error>"
    )
    for more in ([], ["--json"]):
        code, out, _ = run(capsys, tmp_path, signed, body % theirs, *more)
        assert (code, "header-changed" in out, "x-amz-meta-a" in out) == (0, True, True)
        for secret in (SECRET, TOKEN, one.signature):
            for at in range(len(secret) - 11):
                assert secret[at : at + 12] not in out
        assert "AKIAIOSFODNN7EXAMPLE" not in out


def test_what_can_not_be_shown_differs(capsys, tmp_path):
    one = sealed()
    theirs = one.canonical_request.decode().replace("VjEAEX", "VjEBEX")
    body = "<CanonicalRequest>" + theirs
    code, out, _ = run(capsys, tmp_path, one.head, body)
    assert (code, out.splitlines()[0]) == (0, "cause:   token-changed (certain)")
    assert "^ they differ in what is not shown" in out
    assert "VjEBEX" not in out and "VjEAEX" not in out


def test_the_head_that_arrived(capsys, tmp_path):
    one = sealed()
    silent = "HTTP/1.1 403 Forbidden\r\n\r\n"
    code, out, _ = run(capsys, tmp_path, one.head, silent)
    assert (code, out.splitlines()[0]) == (1, "cause:   unexplained (possible)")
    arrived = one.head.replace(b"amazonaws.com", b"amazonaws.com:443")
    code, out, _ = run(capsys, tmp_path, one.head, silent, arrived=arrived)
    assert (code, out.splitlines()[0]) == (0, "cause:   host-port (certain)")
    assert one.signature[:12] not in out


def test_invisible_characters_are_shown():
    assert explain_view.visible("a\tb  c \u00e9 ".encode()) == "a\\tb\u00b7\u00b7c \\xc3\\xa9\u00b7"


@pytest.mark.parametrize(
    ("signed", "answer", "words"),
    [
        ("", "x", "the request"),
        ("{}", "x", "neither canonical_request nor"),
        ("{", "x", "the request"),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "x", "no signature"),
        (sealed().canonical_request, "HTTP/1.1 odd", "status line"),
    ],
)
def test_mistakes_are_told_in_one_line(capsys, tmp_path, signed, answer, words):
    code, out, err = run(capsys, tmp_path, signed, answer)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("explain.py: ") and words in err


def test_a_missing_file(capsys):
    assert explain.main(["--request", "nowhere", "--answer", "nowhere"]) == 2
    assert "nowhere can't be read" in capsys.readouterr().err


def test_no_option_takes_a_secret(capsys):
    with pytest.raises(SystemExit):
        explain.main(["--help"])
    text = capsys.readouterr().out
    for option in ("--request", "--answer", "--status", "--arrived", "--json", "--plain"):
        assert option in text
    for word in ("--secret", "--token", "--key"):
        assert word not in text


def test_a_program_of_its_own_with_stdin(tmp_path):
    (tmp_path / "signed").write_text(json.dumps(PORT["ours"]))
    words = [sys.executable, TOOL, "--request", tmp_path / "signed", "--answer", "-"]
    done = subprocess.run(words, input=response(PORT), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"cause:   host-port (certain)\n")


def test_colours_on_a_terminal_only(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    report = [[("cause:", "dim"), ("   host", "bold green")], [("  - a", "red"), ("b", "reverse")]]
    plain = io.StringIO()
    explain_view.show(report, plain)
    assert plain.getvalue() == "cause:   host\n  - ab\n"
    told = on_terminal(report)
    assert "\x1b[7m" in told and "\x1b[31m" in told
    assert on_terminal(report, plain=True).replace("\r\n", "\n") == plain.getvalue()


def on_terminal(report, plain=False):
    """Return what explain_view.show() writes to a terminal, str."""
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        explain_view.show(report, terminal, plain)
    told = b""
    try:
        while True:
            told += os.read(leader, 65536)
    except OSError:  # the other end is closed, and all is read
        os.close(leader)
    return told.decode()


def test_a_body_that_is_not_the_one(capsys, tmp_path):
    (tmp_path / "body").write_bytes(b"y")
    words = ["--body", str(tmp_path / "body")]
    code, out, _ = run(capsys, tmp_path, sealed().head, "HTTP/1.1 403 No\r\n\r\n", *words)
    assert (code, out.splitlines()[0]) == (0, "cause:   body-changed (certain)")
