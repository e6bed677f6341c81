"""Runs a script of bench/on_target on a target and brings back what it printed."""

import functools
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lib"), str(ROOT / "host_tests"), str(ROOT / "tools")]

import target_rp2040  # noqa: F401 - it registers the target
import targets
from e2e_tools import ON_TARGET, compiled, compiled_library

HERE = Path(__file__).resolve().parent
BOARD = "rp2040"


class Failed(RuntimeError):
    """A script ended badly; str() has its words."""


@functools.lru_cache(None)
def _scripts(source):
    """Return {file name: bytes} of bench/on_target, as source or as bytecode."""
    files = {}
    for path in (*sorted((HERE / "on_target").glob("*.py")), ON_TARGET / "_network.py"):
        name = path.name if source else path.stem + ".mpy"
        files[name] = path.read_bytes() if source else compiled(path, path.name)
    return files


def lines(target, script, arguments=(), ship="mpy", heap="512k", files=None, timeout=3600):
    """Return the answers of a script, a list of dict: each line of JSON that it printed.

    ship: "mpy" or "py", how the library gets there; a board has it frozen.
    files: more of them, {name: bytes}, for the folder that the script runs in.
    Raises: Failed.
    """
    chosen = targets.TARGETS[target]
    given = {"main.py": "import sys\nimport %s\n%s.main(*sys.argv[1:])\n" % (script, script)}
    given.update(_scripts(target == "cpython"))
    given.update(files or {})
    if ship == "mpy" and target not in ("cpython", BOARD):
        given.update(compiled_library())
    bounded = heap if target == "unix32" else None
    words = [str(word) for word in arguments]
    done = chosen.run("main.py", words, files=given, heap=bounded, timeout=timeout)
    if done.code:
        told = done.stderr.decode(errors="replace") or done.text
        raise Failed("%s on %s: %s" % (script, target, told))
    return [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]


def names_file(names):
    """Return (argument, {file name: bytes}): a list of module names for a script."""
    return "names.txt", {"names.txt": "\n".join(names).encode()}


def path_of(target):
    """Return what a script is to be told about where the library is."""
    return ".frozen" if target == BOARD else ""


def mpy_files(names, folder):
    """Return {folder/sigv4_mp/x.mpy: bytes} of some modules, for a board's own flash."""
    wanted = {"sigv4_mp/%s.mpy" % name.replace(".", "/") for name in names}
    found = compiled_library()
    inits = {name for name in found if name.endswith("__init__.mpy")}
    return {folder + "/" + name: found[name] for name in sorted((wanted | inits) & set(found))}
