"""services/telemetry.py: a simulated week in which all goes wrong; each failure by itself."""

import pytest

RUNS = [("1",), ("2", "torn"), ("3", "ordered"), ("4", "ordered", "torn")]


def test_on_target(target):
    target.run("telemetry_basics.py", heap="256k").check()


@pytest.mark.targets("cpython", "unix", "unix32")  # files, asyncio
def test_folder_and_loop(target, tmp_path):
    target.run("telemetry_folder.py", args=[tmp_path / "here"], heap="512k").check()


@pytest.mark.parametrize("how", RUNS, ids="-".join)
def test_a_week(target, how, capsys):
    """Every durable reading arrives or is a dead letter, in order if asked for; memory is flat."""
    result = target.run("telemetry_week.py", args=["7", *how], heap="512k").check()
    with capsys.disabled():
        told = [line for line in result.text.splitlines() if not line.startswith("ok ")]
        print("\n%s %s: %s" % (target.name, "-".join(how), " ".join(told[:2])))


@pytest.mark.soak
@pytest.mark.targets("cpython")
def test_two_years():
    """A hundred weeks, each another one."""
    import targets

    for number in range(100):
        how = ["ordered"] * (number % 2) + ["torn"] * (number // 2 % 2)
        targets.TARGETS["cpython"].run("telemetry_week.py", args=["7", 100 + number, *how]).check()


def test_objects(target):
    """services/objectlog.py: which records make an object."""
    target.run("telemetry_objects.py", heap="256k").check()
