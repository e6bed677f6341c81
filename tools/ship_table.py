#!/usr/bin/env python3
"""Four ways to ship the library, measured on the emulated board: flash, RAM, time. Prints Markdown.

    .venv/bin/python tools/ship_table.py                    all of them, some minutes
    .venv/bin/python tools/ship_table.py --ways mpy frozen

Each way is brought on a bare board by tools/flash.py's own steps; then the board is switched off
and on, and a program imports what an upload needs. Times are emulated: an RP2040 at 125 MHz, its
flash without cache misses.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[1]))

from tools.flashing import board_code, files
from tools.flashing.programs import Programs

WAYS = ("py", "mpy", "romfs", "frozen")
# What s3_upload imports. Bytes of heap and milliseconds until it stands; then what is left.
MEASURE = """
import gc, json, time
gc.collect()
free = gc.mem_free()
start = time.ticks_ms()
import sigv4_mp.net.http, sigv4_mp.net.ntp
from sigv4_mp import S3, Credentials, Signer, SystemClock
took = time.ticks_diff(time.ticks_ms(), start)
gc.collect()
print("%s" + json.dumps({"boot_free": free, "free": gc.mem_free(), "import_ms": took}))
"""
# Bytes that files take in the file system, blocks and all.
USED = """
import json, os
s = os.statvfs("/")
print("%s" + json.dumps((s[2] - s[3]) * s[0]))
"""


def prepare(way, programs, port):
    """Bring the library on a bare board; return the bytes of flash it takes there (int)."""
    if way == "frozen":
        from tools.emulator import firmware

        return firmware.build().stat().st_size - firmware.build("bare").stat().st_size
    stage = files.Stage("measured-" + way)
    if way == "romfs":
        for name, data in files.library("mpy").items():
            stage.put("tree/lib/sigv4_mp/" + name, data)
        image = stage.folder / "library.romfs"
        programs.run([*programs.mpremote, "romfs", "-o", image, "build", stage.folder / "tree"])
        programs.remote(port, "romfs", "deploy", image)
        return image.stat().st_size
    before = board_code.ask(programs, port, USED)[0]
    wanted = {"%s/%s" % (files.LIBRARY, name): data for name, data in files.library(way).items()}
    local = {path: stage.put(path.lstrip("/"), data) for path, data in wanted.items()}
    files.copy(programs, port, local)
    return board_code.ask(programs, port, USED)[0] - before


def measure(way, folder):
    """Return one way's numbers (dict): flash, boot_ms, boot_free, free, import_ms."""
    from tools.emulator import firmware
    from tools.emulator.emulator import Emulator

    programs = Programs(print)
    image = firmware.build("frozen" if way == "frozen" else "bare")
    store = folder / (way + ".bin")
    settings = {"image": image, "store": store, "ppp": False, "seed": 1, "fast_flash": True}
    with Emulator(**settings) as board:
        flash = prepare(way, programs, board.address)
    # The deployed ROMFS is in the store, too: it holds the whole chip.
    with Emulator(**settings) as board:
        boot_ms = board.events("prompt")[0]["emulated_ms"]
        found = board_code.ask(programs, board.address, MEASURE)[0]
    return dict(found, flash=flash, boot_ms=boot_ms)


def table(rows):
    """Return the Markdown (str) of {way: numbers}."""
    lines = [
        "| way | flash, bytes | RAM after import, bytes | heap left, bytes | import, ms | power-on "
        "to prompt, ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for way, row in rows.items():
        numbers = (row["flash"], row["boot_free"] - row["free"], row["free"], row["import_ms"])
        lines.append("| %s | %d | %d | %d | %d | %d |" % (way, *numbers, row["boot_ms"]))
    return "\n".join(lines)


def main(arguments=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    parser.add_argument("--json", action="store_true", help="numbers instead of a table")
    options = parser.parse_args(arguments)
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for way in options.ways:
            print("measuring %s ..." % way, file=sys.stderr, flush=True)
            rows[way] = measure(way, pathlib.Path(folder))
    print(json.dumps(rows) if options.json else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
