"""bench/budget.json: the numbers that are the same each time, and what CI makes of them.

    make budget                          measure them anew and write the file, about a minute

Bytes allocated by each operation, RAM after imports, .mpy sizes, the peak heap of a signature, and
on the emulated board times over the hash floor. host_tests/test_budget.py measures by the same
functions and compares.
"""

import json

from bench import harness, library
from bench.harness import BOARD, lines

FILE = harness.HERE / "budget.json"
TARGETS = ("unix32", "wasm", BOARD)
RENEW = "make budget"
# What may be more than the budget says: 3 %, and a block of the heap where bytes are counted.
SLACK, BLOCK = 0.03, 16
PEAKS = ("seal", "sign, key cached", "presign")
YARDSTICK = {"textbook"}  # not ours


def _memory(target):
    """Yield (line, bytes): what is alive once some modules are loaded."""
    name, files = harness.names_file(library.modules())
    held = 0
    for line in lines(target, "modules", [name, harness.path_of(target)], files=files):
        held += line["bytes"]
        if line["module"] in library.MARKS:
            yield "RAM, bytes: " + library.MARKS[line["module"]], held
    yield "RAM, bytes: " + library.ALL, held


def _operations(target):
    """Yield (line, number): bytes of each operation, and a board's times over the hash floor."""
    board = target == BOARD
    cases = {line["case"]: line for line in lines(target, "ops", [3 if board else 0, 4])}
    for case, line in cases.items():
        if case not in YARDSTICK:
            yield "allocated, bytes: " + case, line["bytes"]
        if board and case not in YARDSTICK and case != "floor":
            ratio = min(line["us"]) / min(line["floor"])
            yield "time over the hash floor: " + case, round(ratio, 3)


def of_target(target):
    """Return {line: number} of a target."""
    found = dict(_memory(target))
    found.update(_operations(target))
    if target == "unix32":
        for line in lines(target, "peaks", [3, ";".join(PEAKS)], heap="128k"):
            found["peak heap, bytes: " + line["case"]] = line["peak"]
    return found


def of_sizes():
    """Return {line: bytes of .mpy}, by what one imports."""
    return {".mpy, bytes: " + title: size for title, size in library.groups().items()}


def compare(what, old, new):
    """Return (regressions, improvements), lists of str. what: "sizes", or the target's name."""
    worse, better = [], []
    for name in sorted(set(old) | set(new)):
        before, now = old.get(name), new.get(name)
        line = "%s, %s: budget %s, now %s" % (what, name, before, now)
        if before is None or now is None:
            worse.append(line + "; it is on one side only")
        elif now > before * (1 + SLACK) + (BLOCK if "bytes" in name else 0):
            worse.append("%s, %+.1f %%" % (line, 100 * (now / before - 1)))
        elif now < before * (1 - SLACK):
            better.append("%s, %+.1f %%" % (line, 100 * (now / before - 1)))
    return worse, better


def read():
    """Return the file's content, a dict."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def write():
    """Measure, and write the file."""
    found = {"sizes": of_sizes()}
    for target in TARGETS:
        found[target] = of_target(target)
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
