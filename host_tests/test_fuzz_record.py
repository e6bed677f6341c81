"""The book of differential runs: it sums up what was compared, and counts nothing twice."""

import collections

import pytest

from host_tests import fuzz


@pytest.fixture
def book(tmp_path):
    return tmp_path / "differential.json"


def result(seeds, requests, failure=None):
    return collections.Counter(requests=requests, refused=1), seeds, failure


def test_runs_add_up(book):
    assert fuzz.read(book) == []
    fuzz.record([result([1, 2], 100), result([3], 50)], "first", book)
    fuzz.record([result([4], 10)], "second", book)
    runs = fuzz.read(book)
    assert [run["command"] for run in runs] == ["first", "second"]
    found = fuzz.total(runs, fuzz.version())
    assert (found["requests"], found["disagreements"]) == (163, 0)
    assert fuzz.seeds_of(runs, fuzz.version()) == {1, 2, 3, 4}


def test_no_seed_counts_twice(book):
    fuzz.record([result([1, 2], 100)], "first", book)
    fuzz.record([result([2, 3], 100)], "again", book)
    assert fuzz.total(fuzz.read(book), fuzz.version())["requests"] == 101


def test_another_signer_starts_at_nothing(book):
    fuzz.record([result([1], 100)], "first", book)
    assert fuzz.total(fuzz.read(book), "another")["requests"] == 0
    assert fuzz.seeds_of(fuzz.read(book), "another") == set()


def test_disagreements_are_recorded(book):
    fuzz.record([result([1], 100), result([], 3, "seed 2\n…")], "first", book)
    assert fuzz.total(fuzz.read(book), fuzz.version())["disagreements"] == 1


def test_a_seed_that_was_drawn_is_left_out(monkeypatch):
    monkeypatch.setattr(fuzz, "_ROUND", 8)
    counts, seeds, failure = fuzz.fuzz(0.001, 7, {7, 7 + fuzz._STEP})
    assert failure is None
    assert seeds and seeds[0] == 7 + 2 * fuzz._STEP
    assert counts["requests"] >= 16
