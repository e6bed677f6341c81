"""Bad input is refused on every target: class and field named, no secret echoed, the next goes on.

The table is `bad_requests`. It goes through the filter, a good request after each bad one, so that
what a bad line leaves behind would show.
"""

import json

import pytest

from host_tests import bad_requests, sign_lines, textbook
from sigv4_mp import ClockNotSet, Credentials, RequestError, Signer

SECRET = "MARKED/SECRET+0123456789abcdefghijklmnop"
TOKEN = "MARKED/TOKEN+" + "t" * 300
GOOD = dict(bad_requests.GOOD, secret_access_key=SECRET, session_token=TOKEN)
SIGNATURE = textbook.sign(GOOD).signature
BIG = 40000  # bytes; on every target, and past any fixed buffer
HUGE = {
    "long path": {"target": "/" + "a%20" * (BIG // 4)},
    "long query": {"target": "/?a=" + "b" * BIG},
    "many parameters": {"target": "/?" + "a=b&" * 1000},
    "long header value": {"headers": [bad_requests.HOST, ["X-A", "v" * BIG]]},
    "many headers": {"headers": [bad_requests.HOST] + [["X-%d" % i, "v"] for i in range(400)]},
    "long token": {"session_token": "T" * BIG},
    "long presigned token": {"session_token": "T" * BIG, "auth": "query", "expires": 60},
    "long access key": {"access_key_id": "A" * 2000},
    "long secret": {"secret_access_key": "s" * 2000},
    "long body": {"body": "b" * BIG},
    "long region": {"region": "r" * 2000},
}


def _lines(rows):
    """Return the filter's input: each row's spoiled request, then the good one. ASCII escapes."""
    lines = []
    for change in rows:
        lines += [json.dumps(bad_requests.spoiled(GOOD, change)), json.dumps(GOOD)]
    return "".join(line + "\n" for line in lines).encode()


def _answers(target, data):
    return [json.loads(line) for line in sign_lines.run(target, data).splitlines()]


def test_every_bad_request_is_refused_by_name(target):
    answers = _answers(target, _lines([change for _, change, _, _ in bad_requests.ROWS]))
    assert len(answers) == 2 * len(bad_requests.ROWS) > 700
    wrong = []
    for (name, _, error, field), got in zip(bad_requests.ROWS, answers[0::2]):
        if (got.get("error"), got.get("field")) != (error, field) or not got.get("message"):
            wrong.append("%s: wanted %s %s, got %s" % (name, error, field, json.dumps(got)[:200]))
    assert not wrong, "%d wrong:\n%s" % (len(wrong), "\n".join(wrong))
    assert {got.get("signature") for got in answers[1::2]} == {SIGNATURE}


def test_no_answer_echoes_a_secret(target):
    data = sign_lines.run(target, _lines([change for _, change, _, _ in bad_requests.ROWS]))
    for line in data.splitlines()[0::2]:
        assert b"MARKED" not in line, line


def test_lines_that_are_no_requests(target):
    good = json.dumps(GOOD).encode()
    data = b"".join(line + b"\n" + good + b"\n" for line in bad_requests.NOT_REQUESTS)
    answers = _answers(target, data)
    assert len(answers) == 2 * len(bad_requests.NOT_REQUESTS)
    for line, got in zip(bad_requests.NOT_REQUESTS, answers[0::2]):
        assert (got.get("error"), got.get("field")) == ("RequestError", "json"), line[:40]
    assert {got.get("signature") for got in answers[1::2]} == {SIGNATURE}


def test_a_truncated_line_is_refused(target):
    # MicroPython 1.25's parser closes what is open at the end of its text.
    for line in (b"{", b'{"method": "GET', json.dumps(GOOD).encode()[:-1]):
        got = _answers(target, line + b"\n" + json.dumps(GOOD).encode())
        assert "error" in got[0]
        assert got[1]["signature"] == SIGNATURE


@pytest.mark.targets("unix", "unix32")  # the others' heaps are not bounded
@pytest.mark.parametrize("heap", ["280k", "330k", "400k", "500k"])
def test_a_line_too_big_for_the_heap_is_refused_and_the_next_goes_on(target, heap):
    # Small enough to be read, too big to be signed: it runs out here or there on the way.
    big = dict(GOOD, target="/" + "a%20" * 10000)
    data = sign_lines.encode([big, GOOD])
    got = [json.loads(line) for line in sign_lines.run(target, data, heap).splitlines()]
    assert got[0]["error"] == "MemoryError"
    assert got[1]["signature"] == SIGNATURE


def test_empty_lines_and_a_last_line_without_end(target):
    good = json.dumps(GOOD).encode()
    answers = _answers(target, b"\n  \r\n" + good + b"\r\n\n" + good)
    assert [got["signature"] for got in answers] == [SIGNATURE] * 2


@pytest.mark.parametrize("name", HUGE)
def test_nothing_is_truncated(target, name):
    case = dict(GOOD, **HUGE[name])
    got = sign_lines.answers(target, [case], heap="4m")[0]
    assert got["canonical_request"] == textbook.sign(case).canonical_request
    assert got["signature"] == textbook.sign(case).signature


def test_the_table_has_each_rule():
    """What the library promises to refuse, by field: a rule that loses its rows must be missed."""
    fields = {field for _, _, _, field in bad_requests.ROWS}
    wanted = """method x-a headers authorization x-amz-date host target region service access_key_id
        secret_access_key session_token amz_date expires payload_hash body_base64 body auth
        normalize_path double_encode sign_body token_after_signing content-length
        x-amz-content-sha256"""
    assert fields == set(wanted.split())
    names = [name for name, _, _, _ in bad_requests.ROWS]
    assert len(names) == len(set(names)) > 350


# The library itself, where the filter cannot say it: bytes, and what only Python code can pass.
URLS = """https:// http:///a example.com/a ftp://example.com/ //example.com/ https:/example.com
    https:example.com https://user@example.com/ https://u:p@example.com/ https://example.com:0/
    https://example.com:65536/ https://example.com:/ https://example.com:x/ https://example.com/#f
    https://example.com/a#b https://exa%6Dple.com/ https://ex\u00e4mple.com/ https://[::1/ ://
    https""".split()
URLS += [
    "",
    "https://example.com/a b",
    "https://example.com/\u00fc",
    "https://example.com/\r\nX: y",
]
URLS += [
    "https://exam ple.com/",
    "https://example.com\\a/",
    "https://example.com/\x7f",
    "https://a/\x00",
]
WRONG_TYPES = [None, 1, 1.5, True, [], {}, 1j]


@pytest.fixture
def signer():
    return Signer(Credentials("AKID", SECRET), "us-east-1", "service")


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("kind", [str, str.encode])
def test_urls_refused(signer, url, kind):
    with pytest.raises(RequestError) as refused:
        signer.sign("GET", kind(url), amz_date="20150830T123600Z")
    assert refused.value.field in ("url", "host")


@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
@pytest.mark.parametrize(
    "place", ["method", "url", "name", "value", "parameter", "amz_date", "sign"]
)
def test_wrong_types_refused(signer, place, value):
    arguments = {"method": "GET", "url": "https://example.com/", "amz_date": "20150830T123600Z"}
    if place == "amz_date" and value is None:  # asks the clock, of which there is none
        with pytest.raises(ClockNotSet):
            signer.sign(**dict(arguments, amz_date=None))
        return
    if place in arguments:
        arguments[place] = value
    elif place == "sign":
        arguments["sign_headers"] = [value]
    else:
        pair = (value, "v") if place == "name" else ("n", value)
        arguments["query" if place == "parameter" else "headers"] = [pair]
    with pytest.raises(RequestError):
        signer.sign(**arguments)


@pytest.mark.parametrize("payload", ["text", 1, 1.5, [1], 1j], ids=repr)
def test_wrong_payload_refused(signer, payload):
    with pytest.raises(RequestError):
        signer.sign("PUT", "https://example.com/", payload=payload, amz_date="20150830T123600Z")


@pytest.mark.parametrize("length", [-1, 10**10, "5", 1.5, True])
def test_wrong_content_length_refused(signer, length):
    with pytest.raises(RequestError):
        signer.sign(
            "PUT",
            "https://example.com/",
            payload_hash="UNSIGNED-PAYLOAD",
            content_length=length,
            amz_date="20150830T123600Z",
        )
