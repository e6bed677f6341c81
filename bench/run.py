"""`make bench`: the same operations on every target; bench/results.json and docs/performance.md.

    .venv/bin/python bench/run.py [--targets unix32,rp2040] [--rounds 5]     measure, and write
    .venv/bin/python bench/run.py --budget                                   renew bench/budget.json

Times vary with the machine, so each stands beside the hash floor of the same run. On the emulated
board they are the board's own and repeat exactly. Bytes and sizes are deterministic everywhere.
"""

import argparse
import datetime
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lib"), str(ROOT / "host_tests"), str(ROOT / "tools")]

from rich.console import Console

import target_rp2040  # noqa: F401 - it registers the target
import targets
from bench import report
from e2e_tools import ON_TARGET, compiled, compiled_library
from tools.servers import _venv, ca
from tools.servers.fault_proxy import FaultProxy, Sink

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
BUDGET = HERE / "budget.json"
ALL = "cpython,unix32,wasm,rp2040"
MODES = "hash,chunked,chunked-trailer,unsigned,unsigned-trailer"
say = Console(stderr=True, highlight=False).print


def lines(target, script, arguments=(), ship="mpy", heap="512k", timeout=1200):
    """Run a script of bench/on_target on a target; return its answers, a list of dict.

    ship: "mpy" or "py", how the library gets there; a board has it frozen.
    """
    chosen = targets.TARGETS[target]
    start = "import %s\n" % script
    if script == "ops":
        start = "import sys, ops\nops.main(*sys.argv[1:3])\n"
    files = {"main.py": start}
    for source in (*(HERE / "on_target").glob("*.py"), ON_TARGET / "_network.py"):
        if target in ("cpython", "rp2040"):
            files[source.name] = source.read_bytes()
        else:
            files[source.stem + ".mpy"] = compiled(source, source.name)
    if ship == "mpy" and target not in ("cpython", "rp2040"):
        files.update(compiled_library())
    bounded = heap if target == "unix32" else None
    words = [str(word) for word in arguments]
    done = chosen.run("main.py", words, files=files, heap=bounded, timeout=timeout)
    if done.code:
        raise SystemExit("%s on %s: %s" % (script, target, done.stderr.decode() or done.text))
    return [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]


def operations(target, rounds):
    """Return {case: {"us": median, "spread": [least, most], "bytes"}}."""
    found = {}
    for line in lines(target, "ops", [rounds, 4 if target == "rp2040" else 0]):
        times = line["us"]
        found[line["case"]] = {
            "us": round(statistics.median(times), 3),
            "spread": [round(min(times), 3), round(max(times), 3)],
            "bytes": line["bytes"],
        }
    return found


def modules(target):
    """Return {way: [lines of modules.py]}: what importing costs, by how the library is shipped."""
    ways = {"cpython": ("py",), "rp2040": ("frozen",)}.get(target, ("py", "mpy"))
    return {way: lines(target, "modules", ship=way) for way in ways}


def uploads(target, sizes):
    """Return the lines of upload.py, over plain TCP and over TLS."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ca.write(folder, names=("localhost", "sink.test"))
        for leaf in (None, folder / "server"):
            with FaultProxy(leaf=leaf, plan=Sink) as sink:
                files = str(folder / "ca.der") if leaf else ""
                modes = MODES if leaf else "hash,chunked,chunked-trailer"
                for line in upload_lines(target, sink, files, modes, sizes):
                    found.append(dict(line, tls=bool(leaf)))
    return found


def upload_lines(target, sink, ca_file, modes, sizes):
    url = sink.url
    if target == "rp2040":
        url = url.replace("localhost", "127.0.0.1" if not ca_file else "sink.test")
        return board_upload(url, ca_file, modes, sizes)
    return lines(target, "upload", [url, ca_file, modes, sizes], timeout=3600)


def board_upload(url, ca_file, modes, sizes):
    chosen = targets.TARGETS["rp2040"]
    files = {"main.py": "import sys, upload\n"}
    files["upload.py"] = (HERE / "on_target" / "upload.py").read_bytes()
    files["_network.py"] = (ON_TARGET / "_network.py").read_bytes()
    if ca_file:
        files["ca.der"] = Path(ca_file).read_bytes()
    words = [url, "/remote/ca.der" if ca_file else "", modes, sizes, int(time.time())]
    done = chosen.run("main.py", words, files=files, timeout=1800)
    if done.code:
        raise SystemExit("upload on rp2040: " + (done.stderr.decode() or done.text))
    return [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]


def side_by_side():
    """Return {signer: {"us", "spread"}}: signers of CPython, in one run."""
    python = _venv.python("bench")
    done = subprocess.run([python, HERE / "signers.py"], capture_output=True, check=True, text=True)
    found = {}
    for line in map(json.loads, done.stdout.splitlines()):
        times = line["us"]
        found[line["case"]] = {
            "us": round(min(times), 2),
            "spread": [round(min(times), 2), round(max(times), 2)],
        }
    return found


def sizes():
    """Return {module: bytes of .mpy}."""
    import sizes as table

    library = table.LIBRARY
    paths = sorted(library.rglob("*.py"))
    return {path.relative_to(library).as_posix()[:-3]: table.mpy_size(path) for path in paths}


def measure(names, rounds):
    """Return all numbers, a dict as results.json has it."""
    found = {
        "date": str(datetime.date.today()),
        "machine": "%s, shared with others" % platform.machine(),
        "versions": {name: targets.TARGETS[name].version() for name in names},
        "sizes": sizes(),
        "operations": {},
        "modules": {},
        "uploads": {},
        "loop": {},
    }
    for name in names:
        say("  operations on", name)
        found["operations"][name] = operations(name, rounds)
        say("  modules on", name)
        found["modules"][name] = modules(name)
        if name in ("unix32", "rp2040"):
            say("  uploads on", name)
            kib = "1024,65536,262144" if name == "rp2040" else "1024,65536,1048576,67108864"
            found["uploads"][name] = uploads(name, kib)
            say("  a day of telemetry on", name)
            found["loop"][name] = loop(name)
    if "cpython" in names:
        say("  signers of CPython")
        found["signers"] = side_by_side()
    return found


def loop(target):
    """Return the samples of loop.py: 100,000 seals and 2,000 uploads, fewer on the board."""
    count, every = (2000, 100) if target == "rp2040" else (100000, 50)
    with FaultProxy(plan=Sink) as sink:
        url = sink.url.replace("localhost", "127.0.0.1")
        return lines(target, "loop", [url, count, every, 20], heap="128k")


def budget(found):
    """Return what CI holds us to: what is deterministic in the results."""
    board = found["operations"]["rp2040"]
    floor = board["floor"]["us"]
    return {
        "bytes": {
            name: {case: row["bytes"] for case, row in found["operations"][name].items()}
            for name in ("unix32", "wasm", "rp2040")
        },
        "over floor on rp2040": {
            case: round(row["us"] / floor, 3) for case, row in board.items() if case != "textbook"
        },
        "mpy": {"all": sum(found["sizes"].values())},
        "import": {
            "%s %s" % (name, way): sum(row["bytes"] or 0 for row in rows if "bytes" in row)
            for name in ("unix32", "rp2040")
            for way, rows in found["modules"][name].items()
        },
    }


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--targets", default=ALL)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget", action="store_true", help="renew budget.json from results.json")
    parser.add_argument("--report", action="store_true", help="only write docs/performance.md")
    given = parser.parse_args()
    if not given.budget and not given.report:
        found = measure(given.targets.split(","), given.rounds)
        RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    found = json.loads(RESULTS.read_text())
    if given.budget:
        BUDGET.write_text(json.dumps(budget(found), indent=1, sort_keys=True) + "\n")
    report.write(found, ROOT / "docs" / "performance.md")


if __name__ == "__main__":
    main()
