"""Compile once, sign many: each sealing of a prepared request is what signing it afresh would be.

Sequences of moments (days change), payloads (bytes, hashes, unsigned: other layouts) and session
tokens (rotated) over random requests, on every target; judged by the textbook and as a server does.
"""

import json
import random

import pytest

from host_tests import oracle_faults, server_view, strategies, textbook

st = strategies.st
DAYS = ["20150830T000000Z", "20150830T235959Z", "20150831T000000Z", "20240229T120000Z"]
PAYLOADS = st.sampled_from(
    [
        {},
        {"body": ""},
        {"body": "a"},
        {"body": "ü" * 40},
        {"payload_hash": textbook.EMPTY},
        {"payload_hash": "0123456789abcdef" * 4, "content_length": 7},
        {"payload_hash": "fedcba9876543210" * 4, "content_length": 1234567890},
        {"payload_hash": textbook.UNSIGNED, "content_length": 5},
        {"payload_hash": textbook.UNSIGNED},
    ]
)
TOKENS = st.sampled_from([{}, {}, {}, {"token": None}, {"token": "t" * 40}, {"token": "T" * 900}])
_PAYLOAD_KEYS = ("body", "body_base64", "payload_hash")


@st.composite
def sequences(draw):
    """Draw a sendable request and two to five sealings of it."""
    case = draw(strategies.requests())
    case = {key: value for key, value in case.items() if key not in _PAYLOAD_KEYS}
    case["target"] = "".join(c for c in case["target"] if c.isascii() and c not in "#")
    if case.get("auth") == "query":
        case["service"] = case["service"].replace("s3", "execute-api")  # see the test below for S3
    count = draw(st.integers(2, 5))
    seals = []
    for _ in range(count):
        seal = dict(draw(PAYLOADS), **draw(TOKENS))
        seals.append(dict(seal, amz_date=draw(st.sampled_from(DAYS))))
    return {"case": case, "seals": seals}


def run(target, lines):
    data = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    result = target.run("sign_again.py", stdin=data, heap="1m")
    assert (result.code, result.stderr) == (0, b""), result.stderr.decode()[-2000:]
    return [json.loads(line) for line in result.stdout.splitlines()]


def expected_cases(line):
    """Yield the case that each sealing amounts to."""
    case = dict(line["case"])
    for seal in line["seals"]:
        if "token" in seal:
            case.pop("session_token", None)
            if seal["token"]:
                case["session_token"] = seal["token"]
        payload = {key: seal[key] for key in _PAYLOAD_KEYS if key in seal}
        yield dict(case, amz_date=seal["amz_date"], **payload)


@pytest.mark.parametrize("part", range(2))
def test_each_sealing_is_as_good_as_the_first(target, part):
    lines = strategies.sample(sequences(), 100, 600 + part)
    answers = run(target, lines)
    assert len(answers) == len(lines) == 100
    for line, sealings in zip(lines, answers):
        assert len(sealings) == len(line["seals"])
        for case, seal, (signature, head, stale) in zip(
            expected_cases(line), line["seals"], sealings
        ):
            expected = textbook.sign(case)
            assert signature == expected.signature, (line, seal, expected.canonical_request)
            assert stale, "an older sealing must refuse to be used"
            server_view.verify(head, case)
            _check_length(head, case, seal)


def _check_length(head, case, seal):
    """Content-Length is sent once, or not at all where nobody said it or nothing is sent."""
    found = [line for line in head.split("\r\n") if line.lower().startswith("content-length:")]
    length = seal.get("content_length")
    if "body" in seal:
        length = len(seal["body"].encode())
    assert len(found) <= 1
    if length:
        assert [line.split(":")[1].strip() for line in found] == [str(length)], (case, seal)


def test_one_set_of_credentials_for_many_scopes(target):
    """More scopes than are cached, in turn and at random: no key is used for another's scope."""
    regions, services = ["us-east-1", "eu-west-1", "us-east-11"], ["s3", "sqs", "iot", "s"]
    scopes = [[region, service, day] for region in regions for service in services for day in DAYS]
    mixed = random.Random(1).choices(scopes, k=200)
    lines = scopes + scopes[::-1] + mixed
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    found = target.run("sign_shared.py", stdin=data).stdout.decode().split()
    assert len(found) == len(lines)
    for (region, service, day), signature in zip(lines, found):
        case = dict(oracle_faults.BASE, region=region, service=service, amz_date=day)
        assert signature == textbook.sign(case).signature, case


@pytest.mark.parametrize("first", [None, "hash"])
def test_a_presigned_s3_request_commits_to_a_hash_whenever_it_is_given(target, first):
    """However the hash comes in, S3 heeds it only in x-amz-content-sha256: it must be signed."""
    case = dict(strategies.sample(strategies.requests(), 1, 1)[0])
    case = {key: case[key] for key in ("region", "access_key_id", "secret_access_key", "method")}
    case.update(target="/key", headers=[["Host", "b.s3.amazonaws.com"]], service="s3")
    case.update(auth="query", expires=60)
    digest = "0123456789abcdef" * 4
    seals = [{"payload_hash": digest}, {}, {"payload_hash": digest}]
    line = {
        "case": case,
        "seals": [dict(seal, amz_date=DAYS[0]) for seal in seals[first is None :]],
    }
    for wanted, (signature, head, _) in zip(expected_cases(line), run(target, [line])[0]):
        assert signature == textbook.sign(wanted).signature, head
