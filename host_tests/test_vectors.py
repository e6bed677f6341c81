"""Vectors on every target: AWS's documented examples, known answers, and generated ones.

The generated ones must still be what the generator makes, and be verified by somebody else.
"""

import json

import pytest

from host_tests import sign_lines, textbook
from host_tests.vectors import generate, verify

KNOWN = json.loads((verify.FOLDER / "known_answers.json").read_text())
FACTS = ("canonical_uri", "canonical_query_string", "signed_headers", "payload_hash")


@pytest.mark.parametrize("file", verify.FILES)
def test_vectors(target, file):
    vectors = verify.load(file)
    answers = sign_lines.answers(target, [case for _, case in vectors])
    wrong = []
    for (vector, case), got in zip(vectors, answers):
        wrong += ["%s: %s" % (vector["name"], text) for text in _differences(vector, got)]
        if case.get("auth") == "query" and got.get("head"):
            assert vector["signature"] in got["target"], vector["name"]
    assert not wrong, "%d wrong:\n%s" % (len(wrong), "\n".join(wrong[:20]))


def _differences(vector, got):
    """Yield what of an answer differs from a vector's facts."""
    if "error" in got:
        yield "refused: %s" % got
        return
    lines = got["canonical_request"].split("\n")
    named = dict(zip(FACTS, (lines[1], lines[2], lines[-2], lines[-1])), signature=got["signature"])
    named["request_hash"] = got["string_to_sign"].split("\n")[-1]
    for name, value in named.items():
        if name in vector and vector[name] != value:
            yield "%s is %s, not %s" % (name, value, vector[name])


@pytest.mark.parametrize("file", verify.FILES)
def test_somebody_else_agrees_with_each_vector(file):
    for vector, case in verify.load(file):
        found = verify.verdicts(vector, case)
        assert verify.is_verified(found), (vector["name"], found)


def test_generated_vectors_are_the_generator_s():
    assert generate.FILE.read_text() == generate.build()
    names = [vector["name"] for vector, _ in verify.load(generate.FILE.name)]
    assert len(names) == len(set(names)) > 1000


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_known_answers(target, kind):
    expected = len(KNOWN[kind]["vectors"])
    result = target.run("sign_known_answers.py", [kind], {"known.json": json.dumps(KNOWN)})
    assert result.check().passed >= expected


def test_known_answers_are_right():
    """The facts themselves, by CPython's hmac: a typing mistake in them must not go unnoticed."""
    for vector in KNOWN["signing_key"]["vectors"]:
        assert (
            textbook.signing_key(dict(vector, amz_date=vector["scope_date"])).hex()
            == vector["signing_key"]
        )
    for vector in KNOWN["post_policy"]["vectors"]:
        import base64

        text = base64.b64encode(vector["policy"].encode()).decode()
        assert textbook.signature(vector, text) == vector["signature"]
