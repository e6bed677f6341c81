"""What the trusted clock costs in RAM; unix32 and wasm have a microcontroller's words."""

import pytest

from e2e_tools import compiled_library
from targets import ON_TARGET
from test_allocation import numbers

# Bytes, 32-bit words: what is measured (MicroPython 1.25.0 and 1.27.0), and a little air.
BOUNDS = {"now": 256, "require": 900, "check_fresh": 480, "set": 320, "object": 512, "import": 8000}


@pytest.mark.targets("unix", "unix32", "wasm")
def test_clock_allocation(target, capsys):
    files = {name: (ON_TARGET / name).read_bytes() for name in ("clock_alloc.py", "_check.py")}
    files.update(compiled_library())
    found = numbers(target.run("clock_alloc.py", files=files, heap="512k").check())
    with capsys.disabled():
        print("\n%s: %s" % (target.name, ", ".join("%s %d" % row for row in found.items())))
    assert found["import"] > 0
    if target.name != "unix":  # 64-bit words
        over = {name: found[name] for name, bound in BOUNDS.items() if found[name] > bound}
        assert not over
