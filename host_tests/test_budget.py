"""What is the same each time is held to bench/budget.json: bytes, sizes, ratios of emulated cycles.

Times of shared machines are reported by `make bench` and asserted nowhere.
"""

import pytest

from bench import budget

HELP = "more than the budget allows (if it has to be: %s)\n" % budget.RENEW


def judge(what, measure, capsys, rounds=1):
    """Compare with the budget; measure again, up to `rounds` times, before it is called worse.

    A stale pointer on the stack can keep an object alive by chance, never free one: the least of
    several is what is true. A real regression is in all of them.
    """
    old = budget.read()[what]
    new = measure()
    worse, better = budget.compare(what, old, new)
    while worse and rounds > 1:
        rounds -= 1
        again = measure()
        assert set(again) == set(new)
        new = {name: min(value, again[name]) for name, value in new.items()}
        worse, better = budget.compare(what, old, new)
    assert not worse, HELP + "\n".join(worse)
    if better:
        with capsys.disabled():
            print("\nless than budgeted, %s notes it down:\n%s" % (budget.RENEW, "\n".join(better)))


@pytest.mark.board
@pytest.mark.targets("unix32", "wasm")
def test_a_target_keeps_its_budget(target, capsys):
    if target.name not in budget.TARGETS:
        pytest.skip("the budget is the emulated board's, not a real one's")
    judge(target.name, lambda: budget.of_target(target.name), capsys, rounds=3)


def test_sizes_keep_their_budget(capsys):
    judge("sizes", budget.of_sizes, capsys)


def test_a_regression_is_told():
    """Line, old, new; and what is new or gone without a new budget."""
    old = {"allocated, bytes: seal": 1000, "time over the hash floor: seal": 2.0, "gone": 1}
    new = {"allocated, bytes: seal": 1047, "time over the hash floor: seal": 2.07, "new": 1}
    worse, better = budget.compare("unix32", old, new)
    assert worse[0] == "unix32, allocated, bytes: seal: budget 1000, now 1047, +4.7 %"
    assert worse[1].startswith("unix32, gone: budget 1, now None")
    assert worse[2].startswith("unix32, new: budget None, now 1")
    assert worse[3] == "unix32, time over the hash floor: seal: budget 2.0, now 2.07, +3.5 %"
    assert len(worse) == 4 and not better


def test_small_changes_and_gains_pass():
    old = {"allocated, bytes: a": 1000, "b": 100, "allocated, bytes: c": 1000}
    new = {"allocated, bytes: a": 1046, "b": 103, "allocated, bytes: c": 900}
    worse, better = budget.compare("wasm", old, new)
    assert not worse
    assert better == ["wasm, allocated, bytes: c: budget 1000, now 900, -10.0 %"]


def test_the_file_has_all_targets():
    found = budget.read()
    assert set(found) == {"sizes", *budget.TARGETS}
    for target in budget.TARGETS:
        assert "allocated, bytes: seal" in found[target]
        assert any(name.startswith("RAM") for name in found[target])
    assert "time over the hash floor: seal" in found[budget.BOARD]
