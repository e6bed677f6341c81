"""Everything that AWS publishes is verified, on every target; so is every vector of ours.

The signed requests of AWS's suite (`.sreq`) are judged as they are published; then as bytes of a
real head, and signed in the query. The vectors' signatures are proved by others: test_vectors.
"""

import functools

import pytest

from host_tests import aws_suite, sign_lines, targets, textbook, verify_lines
from host_tests.vectors import verify

HOW = ("published", "heads", "queries")


@functools.lru_cache(None)
def suite_lines(how):
    """Return {name: line of verify.py} of the suite."""
    make = {"published": published, "heads": real_head, "queries": in_query}[how]
    return make(aws_suite.load())


def published(cases):
    """The .sreq files, taken apart: raw UTF-8, spaces and folded lines stand in some of them."""
    root = aws_suite.fetch()
    lines = {}
    for name, case in cases.items():
        path = (root / name / name.rpartition("/")[2]).with_suffix(".sreq")
        request = aws_suite._parse(path.read_bytes().decode().replace("\r\n", "\n"))
        line = {key: request[key] for key in ("method", "target", "headers")}
        # One .sreq has another signature than its .authz: get-vanilla-with-session-token.
        line["headers"] = [pair for pair in line["headers"] if pair[0] != "Authorization"]
        line["headers"].append(["Authorization", case.authorization])
        body = request.get("body", "")
        if body:
            line["headers"].append(["Content-Length", str(len(body))])
        lines[name] = dict(line, body=body, **known(name, case, line["headers"]))
    return lines


def known(name, case, headers):
    """Return what the verifier of a case of the suite is told."""
    names = ("access_key_id", "secret_access_key", "region", "service", "token_after_signing")
    told = {key: case.line[key] for key in names if key in case.line}
    told.update(now=case.line["amz_date"], raw_target=True)
    sent = [value for key, value in headers if key.lower() == "x-amz-security-token"]
    return dict(told, session_token=sent[0]) if sent else told


def real_head(cases):
    lines = {}
    for name, line in published(cases).items():
        if all(0x20 < ord(char) < 0x7F for char in line["target"]):
            rows = ["%s %s HTTP/1.1" % (line.pop("method"), line.pop("target"))]
            rows += ["%s:%s" % (key, value) for key, value in line.pop("headers")]
            lines[name] = dict(line, head="\r\n".join(rows) + "\r\n\r\n")
    return lines


def in_query(cases):
    wanted = {name: dict(case.line, auth="query", expires=60) for name, case in cases.items()}
    return _signed(wanted)


def _signed(cases):
    signed = sign_lines.answers(targets.TARGETS["cpython"], list(cases.values()))
    return {
        name: verify_lines.of(case, got)
        for (name, case), got in zip(cases.items(), signed, strict=True)
    }


@pytest.mark.parametrize("how", HOW)
def test_the_suite_is_verified(target, how):
    lines = suite_lines(how)
    assert len(lines) == {"published": 34, "heads": 31, "queries": 34}[how]
    for name, got in zip(lines, verify_lines.answers(target, list(lines.values()))):
        assert got.get("verdict") == "accepted", (name, got)
        assert got["body_checked"] and got["access_key_id"] == "AKIDEXAMPLE"
        canonical = aws_suite.load()[name].canonical_request.split("\n")
        if how != "queries":
            assert got["signed_headers"] == canonical[-2]
            assert got["canonical_query_string"] == canonical[2]


@functools.lru_cache(None)
def vector_lines(file):
    vectors = verify.load(file)
    lines = _signed({vector["name"]: case for vector, case in vectors})
    for vector, _ in vectors:
        assert vector["signature"] in str(lines[vector["name"]]), vector["name"]
    return lines


@pytest.mark.parametrize("file", verify.FILES)
def test_the_vectors_are_verified(target, file):
    lines = vector_lines(file)
    accepted = 0
    for name, got in zip(lines, verify_lines.answers(target, list(lines.values()))):
        if name.startswith("s3, no body header, payload "):  # S3 refuses these, too
            assert got["rule"] == "no-payload-hash", name
        elif name == "other payload unsigned":  # no header says so: the receiver hashes the body
            assert got["field"] == "payload_hash"
        else:
            assert got.get("verdict") == "accepted", (name, got)
            accepted += 1
    assert accepted >= len(lines) - 5


def test_another_secret_verifies_none_of_them(target):
    lines = list(vector_lines("aws_examples.json").values()) + list(suite_lines("heads").values())
    lines = [dict(line, secret_access_key="another") for line in lines]
    for got in verify_lines.answers(target, lines):
        assert (got["verdict"], got["rule"]) == ("refused", "signature")
        assert textbook.EMPTY not in str(got)
