"""The differential run, for as long as you like: `make fuzz`, or

    python -m host_tests.fuzz --minutes 10 [--seed 1] [--jobs 2] [--record]

Every round draws other requests; a failure is shrunk and printed with the line that repeats it.
--record adds what was compared to bench/differential.json, which docs/performance.md sums up; a
seed that is in there, for this version of the signer, is not drawn again.
"""

import argparse
import collections
import datetime
import functools
import hashlib
import json
import multiprocessing
import os
import random
import sys
import time
import traceback
from pathlib import Path

_ROUND = 500
_STEP = 1000003
ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "bench" / "differential.json"


def fuzz(minutes, seed, done=()):
    """Run rounds until the time is over; return (counts, seeds, text of the failure or None).

    done: seeds (a set) to leave out. seeds: those of the rounds that came to their end.
    """
    from host_tests import differential, strategies

    counts, seeds = collections.Counter(), []
    end = time.monotonic() + 60 * minutes

    def good(case):
        differential.check(case, counts)
        differential.check(differential.twin(case), counts)

    def wild(case):
        differential.check_wild(case, counts)

    try:
        while time.monotonic() < end:
            while seed in done:
                seed += _STEP
            strategies.drawn(strategies.requests(), _ROUND, seed, good)
            strategies.drawn(strategies.wild_requests(), _ROUND // 4, seed, wild)
            seeds.append(seed)
            seed += _STEP
    except Exception:  # whatever it is, it is a finding, to be printed with its seed
        return counts, seeds, "seed %d\n%s" % (seed, traceback.format_exc())
    return counts, seeds, None


@functools.lru_cache(None)
def version():
    """Return what tells this signer from any other, 16 hex digits: floor 0's bytecode.

    Without line numbers and docstrings: rewording a comment makes no other signer.
    """
    sys.path.append(str(ROOT / "host_tests"))
    from e2e_tools import compiled

    digest = hashlib.sha256()
    for path in sorted((ROOT / "lib" / "sigv4_mp").glob("*.py")):
        if path.name not in ("version.py", "selftest.py", "__init__.py"):
            digest.update(compiled(path, path.name))
    return digest.hexdigest()[:16]


def read(book=BOOK):
    """Return the runs (list of dict) that were recorded, oldest first."""
    return json.loads(book.read_text(encoding="utf-8"))["runs"] if book.exists() else []


def seeds_of(runs, signer):
    """Return the seeds (set) that were drawn for a version of the signer."""
    return {seed for run in runs if run["signer"] == signer for seed in run["seeds"]}


def total(runs, signer):
    """Return {"requests", "disagreements", "dates"} of a version; no seed is counted twice."""
    found = {"requests": 0, "disagreements": 0, "dates": []}
    seen = set()
    for run in runs:
        if run["signer"] != signer or seen & set(run["seeds"]):
            continue
        seen |= set(run["seeds"])
        found["requests"] += run["requests"]
        found["disagreements"] += run["disagreements"]
        found["dates"].append(run["date"])
    return found


def record(results, command, book=BOOK):
    """Add the results of one command to the book. results: as fuzz() returns them, a list."""
    counts = sum((counts for counts, _, _ in results), collections.Counter())
    run = {
        "date": str(datetime.date.today()),
        "command": command,
        "signer": version(),
        "requests": tried(counts),
        "disagreements": sum(failure is not None for _, _, failure in results),
        "counts": dict(counts),
        "seeds": sorted(seed for _, seeds, _ in results for seed in seeds),
    }
    runs = [*read(book), run]
    lines = ",\n".join(json.dumps(each, sort_keys=True) for each in runs)
    book.write_text('{"runs": [\n' + lines + "\n]}\n", encoding="utf-8")


def tried(counts):
    """Return how many requests were compared, the refused ones among them."""
    return counts["requests"] + counts["refused"]


def main(arguments=None):
    """Fuzz in several processes, print counts and rate; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=random.randrange(1000000))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--record", action="store_true", help="add it to bench/differential.json")
    options = parser.parse_args(arguments)
    words = "--minutes %g --seed %d --jobs %d" % (options.minutes, options.seed, options.jobs)
    print("fuzzing for " + words, flush=True)
    done = seeds_of(read(), version()) if options.record else set()
    start = time.monotonic()
    # spawn: awscrt runs threads, and a forked copy of a process with threads may hang
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        work = [(options.minutes, options.seed + job, done) for job in range(options.jobs)]
        results = pool.starmap(fuzz, work)
    counts = sum((counts for counts, _, _ in results), collections.Counter())
    for name, count in sorted(counts.items()):
        print("%9d  %s" % (count, name))
    print(
        "%d requests, %.0f a second" % (tried(counts), tried(counts) / (time.monotonic() - start))
    )
    failures = [failure for _, _, failure in results if failure]
    print("\n".join(failures) or "no disagreement")
    if options.record:
        record(results, "python -m host_tests.fuzz " + words)
        found = total(read(), version())
        print("recorded: %(requests)d requests, %(disagreements)d disagreements so far" % found)
    return 1 if failures or not tried(counts) else 0


if __name__ == "__main__":
    sys.exit(main())
