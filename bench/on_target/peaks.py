"""Peak heap of each operation: the least free memory, in one piece, that it gets by with.

    {"case": "seal", "peak": 944}        bytes, to within 16; the least of three searches

All of the heap but one hole is filled; the operation either ends in it, the collector running as
often as it must, or raises MemoryError; the size of the hole is halved until both meet. What is
there before (library, prepared request, cached key) does not count. A stale pointer on the stack
can keep an object alive by chance, never free one: so the least is what is needed.
Arguments: searches, and the cases, with ";" between them (default: all).
"""

import gc
import json
import sys

import ops

MOST = 8192
GRAIN = 16


def fill():
    """Return an object that holds all of the free heap, down to single blocks."""
    ballast = None
    for piece in (4096, 512, 64):
        try:
            while True:
                ballast = (ballast, bytearray(piece))  # the collector goes down a list so
        except MemoryError:
            pass
    try:
        while True:
            ballast = (ballast,)
    except MemoryError:
        pass
    return ballast


def fits(work, size):
    """Return whether work() gets by with `size` free bytes."""
    gc.collect()
    hole = bytearray(size)
    ballast = fill()
    hole = None  # noqa: F841 - freed by the collection
    gc.collect()
    try:
        work()
        good = True
    except MemoryError:
        good = False
    ballast = None  # noqa: F841
    gc.collect()
    return good


def peak(work):
    """Return the least size, in bytes, that fits; None for more than MOST."""
    work()
    if not fits(work, MOST):
        return None
    low, high = 0, MOST
    while high - low > GRAIN:
        middle = (low + high) // 2 // GRAIN * GRAIN
        if fits(work, middle):
            high = middle
        else:
            low = middle
    return high


def main(searches="3", names=""):
    if hasattr(gc, "threshold"):
        gc.threshold(-1)
    wanted = names.split(";") if names else None
    for name, work in ops.cases():
        if wanted is None or name in wanted:
            found = [peak(work) for _ in range(int(searches))]
            least = None if None in found else min(found)
            print(json.dumps({"case": name, "peak": least}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
