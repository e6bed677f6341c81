"""`make bench`: the same operations on every target; bench/results.json and docs/performance.md.

    .venv/bin/python bench/run.py                          measure all in one run, and write
    .venv/bin/python bench/run.py --only unix32,rp2040     measure some, print; nothing is written
    .venv/bin/python bench/run.py --budget                 renew bench/budget.json
    .venv/bin/python bench/run.py --report                 the documents anew, from results.json

Times vary with the machine, so each stands beside the hash floor of the same run. On the emulated
board they are the board's own, and repeat. Bytes and sizes are deterministic everywhere.
"""

import argparse
import concurrent.futures
import datetime
import json
import platform
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from rich.console import Console

from bench import budget, harness, library, measure, report, suite
from bench.harness import BOARD

RESULTS = harness.HERE / "results.json"
ALL = ("cpython", "unix32", "wasm", BOARD)
say = Console(stderr=True, highlight=False).print


def steps(name, rounds):
    """Yield (part of the results, function) of all that is measured on a target."""
    yield "suite", lambda: suite.run(name)
    yield "operations", lambda: measure.operations(name, rounds)
    yield "first", lambda: measure.first(name, 1 if name == BOARD else rounds)
    yield "files", lambda: measure.file_hash(name)
    yield "streams", lambda: measure.streams(name)
    yield "modules", lambda: measure.modules(name)
    yield "pauses", lambda: measure.pauses(name)
    if name in ("unix32", BOARD):
        yield "peaks", lambda: measure.peaks(name)
        yield "loop", lambda: measure.loop(name, *((1000, 50) if name == BOARD else (100000, 50)))
    if name in measure.TIMED:
        yield "uploads", lambda: measure.uploads(name)


def on_targets(names, rounds, found):
    """Fill in what is measured on some targets, one after another."""
    for name in names:
        for part, work in steps(name, rounds):
            say("%s  %s on %s" % (time.strftime("%H:%M:%S"), part, name))
            found.setdefault(part, {})[name] = work()
    if "unix32" in names:
        say("%s  heap of uploads" % time.strftime("%H:%M:%S"))
        found["upload peaks"] = measure.upload_peaks()
    if "cpython" in names:
        say("%s  signers of CPython" % time.strftime("%H:%M:%S"))
        found["signers"] = measure.side_by_side()


def everything(names, rounds):
    """Return all numbers, a dict as results.json has it.

    The emulated board has a clock of its own: it runs beside the others, whose clock is the host's.
    """
    start = time.monotonic()
    found = {
        "date": str(datetime.date.today()),
        "machine": "%s, shared with others" % platform.machine(),
        "versions": {name: harness.targets.TARGETS[name].version() for name in names},
        "sizes": library.mpy_sizes(),
        "groups": library.groups(),
    }
    halves = [name for name in names if name == BOARD], [name for name in names if name != BOARD]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        work = [pool.submit(on_targets, half, rounds, found) for half in halves]
        for each in work:
            each.result()
    found["minutes"] = round((time.monotonic() - start) / 60, 1)
    for part in ("suite", "operations", "first", "files", "streams", "modules", "pauses"):
        found[part] = {name: found[part][name] for name in names}  # in this order, always
    return found


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="TARGETS", help="some of " + ",".join(ALL))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget", action="store_true", help="renew budget.json")
    parser.add_argument("--report", action="store_true", help="only write the documents")
    given = parser.parse_args()
    if given.budget:
        budget.write()
        return
    names = [name for name in ALL if not given.only or name in given.only.split(",")]
    harness.compiled_library()  # once, before two threads ask for it
    found = json.loads(RESULTS.read_text()) if given.report else everything(names, given.rounds)
    if set(names) != set(ALL) and not given.report:  # never half a run beside half of another
        print(report.page(found))
        return
    RESULTS.write_text(_text(found), encoding="utf-8")
    report.write(found, ROOT / "docs" / "performance.md")


def _text(found):
    """Return results as JSON, a line for each measurement of a target: for readable diffs."""
    parts = []
    for name, value in sorted(found.items()):
        text = json.dumps(value, sort_keys=True)
        if isinstance(value, dict):
            lines = (
                "  %s: %s" % (json.dumps(one), json.dumps(value[one], sort_keys=True))
                for one in sorted(value)
            )
            text = "{\n%s\n }" % ",\n".join(lines)
        parts.append(" %s: %s" % (json.dumps(name), text))
    return "{\n%s\n}\n" % ",\n".join(parts)


if __name__ == "__main__":
    main()
