"""Numbers of uploads, as Markdown: `make measure`. Times vary with the machine; ratios much less.

Throughput of each mode against a raw socket's in the same run, live heap by file size, garbage per
chunk, the longest stall of another asyncio task, and what the fault grid came to.
"""

import argparse
import datetime
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lib"), str(ROOT / "host_tests"), str(ROOT / "tools")]

import targets  # noqa: E402
from e2e_tools import ask, boto_client  # noqa: E402
from fault_grid import WAYS, Way  # noqa: E402
from tools.servers import ca  # noqa: E402
from tools.servers.fault_proxy import FaultProxy, Sink  # noqa: E402
from tools.servers.swift import Swift  # noqa: E402

MODES = (None, "chunked", "chunked-trailer", "unsigned", "unsigned-trailer")
PLAIN = MODES[:3]  # the others are refused without TLS
NAMES = {
    None: "hashed (two reads)",
    "raw": "raw socket, unsigned",
    "sha256": "(reading and hashing once, not sending)",
}
TARGETS = ("cpython", "unix32")


class Bench:
    """A sink behind plain TCP or TLS, and files to send to it."""

    def __init__(self, folder, leaf, heap):
        self.folder, self.heap = folder, heap
        self.proxy = FaultProxy(leaf=leaf, plan=Sink)

    def run(self, target, commands):
        """Return the answers to commands; each gets the file that its `size` says."""
        for command in commands:
            command["file"] = str(self.folder / str(command["size"]))
            if not Path(command["file"]).exists():
                Path(command["file"]).write_bytes(bytes(range(256)) * (command["size"] >> 8))
        settings = {"url": self.proxy.url, "ca_file": str(self.folder / "ca.pem")}
        chosen = targets.TARGETS[target]
        chosen.heap = self.heap if target != "cpython" else None
        return ask(chosen, "fault_measure", [settings, *commands])


def table(head, rows):
    """Print a Markdown table."""
    print("\n| %s |\n|%s" % (" | ".join(head), "---|" * len(head)))
    for row in rows:
        print("| %s |" % " | ".join(str(cell) for cell in row))


def name_of(mode):
    return NAMES.get(mode, mode)


def throughput(bench, target, modes, size, rounds):
    """Return rows: mode, median MB/s, ratio to the raw socket's median. Rounds are interleaved."""
    order = ("raw", "sha256") + tuple(modes)
    commands = [{"mode": mode, "size": size} for _ in range(rounds) for mode in order]
    spent = {mode: [] for mode in order}
    for command, answer in zip(commands, bench.run(target, commands)):
        spent[command["mode"]].append(answer.get("ms") or answer.get("error"))
    rows = []
    for mode in order:
        wrong = [each for each in spent[mode] if isinstance(each, str)]
        if wrong:
            rows.append((target, name_of(mode), wrong[0], ""))
            continue
        middle = {key: statistics.median(spent[key]) for key in (mode, "raw")}
        rate = "%.0f" % (size / 1000 / middle[mode])
        rows.append((target, name_of(mode), rate, "%.2f" % (middle["raw"] / middle[mode])))
    return rows


def heap(bench, modes, sizes):
    """Return rows: mode, peak of the live heap for each size, largest difference."""
    rows = []
    for mode in modes:
        # A program each: what the first upload leaves behind is no part of the second's.
        found = [
            bench.run("unix32", [{"mode": mode, "size": size, "probe": True}])[0] for size in sizes
        ]
        peaks = [answer.get("peak", answer.get("error")) for answer in found]
        told = all(isinstance(peak, int) for peak in peaks)
        rows.append((name_of(mode), *peaks, max(peaks) - min(peaks) if told else ""))
    return rows


def stalls(bench, target, size):
    rows = []
    for mode in (None, "chunked"):
        found = bench.run(target, [{"mode": mode, "size": size, "shell": "aio"}] * 3)
        longest = [answer.get("stall", answer.get("error")) for answer in found]
        rows.append((target, name_of(mode), ", ".join(_ms(each) for each in longest)))
    return rows


def _ms(value):
    return "%.1f" % value if isinstance(value, float) else str(value)


def faults(step):
    """Print what the grid comes to, without retries and with."""
    rows = []
    with Swift() as server:
        boto = boto_client(server, "s3")
        for target in TARGETS:
            for name in WAYS:
                for attempts in (1, 6):
                    with Way(name, targets.TARGETS[target], server, boto) as way:
                        cases = way.grid(step, attempts, ("put", "get", "download"))
                    counts = {}
                    for (_, _, _, outcome), count in way.outcomes.items():
                        counts[outcome] = counts.get(outcome, 0) + count
                    told = ", ".join("%s %d" % pair for pair in sorted(counts.items()))
                    rows.append((target, name, attempts, cases, told, "none"))
    table(("target", "way", "attempts", "faults", "outcomes", "partial, leaked or wrong"), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mib", type=int, default=16, help="size of the file for throughput")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--step", type=int, default=4096, help="bytes between two faults")
    parser.add_argument("--heap", default="128k", help="of unix32")
    parser.add_argument("--no-faults", action="store_true")
    given = parser.parse_args()
    print("%s, `make measure`, " % datetime.date.today(), end="")
    print(", ".join(targets.TARGETS[name].version() for name in TARGETS) + ".")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ca.write(folder)
        for leaf, modes in ((None, PLAIN), (folder / "server", MODES)):
            bench = Bench(folder, leaf, given.heap)
            with bench.proxy:
                report(bench, modes, given, "over TLS" if leaf else "over plain TCP")
    if not given.no_faults:
        print("\n### Faults")
        faults(given.step)


def report(bench, modes, given, how):
    size = given.mib << 20
    print("\n### Uploads %s" % how)
    rows = [row for name in TARGETS for row in throughput(bench, name, modes, size, given.rounds)]
    table(("target", "mode", "MB/s of %d MiB" % given.mib, "of the raw socket's"), rows)
    sizes = (10 << 10, 1 << 20, 64 << 20)
    rows = heap(bench, modes, sizes)
    head = ("live heap, unix32, %s" % given.heap, "10 KiB", "1 MiB", "64 MiB", "difference")
    table(head, rows)
    bench.heap = "512k"
    commands = [{"mode": mode, "size": 1 << 20, "garbage": True} for mode in modes]
    found = bench.run("unix32", commands)
    rows = [(name_of(mode), a.get("garbage", a.get("error"))) for mode, a in zip(modes, found)]
    table(("garbage on unix32", "bytes per 8 KiB"), rows)
    bench.heap = "160k"  # asyncio, TLS and a chunk's buffer together are too much for 128
    rows = [row for name in TARGETS for row in stalls(bench, name, size)]
    table(("target", "mode", "longest wait of another asyncio task, ms (three runs)"), rows)
    bench.heap = given.heap


if __name__ == "__main__":
    main()
