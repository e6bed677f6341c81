"""AWS services, driven from scripts on every target: JSON, calls, batches, what they allocate."""

import pytest

# Bytes, 32-bit words: what is measured (MicroPython 1.25.0), and a little air.
BOUNDS = {
    "add-base64": 320,
    "add-text": 520,
    "fill": 3200,
    "seal": 1700,
    "check": 7500,
    "send": 25000,
}


@pytest.mark.parametrize("script", ["aws_json", "aws_calls", "aws_batch", "aws_audit"])
def test_on_target(target, script):
    target.run(script + ".py", heap="4m").check()


@pytest.mark.targets("unix", "unix32")  # WebAssembly collects no garbage while it runs
def test_allocation(target, capsys):
    result = target.run("aws_alloc.py", heap="4m").check()
    rows = [line.split() for line in result.text.splitlines() if line.startswith("bytes ")]
    found = {name: int(count) for _, name, count in rows}
    with capsys.disabled():
        print("\n%s: %s" % (target.name, ", ".join("%s %d" % row for row in found.items())))
    assert set(found) == set(BOUNDS)
    if target.name != "unix":  # 64-bit words
        assert not {name: found[name] for name in found if not 0 < found[name] <= BOUNDS[name]}
