"""The differential run, for as long as you like: `make fuzz`, or

    python -m host_tests.fuzz --minutes 10 [--seed 1] [--jobs 2]

Every round draws other requests; a failure is shrunk and printed with the line that repeats it.
Nothing is written to disk.
"""

import argparse
import collections
import multiprocessing
import os
import random
import sys
import time
import traceback

from host_tests import differential, strategies

_ROUND = 500


def fuzz(minutes, seed):
    """Run rounds until the time is over; return (counts, text of the failure or None)."""
    counts = collections.Counter()
    end = time.monotonic() + 60 * minutes

    def good(case):
        differential.check(case, counts)
        differential.check(differential.twin(case), counts)

    def wild(case):
        differential.check_wild(case, counts)

    try:
        while time.monotonic() < end:
            strategies.drawn(strategies.requests(), _ROUND, seed, good)
            strategies.drawn(strategies.wild_requests(), _ROUND // 4, seed, wild)
            seed += 1000003
    except Exception:  # whatever it is, it is a finding, to be printed with its seed
        return counts, "seed %d\n%s" % (seed, traceback.format_exc())
    return counts, None


def main(arguments=None):
    """Fuzz in several processes, print counts and rate; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=random.randrange(1000000))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments)
    print(
        "fuzzing for %g min, seed %d, %d processes" % (options.minutes, options.seed, options.jobs),
        flush=True,
    )
    start = time.monotonic()
    # spawn: awscrt runs threads, and a forked copy of a process with threads may hang
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        work = [(options.minutes, options.seed + job) for job in range(options.jobs)]
        results = pool.starmap(fuzz, work)
    counts = sum((counts for counts, _ in results), collections.Counter())
    for name, count in sorted(counts.items()):
        print("%9d  %s" % (count, name))
    tried = counts["requests"] + counts["refused"]
    print("%d requests, %.0f a second" % (tried, tried / (time.monotonic() - start)))
    failures = [failure for _, failure in results if failure]
    print("\n".join(failures) or "no disagreement")
    return 1 if failures or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
