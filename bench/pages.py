"""The text of docs/performance.md around its tables."""

from pathlib import Path

from bench import loading, report

HEAD = """\
# Performance

Printed by `make bench` on {date} ({machine}, {minutes} min). The emulated board's times are its
own, in cycles of a 125 MHz RP2040, and repeat; where it waits for the network they are this
machine's. The other times vary with the machine: medians, with least and most of their rounds in
brackets; look at the ratios. *Hash floor*: the SHA-256 calls that no signer can avoid, with ready
buffers, in the same run. Bytes and sizes are the same each time: CI holds them to
`bench/budget.json`.

{versions}
"""
MEMORY = """\
*Allocated*: all that one call asks for, garbage counted. *Peak heap*: the least free memory, in one
piece, in which the call ends, the collector running as often as it must; what was there before it
does not count.
"""
FILES = """\
A file of 64 KiB on the target's own medium, read and hashed by the loop that anybody would write,
and by the library. The rounds alternate; the ratio is the median of theirs.
"""
PER_MIB = """\
What a MiB more costs, from the smallest and the largest size measured: two readings of the body in
mode `hash`, one in the others. On the board it is the time of hashing and sending, with the waits.
"""
PEAKS = """\
The live heap's largest while one upload over TLS runs on unix32, bytes, all that is loaded counted:
the least of up to four programs.
"""
PAUSES = """\
A full collection with so much alive: the longest time for which nothing else runs. It grows with
the heap's size, too: 192 KB on the board, 512 KB on unix32. WebAssembly collects only when no
program runs.
"""
IMPORTS = """\
One module after another, in the order of need, each counted with what it adds to those before. On
WebAssembly RAM includes the garbage of loading. On the board `.mpy` is loaded from its own flash.
"""
LOOP = """\
A prepared request sealed again and again with a new date and payload, 100,000 times (1,000 on the
board); every fiftieth is sent over one kept connection. The heap after a collection, and its
largest free piece:
"""


def picture(names, what, title):
    """Return the line that shows a picture, if it was drawn."""
    return "![%s](%s)\n" % (title, names[what]) if what in names else ""


def page(found, names):
    """Return the page. names: {what: file name} of the pictures."""
    versions = "\n".join("- %s: %s" % pair for pair in found["versions"].items()) + "\n"
    text = [
        HEAD.format(
            date=found["date"],
            machine=found["machine"],
            minutes=found["minutes"],
            versions=versions,
        ),
        "## Goals\n",
        report.goal_table(found),
        Path(__file__).with_name("why.md").read_text(encoding="utf-8"),
        "## Operations\n",
        report.operations(found),
        picture(names, "ratios", "Time over the hash floor"),
        "### Memory of one call\n",
        MEMORY,
        report.memory(found),
        "### The first request of a program\n",
        report.first(found),
        "### Hashing a file\n",
        FILES,
        report.files(found),
    ]
    if "signers" in found:
        text += ["## Signers of CPython, one run\n", report.signers(found)]
    if found.get("uploads"):
        text += uploads(found, names)
    text += ["## The longest pause of the collector\n", PAUSES, loading.pauses(found)]
    text += ["## What importing costs\n", IMPORTS, loading.imports(found)]
    text += ["## A day of telemetry\n", LOOP, picture(names, "loop", "Heap over a day")]
    text += ["## Each module\n", loading.each_module(found)]
    return "\n".join(text).rstrip() + "\n"


def uploads(found, names):
    """Return the parts on uploads."""
    text = ["## Uploads\n", "### Cost of a MiB, by mode\n", PER_MIB, report.cost_per_mib(found)]
    text.append(picture(names, "growth", "Time and CPU from 1 KiB to 64 MiB"))
    if "upload peaks" in found:
        text += ["### Heap over the size\n", PEAKS, report.upload_peaks(found)]
        text.append(picture(names, "heap", "Heap over the size of the body"))
    for name in found["uploads"]:
        text += ["### Where an upload's time goes: %s\n" % name, report.uploads(found, name)]
        if name == report.BOARD:
            text.append(picture(names, "uploads", "An upload on the board"))
    return text
