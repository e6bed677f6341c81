"""Flash wear of the spool: measured on a real littlefs, reckoned up in years. Prints Markdown.

    python tools/spool_wear.py [--write | --check | --speed]

MicroPython's unix port runs the spool on littlefs, on a flash in RAM that counts what is programmed
and erased, in pages of 256 and blocks of 4096 bytes as an RP2's. --write puts the table into
docs/telemetry.md, --check compares it. --speed adds records per second, on this machine.
"""

import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [os.fspath(ROOT), os.fspath(ROOT / "host_tests")]

import targets

BLOCKS = 212  # 848 KB: the file system of a Pico with 2 MB
RECORD = 64
COUNT = 4000
COMMITS = (0, 256, 1024, 2048, 4096)
CYCLES = 100_000  # erases that NOR flash is specified for
A_DAY = 24 * 60
# The most worn block against the mean: 1.9 after 100,000 records each at once, 1.8 after 400,000 in
# groups of 1024 bytes (on_target/spool_wear.py 212 64 COUNT COMMIT says so, in a minute).
UNEVEN = 2
BEGIN, END = "<!-- wear: python tools/spool_wear.py --write -->\n", "<!-- end of wear -->\n"


def measure(target="unix"):
    """Return what on_target/spool_wear.py measured, a list of dict."""
    done = targets.TARGETS[target].run(
        "spool_wear.py", [BLOCKS, RECORD, COUNT, *COMMITS], heap="16m"
    )
    if done.code:
        raise SystemExit(done.stderr.decode())
    return [json.loads(line) for line in done.text.splitlines()]


def table(rows):
    """Return the table as Markdown lines."""
    lines = [
        "| commit_bytes | records a commit | programmed / record byte | erased / record byte | "
        "erases a day | years |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        erases = row["erases"] * A_DAY
        years = CYCLES * BLOCKS / (erases * UNEVEN) / 365
        group = COUNT / row["commits"]
        lines.append(
            "| %s | %.1f | %.1f | %.1f | %.0f | %.0f |"
            % (
                row["commit_bytes"] or "each at once",
                group,
                row["programmed"],
                row["erased"],
                erases,
                years,
            )
        )
    return [line + "\n" for line in lines]


def main():
    rows = measure()
    lines = "".join(table(rows))
    page = ROOT / "docs" / "telemetry.md"
    text = page.read_text(encoding="utf-8")
    new = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), BEGIN + lines + END, text, flags=re.S)
    if "--write" in sys.argv:
        page.write_text(new, encoding="utf-8")
    elif "--check" in sys.argv:
        if new != text:
            print("docs/telemetry.md: run python tools/spool_wear.py --write", file=sys.stderr)
            return 1
    else:
        print(lines, end="")
        if "--speed" in sys.argv:
            for row in rows:
                what = (row["commit_bytes"], row["put_per_s"], row["read_per_s"])
                print("commit_bytes %s: %d records/s put, %d read and acknowledged" % what)
    return 0


if __name__ == "__main__":
    sys.exit(main())
