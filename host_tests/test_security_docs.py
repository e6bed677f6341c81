"""docs/security.md: each claim has a test that runs, and the check of that bites. SECURITY.md."""

import re

import pytest

from sigv4_mp.version import __version__
from targets import ROOT
from tools import security_claims
from tools.security_claims import claims, problems, references

SAMPLE = "claims_sample.py"
SAMPLES = ("late", "long", "gives_up", "by_fixture", "empty", "part[2]", "part[1]")
TEXT = security_claims.PAGE.read_text(encoding="utf-8")
GOOD = "| id | claim | proved by |\n|---|---|---|\n| T1 | Holds. | `test_a.py::test_b[one]` |\n"
ITEM = {"parts": ["unix", "one"], "target": "unix", "skipped": "", "gives_up": False}
FOUND = {"test_a.py::test_b": [dict(ITEM, can_fail=True)]}
# OWASP's and NIST's own names.
OWASP = """Improper Offboarding|Secret Leakage|Vulnerable Third-Party NHI|Insecure Authentication
Overprivileged NHI|Insecure Cloud Deployment Configurations|Long-Lived Secrets
Environment Isolation|NHI Reuse|Human Use of NHI""".replace("\n", "|").split("|")
CSF = "GV.OC GV.RM GV.RR GV.PO GV.OV GV.SC ID.AM ID.RA ID.IM PR.AA PR.AT PR.DS PR.PS PR.IR"
CSF += " DE.CM DE.AE RS.MA RS.AN RS.CO RS.MI RC.RP RC.CO"


def test_each_claim_has_a_test_that_runs(capsys, monkeypatch):
    """One collection for the claims, and for a sample of tests that prove nothing."""
    names = [name for _, _, tests in claims(TEXT) for name in tests]
    found = security_claims.collect([*names, SAMPLE])
    monkeypatch.setattr(security_claims, "collect", lambda names: found)
    status = security_claims.main(["--list"])
    told = capsys.readouterr()
    assert (status, told.err) == (0, "")
    assert told.out.count("\n       test_") > 100
    assert "(cpython, unix, unix32, wasm)" in told.out
    page = "| id | claim | proved by |\n"
    for number, test in enumerate(SAMPLES, 1):
        page += "| T%d | Holds. | `%s::test_%s` |\n" % (number, SAMPLE, test)
    wrong = [line.partition("::")[2] for line in problems(page, found)]
    assert wrong == [
        "test_late: is skipped: late",
        "test_long: no such test is collected (or only in the soak)",
        "test_gives_up: calls pytest.skip: name a test that always runs",
        "test_by_fixture: calls pytest.skip: name a test that always runs",
        "test_empty: has nothing that can fail",
        "test_part[2]: no such test is collected (or only in the soak)",
    ]


def test_there_are_claims_of_each_kind():
    assert {mark[0] for mark, _, _ in claims(TEXT)} >= set("TMNBKFP")
    assert len(claims(TEXT)) >= 45
    assert len(references(TEXT)) > 40


def broken(name, text=GOOD, **change):
    return pytest.param(
        text, {"test_a.py::test_b": [dict(ITEM, can_fail=True, **change)]}, name, id=name
    )


@pytest.mark.parametrize(
    ("text", "found", "words"),
    [
        broken("T1: a claim without a test", GOOD.replace("`test_a.py::test_b[one]`", "yes")),
        broken("no such test is collected", GOOD.replace("test_b", "test_c")),
        broken("no such test is collected", GOOD.replace("[one]", "[two]")),
        broken("two claims have this id", GOOD + GOOD),
        broken("T3 is named", GOOD + "| attacker | may | T1, T3 | rest |\n"),
        broken("T2 is named", GOOD + "| risk | T1-2: so it is | more |\n"),
        broken("is skipped: why", skipped="why"),
        broken("calls pytest.skip", gives_up=True),
    ],
)
def test_the_check_bites(text, found, words):
    assert any(words in line for line in problems(text, found)), problems(text, found)


def test_nothing_is_wrong_with_what_is_right():
    assert problems(GOOD + "| thief | reads S3 | T1 | RP2040, SigV4 |\n", FOUND) == []


def test_the_frameworks_are_answered_line_by_line():
    """Every risk, category and tenet, by its own name; each with claims or with an honest no."""
    maps = TEXT.split("## Maps to frameworks")[1]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", maps, re.M)
    risks = ["NHI%d:2025 %s" % (n, name) for n, name in enumerate(OWASP, 1)]
    assert [name for name, _ in rows if name.startswith("NHI")] == risks
    assert [
        name.split(" ")[0] for name, _ in rows if "." in name[:4] and name[0] > "A"
    ] == CSF.split()
    assert len([name for name, _ in rows if re.match(r"[1-7]\. ", name)]) == 7
    for name, answer in rows:
        honest = "not answered by a signer" in answer or "partly" in answer.lower()
        named = security_claims.NAMED.search(answer) or "SECURITY.md" in answer
        assert (
            name in ("risk", "category") or "tenet" in name or set(name) == {"-"} or honest or named
        )


def anchors(text):
    """Return the anchors of a Markdown text's headings."""
    found = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("name", ["SECURITY.md", "docs/security.md", "docs/operations.md"])
def test_links_lead_somewhere(name):
    path = ROOT / name
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in link:
            file, _, anchor = link.partition("#")
            to = (path.parent / file) if file else path
            assert to.exists(), link
            assert not anchor or anchor in anchors(to.read_text(encoding="utf-8")), link


def test_the_policy_names_the_version_and_invents_no_address():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "| %s (" % __version__.rpartition(".")[0] in text
    assert "@" not in text
    assert not re.search(r"https?://", text)
