"""What a TrustedClock costs in RAM: its code, an object, each question. Lines "bytes NAME N"."""

import gc

from sigv4_mp.device import clock as _clock  # noqa: F401 - what SystemClock costs is not of interest

gc.collect()
_at_start = gc.mem_alloc()

from sigv4_mp.device.trusted import TrustedClock  # noqa: E402 - measured

gc.collect()
_imported = gc.mem_alloc() - _at_start

import sys  # noqa: E402

import _check  # noqa: E402

T = 1803945600000
NAMES = ("dispute", "refusal", "suspend", "store")


def allocated(work, *args):
    """Return the bytes that work(*args) allocates, garbage counted. Run once before, to warm up."""
    work(*args)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    work(*args)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def main():
    ticks, seconds = [(1 << 30) - 5000], [T // 1000]
    reads = lambda: ticks[0]  # noqa: E731
    wall = lambda: seconds[0]  # noqa: E731
    gc.collect()
    before = gc.mem_alloc()
    clock = TrustedClock(ticks=reads, wall=wall)
    gc.collect()
    size = gc.mem_alloc() - before
    clock.set(T, 20, None, "3 of 3")
    ticks[0] += 4000
    seconds[0] += 4
    rows = [("import", _imported), ("object", size)]
    date = clock.require(b"s3")
    for name, work, args in (
        ("now", clock.now, ()),
        ("require", clock.require, (b"s3",)),
        ("check_fresh", clock.check_fresh, (date, b"s3")),
        ("set", clock.set, (T + 4000, 20, None, "3 of 3")),
    ):
        rows.append((name, allocated(work, *args)))
    for row in rows:
        print("bytes %s %d" % row)
    loaded = [name for name in NAMES if "sigv4_mp.device." + name in sys.modules]
    _check.equal("what is not needed is not loaded", loaded, [])
    _check.equal("a date", len(date), 16)
    _check.done()


main()
