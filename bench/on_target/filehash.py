"""Hashing a file: the library's hash_reader beside the loop that anybody would write.

    {"block": 512, "raw": [us ..], "ours": [us ..], "bytes": a block's garbage}

The file is of 64 KiB, on the medium that the target has (a board's own flash). Rounds alternate.
Argument: rounds.
"""

import gc
import json
import os
import sys
from binascii import hexlify
from hashlib import sha256

from ops import now, since

from sigv4_mp.digest import hash_reader

NAME = "bench.bin"
SIZES = (8192, 65536)


def raw(file, block):
    """The loop of a program without the library."""
    hasher = sha256()
    view = memoryview(block)
    size = len(block)
    while True:
        count = file.readinto(view)
        if not count:
            return hexlify(hasher.digest())
        hasher.update(view if count == size else view[:count])


def write(size):
    block = bytes(range(256)) * 4
    with open(NAME, "wb") as file:
        for _ in range(size // 1024):
            file.write(block)


def garbage(file, block):
    """Return the bytes that hash_reader allocates for the whole file, or None."""
    if not hasattr(gc, "mem_alloc"):
        return None
    file.seek(0)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    hash_reader(file, block)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def enough(file, block):
    """Return how many files take 50 ms or more: WebAssembly's clock has steps of a millisecond."""
    calls = 1
    while timed(raw, file, block, calls) * calls < 50000:
        calls *= 2
    return calls


def timed(work, file, block, calls):
    """Return microseconds per file."""
    gc.collect()
    start = now()
    for _ in range(calls):
        file.seek(0)
        work(file, block)
    return since(now(), start) / calls


def measure(size, rounds):
    """Return the line of one block size."""
    block = bytearray(size)
    costs = []
    for length in SIZES:
        write(length)
        with open(NAME, "rb") as file:
            garbage(file, block)
            costs.append(garbage(file, block))
    line = {"block": size, "raw": [], "ours": [], "bytes": None}
    if costs[0] is not None:
        line["bytes"] = (costs[1] - costs[0]) / ((SIZES[1] - SIZES[0]) // size)
    with open(NAME, "rb") as file:
        timed(hash_reader, file, block, 1)
        calls = enough(file, block)
        for _ in range(rounds):
            line["raw"].append(timed(raw, file, block, calls))
            line["ours"].append(timed(hash_reader, file, block, calls))
    return line


def main(rounds="5"):
    if os.getcwd().startswith("/remote"):
        os.chdir("/")
    for size in (512, 1024, 4096):
        print(json.dumps(measure(size, int(rounds))))
    os.remove(NAME)


if __name__ == "__main__":
    main(*sys.argv[1:2])
