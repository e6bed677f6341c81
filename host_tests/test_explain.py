"""explain, its pieces on every target; and that its texts are whole."""

import re

import pytest

import targets
from sigv4_mp import Credentials, Signer, explain_remedies, explain_words
from sigv4_mp.explain import explain

LIBRARY = targets.ROOT / "lib" / "sigv4_mp"
MODULES = sorted(LIBRARY.glob("explain*.py"))


def test_on_target(target):
    # All of it is compiled there; what a board needs, test_explain_mistakes.py runs in 128k.
    target.run("explain_units.py", heap="512k" if target.name == "unix32" else None).check()


@pytest.mark.board
def test_on_a_board(target):
    target.run("explain_board.py", heap="512k" if target.name == "unix32" else None).check()


def test_every_byte_of_a_canonical_request():
    """Whatever byte the server has otherwise, the part that it stands in is named, for certain."""
    keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    sealed = Signer(keys, "us-east-1", "s3").sign(
        "PUT", "https://h:9000/b/k%20a?a=1&b=2", [("X-A", "v w")], b"x", amz_date="20261123T010203Z"
    )
    text = sealed.canonical_request
    seen = set()
    for at in range(len(text)):
        line = text[:at].count(b"\n")
        for byte in (text[at] ^ 1, ord("z") if text[at] != ord("z") else ord("y")):
            theirs = text[:at] + bytes((byte,)) + text[at + 1 :]
            found = explain(
                sealed, 403, (), "<CanonicalRequest>%s</CanonicalRequest>" % escaped(theirs)
            )
            assert found.certainty == "certain", (at, byte)
            assert found.cause != "secret", (at, byte)
            if theirs.count(b"\n") == text.count(b"\n") and 10 not in (byte, text[at]):
                fields = {found.field, *(field for _, field in found.also)}
                assert fields & part_of(text, line), (at, byte, found)
                seen.add(line)
    assert len(seen) == 9


def escaped(data):
    """Return bytes as XML text; latin-1, so that no byte is lost."""
    text = data.decode("latin-1")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def part_of(text, line):
    """Return the fields (set of str) that a line's difference may be called."""
    if line < 2:
        return {("method", "path")[line]}
    if line == 2:
        return {"query", "a", "b"}
    names = [row.partition(b":")[0].decode() for row in text.split(b"\n")[3:-3]]
    if line - 3 < len(names):
        return {names[line - 3]}
    return {"SignedHeaders", "x-amz-content-sha256"}


def test_every_cause_has_its_texts():
    names = explain_words.causes()
    assert len(names) == len(set(names)) > 35
    for name in names:
        assert explain_words.meaning(name, "f").endswith(".")
        assert explain_remedies.remedy(name).endswith(".")
    with pytest.raises(KeyError):
        explain_words.meaning("pat")


def test_without_memory_for_the_texts_the_cause_is_told(monkeypatch):
    def full(*_):
        raise MemoryError

    keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    sealed = Signer(keys, "us-east-1", "s3").sign("GET", "https://h/", amz_date="20261123T010203Z")
    found = explain(sealed, 403, (), "<Error><Code>InvalidAccessKeyId</Code></Error>")
    monkeypatch.setattr(explain_words, "meaning", full)
    monkeypatch.setattr(explain_remedies, "remedy", full)
    assert str(found).startswith("cause:   unknown-key (certain)\nwhat:    No memory")
    assert found.remedy.endswith("docs/debugging.md.")


def test_every_cause_in_the_code_is_known():
    """And each that is known is used."""
    names = set(explain_words.causes())
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in MODULES
        if path.stem not in ("explain_words", "explain_remedies")
    )
    for name in names:
        assert '"%s"' % name in code or "|%s|" % name in code, name
    for name in re.findall(r"^[^#|\n][^|\n]*\|([a-z-]+)\|", code, re.M):
        assert name in names, name


def test_the_modules_are_small():
    """Each can be loaded alone, where the heap is in pieces."""
    for path in MODULES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 215, path.name
