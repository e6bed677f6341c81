"""docs/performance.md: one run's numbers, every goal among them, and pictures that are the same."""

import json
import re
from pathlib import Path

import pytest

from bench import goals, harness, library, pages, plots, run

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "performance.md").read_text(encoding="utf-8")
# DESIGN's numbers to reach, by the words that their rows start with.
GOALS = (
    "AWS's published signing suite",
    "seal a prepared request, RP2040",
    "seal a prepared request, WebAssembly",
    "seal, bytes",
    "one-shot sign, key cached, RP2040",
    "one-shot sign, key cached, bytes",
    "peak heap of a one-shot sign",
    "hash a file",
    "the same, bytes allocated per block",
    "upload 10 MiB",
    "signed chunks: garbage",
    "signed chunks: signing keys derived",
    ".mpy of floor 0",
    ".mpy of the whole library",
    "sign on CPython",
    "disagreements",
)


@pytest.fixture(scope="module")
def found():
    return json.loads(run.RESULTS.read_text(encoding="utf-8"))


def test_every_goal_has_its_measured_value(found):
    titles = [row[0] for row in goals.rows(found)]
    for goal in GOALS:
        assert [title for title in titles if title.startswith(goal)], goal
        assert "\n| " + goal in PAGE, goal


def test_one_run_measured_all_targets(found):
    for part in ("suite", "operations", "first", "files", "streams", "modules", "pauses"):
        assert set(found[part]) == set(run.ALL), part
    assert set(found["uploads"]) == {"cpython", "unix32", "rp2040"}


def test_the_page_and_its_pictures_are_drawn_from_the_results(found, tmp_path):
    names = plots.draw(found, tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in names.values()}
    plots.draw(found, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in names.values()} == first
    assert set(names) == {"ratios", "loop", "uploads", "growth", "heap"}
    for line in re.findall(r"^\| seal a prepared request \|.*", pages.page(found, names), re.M):
        assert line in PAGE
    for name in names.values():
        assert "](%s)" % name in PAGE and (DOCS / name).is_file()


def test_modules_come_after_what_they_need():
    names = library.modules()
    assert len(names) == len(set(names)) > 90
    assert names.index("errors") < names.index("encode") < names.index("signer")
    assert names.index("net.exchange") < names.index("services.s3")
    assert "net._cpython" not in names
    assert set(library.modules(["signer"])) == set(names[: names.index("signer") + 1])


def test_a_failing_script_is_told():
    with pytest.raises(harness.Failed, match="on cpython"):
        harness.lines("cpython", "modules", ["no-such-file.txt"])
