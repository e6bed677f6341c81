"""What the library consists of: its modules in the order in which they are needed, their sizes."""

import ast
import functools
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "host_tests"), str(ROOT / "tools")]

import sizes

import layout

LIBRARY = sizes.LIBRARY
# What programs ask for, from a signer alone up; the modules that only others name come after them.
ROOTS = (
    "signer",
    "device.credentials",
    "device.clock",
    "net.http",
    "services.s3",
    "device.trusted",
    "net.ntp",
    "net.clock",
    "presign",
    "chunked",
    "net.aio",
)
# The name under which budget and report show what is loaded once this root is.
MARKS = {"signer": "a signer", "services.s3": "S3, HTTP, TLS"}
ALL = "the whole library"


@functools.lru_cache(None)
def _needs():
    """Return {module: modules that it imports when it is loaded}, without the host's own."""
    trees = {layout._name(LIBRARY, path): layout._parse(path) for path in LIBRARY.rglob("*.py")}
    trees = {
        name: tree
        for name, tree in trees.items()
        if name.replace(".", "/") not in sizes.HOST_ONLY and not name.endswith("__init__")
    }
    found = {}
    for name, tree in trees.items():
        later = {node for one in layout._functions(tree) for node in ast.walk(one)}
        imported = layout.imported(LIBRARY, name, tree, trees)
        found[name] = [
            other for node, other, ours in imported if ours and node not in later and other in trees
        ]
    return found


def modules(roots=None):
    """Return the modules in the order of need (list of "net.http"); with roots: only theirs."""
    needs, order = _needs(), []

    def add(name):
        if name not in order:
            for other in sorted(needs[name], key=lambda one: (layout.floor(one), one)):
                add(other)
            order.append(name)

    rest = () if roots else sorted(needs, key=lambda one: (layout.floor(one), one))
    for name in (*(roots or [name for name in ROOTS if name in needs]), *rest):
        add(name)
    return order


@functools.lru_cache(None)
def mpy_sizes():
    """Return {"net/http": bytes of .mpy} of every module."""
    paths = sorted(LIBRARY.rglob("*.py"))
    return {path.relative_to(LIBRARY).as_posix()[:-3]: sizes.mpy_size(path) for path in paths}


def groups():
    """Return {what one imports: bytes of .mpy}, the rows of the README's table, and "all"."""
    found = mpy_sizes()
    rows = {title: sum(found[name] for name in names) for title, names in sizes.grouped(found)}
    rows["all"] = sum(size for name, size in found.items() if name not in sizes.HOST_ONLY)
    return rows
