"""What verifying allocates: measured on MicroPython, bounded; and that a body costs nothing.

unix32 has a microcontroller's words. The ratio to the hash floor is shown, and bounded only where
nothing on a crowded machine could break it.
"""

import pytest

# Bytes, 32-bit words, key cached: what is measured (MicroPython 1.25.0 and 1.27.0), and some air.
BOUNDS = {
    "import": 48000,
    "verify": 8000,
    "verify-presigned": 12000,
    "refuse": 9000,
    "refuse-unknown": 9500,
    "replay-64": 6500,
    "chunk": 1900,
}


@pytest.mark.targets("unix", "unix32", "wasm")
def test_cost(target, capsys):
    result = target.run("verify_alloc.py", heap="512k").check()
    rows = [line.split() for line in result.text.splitlines()]
    found = {row[1]: int(row[2]) for row in rows if row[0] == "bytes"}
    ratios = {row[1]: int(row[2]) / 100 for row in rows if row[0] == "ratio"}
    with capsys.disabled():
        told = ["%s %d" % row for row in found.items()]
        told += ["%s %.1f x floor" % row for row in ratios.items()]
        print("\n%s: %s" % (target.name, ", ".join(told)))
    assert set(found) == set(BOUNDS) and set(ratios) == {"verify", "verify-presigned"}
    assert all(ratio >= 1 for ratio in ratios.values())  # below the floor nothing was verified
    if target.name == "unix":  # 64-bit words
        return
    if target.name == "wasm":  # it collects no garbage while a program runs
        found = {name: found[name] for name in found if name not in ("import", "replay-64")}
    assert not {name: found[name] for name in found if found[name] > BOUNDS[name]}
