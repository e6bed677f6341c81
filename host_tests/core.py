"""Bodies of checks that hold on every interpreter, run once per target and read section by section.

A body (on_target/core_*.py) prints a line "== encode" before the checks of a module; the test that
mirrors lib/sigv4_mp/encode.py then asserts that section. Starting an interpreter is most of the
cost, so a dozen test modules share a handful of starts.
"""

import functools

import targets

HEAP = "1m"  # what the checks themselves need; core_alloc.py is the one for small heaps


@functools.lru_cache(None)
def _run(name, body):
    return targets.TARGETS[name].run(body, heap=HEAP)


def section(target, body, title):
    """Assert that the checks of one section ran and passed; return how many there were (int)."""
    result = _run(target.name, body)
    told = "\n--- exit code %d, stderr\n%s" % (result.code, result.stderr.decode(errors="replace"))
    lines = [line.strip() for line in result.text.splitlines()]
    starts = [at for at, line in enumerate(lines) if line == "== " + title]
    assert starts, "%s ended before its section %r%s" % (body, title, told)
    rest = lines[starts[0] + 1 :]
    ends = [at for at, line in enumerate(rest) if line.startswith("== ")]
    # Only what follows it shows that a section came to its end.
    assert ends, "%s broke off in its section %r:\n%s%s" % (body, title, "\n".join(rest), told)
    found = rest[: ends[0]]
    assert not [line for line in found if line.startswith("FAIL ")], "\n".join(found) + told
    passed = sum(line.startswith("ok ") for line in found)
    assert passed, "no checks in section %r of %s" % (title, body)
    return passed
