"""The power is cut after every single operation on the flash of a real littlefs.

on_target/spool_cuts.py runs on MicroPython's unix port, which has VfsLfs2 and VfsFat.
"""

import pytest

pytestmark = pytest.mark.targets("unix", "unix32")
HEAP = "48m"  # the recorded operations; the spool itself needs some KB


def cuts(target, capsys, *arguments):
    """Run it; show its numbers."""
    result = target.run("spool_cuts.py", args=arguments, heap=HEAP, timeout=1200).check()
    with capsys.disabled():
        lines = [line for line in result.text.splitlines() if "cut points" in line]
        print("\n%s %s: %s" % (target.name, " ".join(map(str, arguments)), lines[0]))


@pytest.mark.parametrize("how", ["clean", "torn"])
def test_littlefs(target, how, capsys):
    cuts(target, capsys, 2500, "lfs", how)


def test_littlefs_drop_oldest(target, capsys):
    """An outage that lasts: the oldest segments make room."""
    cuts(target, capsys, 2000, "lfs", "torn", "drop")


def test_fat(target, capsys):
    """A medium that writes whole blocks; FAT has no defence against a torn one."""
    cuts(target, capsys, 1500, "fat")


@pytest.mark.soak
@pytest.mark.parametrize("how", ["clean", "torn"])
def test_littlefs_long(target, how, capsys):
    cuts(target, capsys, 20000, "lfs", how)


@pytest.mark.parametrize("kind", ["lfs", "fat"])
def test_a_full_medium(target, kind):
    """Not a block is free: what is durable is delivered, that makes room, and it goes on."""
    target.run("spool_full.py", args=[kind], heap="8m").check()
