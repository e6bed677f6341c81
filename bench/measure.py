"""Each measurement of `make bench`: what it asks the targets, and how it sums up the answers."""

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench import harness, library
from bench.harness import BOARD, lines
from tools.servers import _venv, ca
from tools.servers.fault_proxy import FaultProxy, Sink

MODES = ("hash", "chunked", "chunked-trailer", "unsigned", "unsigned-trailer")
PLAIN = MODES[:3]  # the others are refused without TLS
KIB, MIB = 1 << 10, 1 << 20
FEW = ("seal", "sign, key cached", "presign")
# Bytes and rounds of the uploads over TLS and over plain TCP.
TIMED = {
    "unix32": (
        {KIB: 5, 10 * KIB: 5, 100 * KIB: 5, MIB: 5, 10 * MIB: 3, 64 * MIB: 3},
        {MIB: 5, 16 * MIB: 3},
    ),
    "cpython": ({MIB: 5, 16 * MIB: 3}, {MIB: 5, 16 * MIB: 3}),
    BOARD: ({KIB: 1, 64 * KIB: 1}, {KIB: 3, 64 * KIB: 3}),
}
PEAK = (KIB, 10 * KIB, 100 * KIB, MIB, 10 * MIB, 64 * MIB)


def spread(times):
    """Return {"us": median, "spread": [least, most], "n"} of a list of microseconds."""
    return {
        "us": round(statistics.median(times), 3),
        "spread": [round(min(times), 3), round(max(times), 3)],
        "n": len(times),
    }


def operations(target, rounds):
    """Return {case: {"us", "spread", "n", "bytes", "ratio"}}.

    ratio: to the hash floor, the median of the rounds' own: what slows one slows both.
    """
    found = {}
    for line in lines(target, "ops", [rounds, 4 if target == BOARD else 0]):
        ratio = statistics.median(a / b for a, b in zip(line["us"], line["floor"]))
        row = dict(spread(line["us"]), bytes=line["bytes"], ratio=round(ratio, 3))
        found[line["case"]] = row
    return found


def peaks(target):
    """Return {case: bytes}: the least free memory in which each operation ends."""
    # On the board each look takes seconds, and there is no chance in it: one search of a few.
    words = [1, ";".join(FEW)] if target == BOARD else [3]
    return {line["case"]: line["peak"] for line in lines(target, "peaks", words, heap="128k")}


def first(target, rounds):
    """Return {"import": {...}, "sign": {...}}: the first request of as many programs as rounds."""
    found = [lines(target, "first", [harness.path_of(target)])[0] for _ in range(rounds)]
    return {part: spread([line[part] for line in found]) for part in ("import", "sign")}


def pauses(target):
    """Return [{"phase", "us", "spread", "n", "live"}]."""
    name, files = harness.names_file(library.modules())
    words = [name, 1 if target == BOARD else 20, harness.path_of(target)]
    found = lines(target, "pauses", words, files=files)
    return [dict(spread(line["us"]), phase=line["phase"], live=line["live"]) for line in found]


def file_hash(target):
    """Return [{"block", "raw", "ours": {...}, "ratio", "bytes"}]: raw loop's time over ours.

    The ratio is the median of the rounds' own.
    """
    found = []
    for line in lines(target, "filehash", [5]):
        ratio = statistics.median(a / b for a, b in zip(line["raw"], line["ours"]))
        row = {"block": line["block"], "bytes": line["bytes"], "ratio": round(ratio, 4)}
        found.append(dict(row, raw=spread(line["raw"]), ours=spread(line["ours"])))
    return found


def streams(target):
    """Return {"garbage": [least, most], "derived", "chunks"} of a stream of signed chunks."""
    (line,) = lines(target, "streams")
    return dict(line, garbage=[min(line["garbage"]), max(line["garbage"])])


def modules(target):
    """Return {way: [{"module", "bytes", "us", "spread", "n"}]}: importing, by how it is shipped."""
    found = {}
    for way in {"cpython": ("py",), BOARD: ("frozen", "mpy")}.get(target, ("py", "mpy")):
        names, folder, more = library.modules(), harness.path_of(target), {}
        if target == BOARD and way == "mpy":  # from the board's own flash; not all of it fits
            names = library.modules(library.ROOTS[: library.ROOTS.index("services.s3") + 1])
            folder, more = "m", harness.mpy_files(names, "m")
        name, files = harness.names_file(names)
        files.update(more)
        arguments = [name, folder]
        rounds = 1 if target == BOARD else 3
        runs = [lines(target, "modules", arguments, way, files=files) for _ in range(rounds)]
        found[way] = [
            dict(row, bytes=_least(rows, "bytes"), **spread([one["us"] for one in rows]))
            for row, rows in zip(runs[0], zip(*runs))
        ]
    return found


def _least(rows, what):
    values = [row[what] for row in rows if row[what] is not None]
    return min(values) if values else None


class Sinks:
    """A sink behind plain TCP and one behind TLS, as context managers, and a CA's file."""

    def __init__(self, folder):
        self.folder = Path(folder)
        ca.write(self.folder, names=("localhost", "sink.test"))

    def open(self, tls):
        return FaultProxy(leaf=self.folder / "server" if tls else None, plan=Sink)

    def ask(self, target, what, sink, tls, modes, rounds):
        """Return the lines of upload.py. rounds: {size: rounds}."""
        url, ca_file, files = sink.url, str(self.folder / "ca.der") if tls else "", None
        now = []
        if target == BOARD:
            url = url.replace("localhost", "sink.test" if tls else "127.0.0.1")
            now = [int(time.time())]
            if tls:
                ca_file, files = "/remote/ca.der", {"ca.der": Path(ca_file).read_bytes()}
        sizes, counts = (",".join(map(str, each)) for each in (rounds, rounds.values()))
        words = [what, url, ca_file, ",".join(modes), sizes, counts, *now]
        return lines(target, "upload", words, files=files)


PARTS = ("hash", "sign", "connect", "send", "whole", "cpu", "pause")


def uploads(target):
    """Return [{"mode", "size", "tls", "hash": {...}, "sign", …}] of TIMED's sizes."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        sinks = Sinks(folder)
        for tls, modes, rounds in zip((True, False), (MODES, PLAIN), TIMED[target]):
            with sinks.open(tls) as sink:
                told = sinks.ask(target, "time", sink, tls, modes, rounds)
            for mode in modes:
                for size in rounds:
                    mine = [
                        line for line in told if line["mode"] == mode and line.get("size") == size
                    ]
                    row = {"mode": mode, "size": size, "tls": tls}
                    for part in PARTS:
                        times = [line[part] for line in mine if line[part] is not None]
                        row[part] = spread(times) if times else None
                    found.append(row)
    return found


def upload_peaks(sizes=PEAK, rounds=4):
    """Return {mode: {size: bytes}}: the largest live heap of uploads over TLS on unix32.

    The least of so many rounds, ended early when the sizes agree: a stale pointer on the stack may
    keep an object or two alive by chance. A program each: nothing is left from the upload before.
    """
    with tempfile.TemporaryDirectory() as folder:
        sinks = Sinks(folder)
        with sinks.open(True) as sink:
            return {mode: _mode_peaks(sinks, sink, mode, sizes, rounds) for mode in MODES}


def _mode_peaks(sinks, sink, mode, sizes, rounds):
    found = {}
    for _ in range(rounds):
        for size in sizes:
            told = sinks.ask("unix32", "peak", sink, True, (mode,), {size: 1})
            peak = told[-1]["peak"]
            found[str(size)] = min(peak, found.get(str(size), peak))
        if max(found.values()) - min(found.values()) <= 64:
            break
    return found


def loop(target, seals, every, samples=20):
    """Return the samples of loop.py: a day of telemetry, with an upload in `every` seals."""
    with FaultProxy(plan=Sink) as sink:
        url = sink.url.replace("localhost", "127.0.0.1")
        return lines(target, "loop", [url, seals, every, samples], heap="128k")


def side_by_side():
    """Return {signer: {"us", "spread", "n"}}: signers of CPython, in one run."""
    words = [_venv.python("bench"), harness.HERE / "signers.py"]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    return {line["case"]: spread(line["us"]) for line in map(json.loads, done.stdout.splitlines())}
