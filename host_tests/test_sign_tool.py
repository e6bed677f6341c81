"""tools/sign.py as people and programs meet it, on every target: the filter, and the human form."""

import base64
import json

import pytest

from host_tests import aws_suite, bad_requests, server_view, sign_lines, textbook

KEYS = """canonical_request string_to_sign signature signed_headers credential_scope authorization
    headers target head""".split()
EXAMPLE = ["--region", "us-east-1", "--service", "s3", "--amz-date", "20130524T000000Z"]
EXAMPLE_URL = "https://examplebucket.s3.amazonaws.com"
PUT = ["--method", "PUT", "--url", EXAMPLE_URL + "/test$file.text", *EXAMPLE]
PUT += ["--header", "Date: Fri, 24 May 2013 00:00:00 GMT"]
PUT += ["--header", "x-amz-storage-class: REDUCED_REDUNDANCY"]
PUT_SIGNATURE = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
GOOD = bad_requests.GOOD


def answer(target, case):
    return sign_lines.answers(target, [case])[0]


# The filter


def test_keys_of_an_answer_in_order(target):
    line = sign_lines.lines(target, [GOOD])[0].decode()
    assert [name for name, _ in json.loads(line, object_pairs_hook=list)] == KEYS
    line = sign_lines.lines(target, [dict(GOOD, target="/a b")])[0].decode()
    assert [name for name, _ in json.loads(line, object_pairs_hook=list)] == KEYS + ["unsendable"]
    line = sign_lines.lines(target, [dict(GOOD, method="")])[0].decode()
    names = [name for name, _ in json.loads(line, object_pairs_hook=list)]
    assert names == ["error", "field", "message"]


def test_head_is_what_is_sent(target):
    case = dict(GOOD, headers=[["X-B", "  2 "], bad_requests.HOST, ["X-A", "1"]], target="/a?b=c")
    got = answer(target, dict(case, session_token="AQoD//=="))
    lines = got["head"].split("\r\n")
    assert lines[:2] == ["GET /a?b=c HTTP/1.1", "Host: example.com"]
    assert "X-B: 2" in lines and "X-A: 1" in lines
    assert "Authorization: " + got["authorization"] in lines
    names = [name.lower() for name, _ in got["headers"]]
    assert sorted(names) == ["authorization", "x-amz-date", "x-amz-security-token"]
    assert got["target"] == "/a?b=c"
    assert got["credential_scope"] == "20150830/us-east-1/service/aws4_request"
    server_view.verify(got["head"], dict(case, session_token="AQoD//=="))


def test_a_presigned_answer(target):
    got = answer(target, dict(GOOD, target="/a?b=c", auth="query", expires=60))
    assert got["authorization"] is None
    assert got["headers"] == []
    assert got["target"].startswith("/a?b=c&X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert got["target"].endswith("&X-Amz-Signature=" + got["signature"])
    assert got["head"].startswith("GET " + got["target"] + " HTTP/1.1\r\n")


@pytest.mark.parametrize("body", ["", "Param1=value1", "ü 😀\r\n\x00"])
def test_three_ways_to_describe_a_body(target, body):
    encoded = base64.b64encode(body.encode()).decode()
    digest = textbook.payload_hash({"body": body, "service": "s3"})
    ways = ({"body": body}, {"body_base64": encoded}, {"payload_hash": digest})
    cases = [dict(GOOD, method="PUT", service="s3", **way) for way in ways]
    got = sign_lines.answers(target, cases)
    assert {answer["signature"] for answer in got} == {textbook.sign(cases[0]).signature}
    length = [line for line in got[0]["head"].split("\r\n") if line.startswith("Content-Length")]
    assert [line.split(":")[1].strip() for line in length] == [str(len(body.encode()))]
    assert "Content-Length" not in got[2]["head"]  # nobody said how many bytes follow


@pytest.mark.parametrize("service", ["s3", "iam"])
def test_defaults_by_service(target, service):
    case = dict(GOOD, service=service, target="/a/../b%20c")
    off = {"normalize_path": False, "double_encode": False, "sign_body": True}
    explicit = off if service == "s3" else {name: not value for name, value in off.items()}
    explicit["token_after_signing"] = False
    plain, spelled = sign_lines.answers(target, [case, dict(case, auth="header", **explicit)])
    assert plain == spelled
    assert ("x-amz-content-sha256" in plain["signed_headers"]) == (service == "s3")


def test_null_is_as_good_as_missing(target):
    names = """body body_base64 payload_hash session_token auth normalize_path double_encode
        sign_body token_after_signing""".split()
    got = sign_lines.answers(target, [GOOD, dict(GOOD, **dict.fromkeys(names))])
    assert got[0] == got[1]


def test_token_after_signing(target):
    case = dict(GOOD, session_token="AQoD//==", token_after_signing=True)
    plain, after = sign_lines.answers(target, [GOOD, case])
    assert after["canonical_request"] == plain["canonical_request"]
    assert "X-Amz-Security-Token: AQoD//==\r\n" in after["head"]
    got = answer(target, dict(case, auth="query", expires=None))
    assert got["target"].endswith("X-Amz-Security-Token=AQoD%2F%2F%3D%3D")
    assert "Security-Token" not in got["canonical_request"]
    assert "Expires" not in got["target"]


def test_escapes_of_json(target):
    """ASCII escapes, surrogate pairs among them, mean what raw UTF-8 means."""
    case = dict(
        GOOD, target="/ü/😀/\u2028", headers=[bad_requests.HOST, ["X-A", "日本 😀é"]], body="😀"
    )
    raw = sign_lines.encode([case])
    escaped = json.dumps(case).encode() + b"\n"
    assert escaped.isascii() and not raw.isascii()
    first, second = sign_lines.run(target, raw + escaped).splitlines()
    assert first == second
    assert json.loads(first)["signature"] == textbook.sign(case).signature


def test_a_long_run_in_a_small_heap(target):
    """The suite ten times over in 144 KB, where the heap can be bounded: all is compiled there."""
    cases = [case.line for case in aws_suite.load().values()] * 10
    heap = {"unix": "288k"}.get(target.name, "144k")  # its words are twice as wide
    got = sign_lines.answers(target, cases, heap=heap)
    assert got[:34] * 10 == got
    assert not [answer for answer in got if "error" in answer]


# The human form


def human(target, *arguments, files=None):
    return target.run(sign_lines.SCRIPT, list(arguments), files)


def test_the_four_steps_are_explained(target):
    arguments = [*PUT, "--body", "Welcome to Amazon S3.", "--explain", "--example-credentials"]
    result = human(target, *arguments)
    assert (result.code, result.stderr) == (0, b"")
    titles = [
        "1. Canonical request",
        "2. Hash of the canonical",
        "3. String to sign",
        "4. Signature",
    ]
    places = [result.text.index(title) for title in titles]
    assert places == sorted(places)
    for text in (
        "    /test%24file.text\n",
        "    x-amz-storage-class:REDUCED_REDUNDANCY\n",
        "    9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d\n",
        "    20130524/us-east-1/s3/aws4_request\n",
        "    PUT /test$file.text HTTP/1.1\n",
        PUT_SIGNATURE,
    ):
        assert text in result.text
    assert "wJalrXUtnFEMI" not in result.text


def test_body_from_a_file(target):
    files = {"body.txt": "Welcome to Amazon S3."}
    arguments = [*PUT, "--body-file", "body.txt", "--example-credentials"]
    result = human(target, *arguments, files=files)
    assert result.code == 0
    assert result.text.startswith("PUT /test$file.text HTTP/1.1")
    assert "Signature=" + PUT_SIGNATURE in result.text


def test_presigned_url(target):
    arguments = ["--url", EXAMPLE_URL + "/test.txt", *EXAMPLE, "--expires", "86400"]
    result = human(target, *arguments, "--example-credentials")
    assert result.code == 0
    assert result.text.startswith(EXAMPLE_URL + "/test.txt?X-Amz-Algorithm=")
    signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    assert result.text.strip().endswith("&X-Amz-Signature=" + signature)


@pytest.mark.targets("cpython", "unix", "unix32")  # the WebAssembly port has no environment
@pytest.mark.parametrize("presigned", [False, True])
def test_credentials_of_the_environment_are_not_shown(target, monkeypatch, presigned):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "MARKEDsecret/0123456789")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "MARKEDtoken/+==")
    more = ["--expires", "60"] if presigned else []
    result = human(target, "--url", EXAMPLE_URL, *EXAMPLE, "--explain", *more)
    assert result.code == 0, result.stderr
    assert "MARKED" not in result.text
    assert "session token, 15 bytes" in result.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url"], "--url needs a value"),
        (["--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["--method", "GET"], "--url is missing"),
        ([*EXAMPLE, "--example-credentials", "--url", "nonsense"], "url"),
        ([*EXAMPLE, "--example-credentials", "--url", EXAMPLE_URL, "--method", "get"], "method"),
        ([*EXAMPLE, "--example-credentials", "--url", EXAMPLE_URL, "--expires", "0"], "expires"),
        ([*EXAMPLE, "--example-credentials", "--url", EXAMPLE_URL, "--expires", "1h"], "expires"),
        ([*EXAMPLE, "--example-credentials", "--url", EXAMPLE_URL, "--header", "A"], "--header"),
        (
            [*EXAMPLE, "--example-credentials", "--url", EXAMPLE_URL, "--header", "A: b\r\nC: d"],
            "a:",
        ),
    ],
)
def test_mistakes_are_explained_in_one_line(target, arguments, words):
    result = human(target, *arguments)
    assert result.code == 2
    assert result.stdout == b""
    message = result.stderr.decode()
    assert message.startswith("sign.py: ") and words in message, message
    assert message.count("\n") == 1


def test_help(target):
    result = human(target, "--help")
    assert result.code == 0
    for word in ("--explain", "--expires", "AWS_SECRET_ACCESS_KEY", "JSON lines"):
        assert word in result.text


def test_a_missing_file_is_no_traceback(target):
    result = human(target, *PUT, "--body-file", "nowhere.txt", "--example-credentials")
    assert result.code == 2
    assert b"Traceback" not in result.stderr and b"nowhere.txt" in result.stderr
