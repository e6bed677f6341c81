"""tools/verify.py as people and programs meet it, on every target: filter and human form."""

import base64
import json

import pytest

from host_tests import verify_lines

ACCEPTED = """verdict access_key_id credential_scope amz_date method path canonical_query_string
    signed_headers payload body_checked unsigned""".split()
REFUSED = "verdict status code rule message".split()
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
# S3 API reference, Authorization header, "Example: GET Object".
HEAD = """GET /test.txt HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Range: bytes=0-9
x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
x-amz-date: 20130524T000000Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41
User-Agent: me
"""
WIRE = HEAD.replace("\n", "\r\n") + "\r\n"
LINE = {
    "region": "us-east-1",
    "service": "s3",
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": SECRET,
    "now": "20130524T000100Z",
}
SCOPE = ["--region", "us-east-1", "--service", "s3", "--now", "20130524T000100Z"]


def parts(**changes):
    """Return the line of the request in parts."""
    first, *rows = HEAD.strip().split("\n")
    headers = [list(row.split(": ", 1)) for row in rows]
    return dict(LINE, method="GET", target="/test.txt", headers=headers, **changes)


# The filter


def test_the_request_in_every_form(target):
    head = base64.b64encode(WIRE.encode()).decode()
    without = parts(url="https://examplebucket.s3.amazonaws.com/test.txt")
    without["headers"] = without["headers"][1:]
    forms = [dict(LINE, head=WIRE), dict(LINE, head_base64=head), parts(), without]
    for got in verify_lines.answers(target, forms):
        assert list(got) == ACCEPTED
        assert got["verdict"] == "accepted" and got["unsigned"] == ["user-agent"]
        assert (got["method"], got["path"], got["payload"]) == ("GET", "/test.txt", "empty")
        assert got["body_checked"] is False


def test_refusals_and_bad_lines(target):
    cases = [
        (parts(now="20130524T010000Z"), "skew"),
        (parts(secret_access_key="another"), "signature"),
        (parts(access_key_id="AKID"), "unknown-key"),
        (parts(access_key_id="AKID", tell_unknown=True), "told-unknown"),
        (parts(region="eu-west-1"), "scope-region"),
        (parts(service="sqs"), "scope-service"),
        (parts(hosts=["localhost"]), "wrong-host"),
        (parts(require_signed=["user-agent"]), "unsigned-header"),
        (parts(body="x"), "body-long"),
        (parts(tolerance=59), "skew"),
        (dict(LINE, head=WIRE[:-2]), "head"),
    ]
    lines = [line for line, _ in cases]
    for (_, rule), got in zip(cases, verify_lines.answers(target, lines)):
        assert list(got) == REFUSED and (got["verdict"], got["rule"]) == ("refused", rule)
        assert SECRET not in str(got)
    bad = [
        (parts(now="today"), "amz_date"),
        (parts(now=5), "now"),
        (parts(hosts="localhost"), "hosts"),
        (parts(hosts=[1]), "hosts"),
        (parts(tolerance="9"), "tolerance"),
        (parts(raw_target=1), "raw_target"),
        (dict(LINE, target="/"), "method"),
        (dict(LINE, method="GET"), "target"),
        ({"region": "us-east-1"}, "access_key_id"),
        (dict(LINE, head=WIRE, service="a/b"), "service"),
        (dict(LINE, head_base64="_"), "body_base64"),
    ]
    for (_, field), got in zip(bad, verify_lines.answers(target, [line for line, _ in bad])):
        assert list(got) == ["error", "field", "message"] and got["field"] == field, got


def test_keys_of_a_file(target):
    keys = {
        "AKIAIOSFODNN7EXAMPLE": {"secret_access_key": SECRET, "session_token": None},
        "OTHER": "secret",
    }
    files = {"keys.json": json.dumps(keys)}
    lines = [dict(parts(), access_key_id="ignored"), parts(secret_access_key="ignored")]
    for got in verify_lines.answers(target, lines, ["--keys", "keys.json"], files):
        assert got["verdict"] == "accepted"
    (got,) = verify_lines.answers(target, lines[:1], ["--keys", "keys.json"], {"keys.json": "{}"})
    assert got["rule"] == "unknown-key"
    for content in ("[]", "nonsense"):
        result = target.run(verify_lines.SCRIPT, ["--keys", "k"], {"k": content}, b"")
        assert result.code == 2 and result.stderr.startswith(b"verify.py: --keys: ")


# The human form


def human(target, *arguments, head=HEAD):
    files = {"head.txt": head}
    return target.run(verify_lines.SCRIPT, list(arguments), files, heap=verify_lines.HEAP)


def test_a_verdict_for_people(target):
    result = human(target, "--head", "head.txt", *SCOPE, "--example-credentials", "--explain")
    assert (result.code, result.stderr) == (0, b""), result.stderr
    for text in (
        "accepted    GET /test.txt",
        "AKIAIOSFODNN7EXAMPLE, 20130524/us-east-1/s3/aws4_request",
        "signed      host, range, x-amz-content-sha256, x-amz-date",
        "not signed  user-agent",
        "    7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972\n",
    ):
        assert text in result.text, result.text
    assert SECRET not in result.text


def test_a_refusal_for_people(target):
    head = HEAD.replace("bytes=0-9", "bytes=0-8")
    result = human(target, "--head", "head.txt", *SCOPE, "--example-credentials", head=head)
    assert (result.code, result.stderr) == (1, b"")
    assert "refused     SignatureDoesNotMatch, HTTP 403 (rule: signature)" in result.text


@pytest.mark.targets("cpython", "unix", "unix32")  # the WebAssembly port has no environment
def test_credentials_of_the_environment(target, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "MARKEDsecret/0123456789")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "MARKEDtoken/+==")
    head = HEAD + "x-amz-security-token: MARKEDtoken/+==\n"
    head = head.replace(";x-amz-date,", ";x-amz-date;x-amz-security-token,")
    result = human(target, "--head", "head.txt", *SCOPE, "--explain", head=head)
    assert result.code == 1 and "(rule: signature)" in result.text
    assert "MARKED" not in result.text and "(session token, 15 bytes)" in result.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--head"], "--head needs a value"),
        (["--nonsense"], "--nonsense"),
        (["--head", "head.txt"], "--region is missing"),
        (["--head", "nowhere.txt", *SCOPE, "--example-credentials"], "nowhere.txt"),
        (["--head", "head.txt", *SCOPE, "--keys", "nowhere.json"], "--keys"),
        (["--head", "head.txt", *SCOPE[:-1], "now", "--example-credentials"], "amz_date"),
    ],
)
def test_mistakes_are_explained_in_one_line(target, arguments, words):
    result = human(target, *arguments)
    assert (result.code, result.stdout) == (2, b"")
    message = result.stderr.decode()
    assert message.startswith("verify.py: ") and words in message, message
    assert message.count("\n") == 1


def test_help(target):
    result = human(target, "--help")
    assert result.code == 0
    for word in ("--explain", "--keys", "AWS_SECRET_ACCESS_KEY", "JSON lines"):
        assert word in result.text
