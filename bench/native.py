"""What native code makes of the times and bytes of a signature. Measured on the emulated Pico.

    .venv/bin/python bench/native.py          prints the table; docs/shipping.md keeps what it said

The library of `--ship mpy` and that of `--ship native` (tools/native.py) in turn, both imported
from files, so that what differs is the code alone. viper is not among the ways: it wants typed
integers, and these functions call methods of objects; what loops over bytes is a call of C already.
"""

import json
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "host_tests")]

import target_rp2040  # noqa: F401 - it registers the target
import targets
from tools import native
from tools.flashing import files

CASES = ("floor", "seal", "prepare", "sign, key cached", "presign", "check")
MAIN = """
import gc, json, sys
sys.path.insert(0, "/remote/shipped")
gc.collect()
before = gc.mem_alloc()
from sigv4_mp import Credentials, Signer
signer = Signer(Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3")
signer.sign("GET", "https://example.com/", amz_date="20150830T123600Z").check()
signer = None
gc.collect()
print(json.dumps({"case": "ram", "us": [gc.mem_alloc() - before]}))
import ops
for name, work in ops.cases():
    if name in %r:
        print(json.dumps({"case": name, "us": ops.timed(work, work, 3, 4)[0]}))
    if name == "presign":
        break
"""


def measure(library):
    """Return {case: us} of a library, {name below sigv4_mp: .mpy}; "ram" is in bytes."""
    given = {"shipped/sigv4_mp/" + name: data for name, data in library.items()}
    given["main.py"] = MAIN % (CASES,)
    for source in (ROOT / "bench" / "on_target").glob("*.py"):
        given[source.name] = source.read_bytes()
    done = targets.TARGETS["rp2040"].run("main.py", files=given, timeout=1200)
    if done.code:
        raise SystemExit(done.stderr.decode() or done.text)
    lines = [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]
    return {line["case"]: statistics.median(line["us"]) for line in lines}


def size(library):
    """Return the bytes of .mpy of the modules that have native code in the one of the two."""
    return sum(len(library[module + ".mpy"]) for module in native.HOT)


def main():
    """Print the table."""
    libraries = files.library("mpy"), native.library("armv6m")
    plain, fast = (measure(library) for library in libraries)
    print("| operation | bytecode, us | native, us | gain |\n|---|---:|---:|---:|")
    for case in CASES:
        gain = 100 - 100 * fast[case] / plain[case]
        print("| %s | %d | %d | %.1f %% |" % (case, plain[case], fast[case], gain))
    sizes = [size(library) for library in libraries]
    print(
        "| %d modules, bytes of .mpy | %d | %d | %+d |" % (len(native.HOT), *sizes, _grown(sizes))
    )
    used = [plain["ram"], fast["ram"]]
    print("| RAM after a signature, bytes | %d | %d | %+d |" % (*used, _grown(used)))


def _grown(pair):
    return pair[1] - pair[0]


if __name__ == "__main__":
    main()
