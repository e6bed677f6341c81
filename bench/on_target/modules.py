"""What importing costs: a JSON object a line, {"module", "bytes", "us"}, in the order given.

Arguments: a file of module names, one a line (an argument holds 255 bytes at most on unix); the
folder to load them from: "" for the usual path, ".frozen" for the firmware's own, else one of a
board's flash, after a copy from the mounted one.
A module's bytes are what it adds to those before it, as gc.collect() leaves them; null on CPython.
The list ends where memory does.
"""

import gc
import json
import os
import sys
import time


def ticks():
    return time.ticks_us() if hasattr(time, "ticks_us") else time.perf_counter_ns() // 1000


def held():
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def copied(source, to, block):
    """Copy a tree of files."""
    os.mkdir(to)
    for entry in list(os.ilistdir(source)):  # a mounted folder can list but one at a time
        if entry[1] & 0x4000:
            copied(source + "/" + entry[0], to + "/" + entry[0], block)
            continue
        with open(source + "/" + entry[0], "rb") as old, open(to + "/" + entry[0], "wb") as new:
            count = old.readinto(block)
            while count:
                new.write(block[:count])
                count = old.readinto(block)


def go_to(folder):
    """Load modules from there and nowhere else: a mounted folder answers over a serial line."""
    if folder == ".frozen":
        sys.path[:] = [folder]
    elif folder:
        copied("/remote/" + folder, "/" + folder, memoryview(bytearray(2048)))
        sys.path[:] = ["/" + folder, ".frozen"]


def load(name, counted):
    """Return the line of one module, or None for one that this port can't load."""
    before = held()
    start = ticks()
    try:
        __import__("sigv4_mp." + name)
    except ImportError as error:
        if "socket" in str(error) or "select" in str(error):  # WebAssembly has none
            return None
        raise
    spent = ticks() - start
    return {"module": name, "bytes": held() - before if counted else None, "us": spent}


def names_in(file):
    """Return the lines of a file, a list."""
    with open(file) as names:
        return names.read().split()


def main(file, folder=""):
    names = names_in(file)
    go_to(folder)
    __import__("sigv4_mp")
    for name in names:
        try:
            line = load(name, hasattr(gc, "mem_alloc"))
        except MemoryError:
            print(json.dumps({"module": name, "bytes": None, "us": 0, "full": True}))
            return
        if line:
            print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:3])
