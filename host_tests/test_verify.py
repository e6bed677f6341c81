"""The verifier, rule by rule, on every interpreter; and that no rule is without its case."""

import ast
import re

import pytest

import core
from core import section
from targets import ROOT

CASES = (
    "answers",
    "paths",
    "keys",
    "tokens",
    "times",
    "scopes",
    "forms",
    "dates",
    "grammar",
    "smuggling",
    "limits",
    "bodies",
    "replays",
    "flips",
    "garbage",
    "clock_errors",
)
BODIES = ("published", "sizes", "held", "flips", "framing", "trailers", "garbage")
LIBRARY = ROOT / "lib" / "sigv4_mp"
MODULES = sorted(LIBRARY.glob("verif*.py"))


@pytest.mark.parametrize("part", CASES)
def test_verify(target, part):
    assert section(target, "verify_cases.py", part)


@pytest.mark.parametrize("part", BODIES)
def test_chunked_bodies(target, part):
    assert section(target, "verify_bodies.py", part)


def test_every_rule_is_seen_broken(target):
    """Each refusal in the code has its words, each rule its case, and no rule is left over."""
    from sigv4_mp.verify_rules import answer, rules

    seen = set()
    for body in ("verify_cases.py", "verify_bodies.py"):
        seen |= set(re.findall(r"^rule ([a-z-]+)\r?$", core._run(target.name, body).text, re.M))
    assert seen == set(rules())
    for rule in rules():
        for s3 in (True, False):
            status, code, text = answer(rule, s3)
            assert 400 <= status <= 503 and code.isalnum() and len(text) > 8
    with pytest.raises(KeyError):
        answer("nothing", True)


def test_secrets_are_compared_in_constant_time():
    """Signatures, hashes, tokens and checksums: by digest.equal(), never by == or !=."""
    compared = 0
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            text = ast.unparse(node)
            if isinstance(node, ast.Call) and text.startswith("equal("):
                compared += 1
            if isinstance(node, ast.Compare):
                found = re.findall(r"signature|digest|wanted|given|token\b", text)
                plain = all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops)
                assert not found or plain or _is_form(text), "%s: %s" % (path.name, text)
    assert compared == 5  # signature, token, body's hash, chunk's and trailer's signature, checksum


def _is_form(text):
    """Return whether a comparison looks at form or names only, at nothing that has to match."""
    return text.startswith(("len(", "(wanted is None)")) or "b'" in text or '"' in text


def test_the_signer_is_not_loaded():
    """Those who only verify do not pay for what only signs."""
    needed, todo = set(), ["verify"]
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            tree = ast.parse((LIBRARY / (name + ".py")).read_text())
            todo += [
                node.module
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.level == 1
            ]
    signing = {"signer", "prepared", "request", "sealed", "layout", "chunked", "presign", "check"}
    assert not needed & signing
    assert {"verified", "verify_chunks", "checksum"} <= needed
