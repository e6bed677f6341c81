"""The pieces of the library: each is whole with what it names, and loads nothing of another."""

import ast
import os
import subprocess
import sys

import pytest

import layout
import targets
from e2e_tools import compiled
from tools import boards, pieces

FOUND = pieces.modules()
HOME = {name: piece for piece, names in FOUND.items() for name in names}
# What stands in for the library's users: the module of each piece that they import.
ENTRY = {
    "core": "signer",
    "device": "device.credentials",
    "presign": "presign",
    "post_policy": "post_policy",
    "chunked": "chunked",
    "own_client": "own_client",
    "ntp": "net.ntp",
    "net": "net.http",
    "aio": "net.aio",
    "services": "services.s3",
    "selftest": "selftest",
    "verify": "verify",
    "explain": "explain_watch",
}
LOADED = """
import sys
sys.path[:] = [sys.argv[1], ".frozen"] + sys.path[1:]
import sigv4_mp.%s
print(" ".join(sorted(name for name in sys.modules if name.startswith("sigv4_mp."))))
"""


def test_manifests_are_current():
    assert pieces.main([]) == 0, "python3 tools/pieces.py --write"


def test_every_module_is_in_one_piece():
    there = {
        path.relative_to(pieces.LIBRARY).with_suffix("").as_posix()
        for path in pieces.LIBRARY.rglob("*.py")
    }
    assert set(HOME) == there - {"net/_cpython", "net/identity_files"}
    assert sum(map(len, FOUND.values())) == len(HOME)
    assert set(ENTRY) == set(pieces.PIECES)


@pytest.mark.parametrize("piece", pieces.PIECES)
def test_what_a_piece_needs_is_named_in_full(piece):
    """Its needs need nothing else, and what its modules import at their start is among them."""
    closure = pieces.closure(piece)
    for need in closure:
        assert set(pieces.closure(need)) <= set(closure)
    known = {name.replace("/", "."): name for name in HOME}
    for module in FOUND[piece]:
        tree = ast.parse((pieces.LIBRARY / (module + ".py")).read_text(encoding="utf-8"))
        later = {node for one in layout._functions(tree) for node in ast.walk(one)}
        dotted = module.replace("/", ".")
        for node, name, ours in layout.imported(pieces.LIBRARY, dotted, tree, known):
            if ours and node not in later and name in known:
                assert HOME[known[name]] in closure, "%s imports %s" % (module, name)


@pytest.mark.parametrize("piece", pieces.PIECES)
@pytest.mark.targets("unix", "unix32")
def test_a_piece_loads_nothing_of_another(target, piece, tmp_path):
    """Only the piece's own files and those it needs are there; what it loads is among them."""
    closure = pieces.closure(piece)
    for name in (name for one in closure for name in FOUND[one]):
        path = tmp_path / "sigv4_mp" / (name + ".mpy")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(compiled(pieces.LIBRARY / (name + ".py"), name + ".py"))
    result = target.run("use.py", [tmp_path], {"use.py": LOADED % ENTRY[piece]})
    assert result.code == 0, result.stderr.decode()
    loaded = {name.partition(".")[2].replace(".", "/") for name in result.text.split()}
    homes = {HOME[name] for name in loaded if name in HOME}
    assert homes <= set(closure)
    assert ENTRY[piece].replace(".", "/") in loaded


@pytest.mark.parametrize("piece", ["core", "presign"])
def test_what_is_not_imported_costs_nothing(piece):
    """Signing loads no clock, no socket, no service, though all of them are installed."""
    words = [sys.executable, "-c", LOADED % ENTRY[piece], os.fspath(pieces.ROOT / "lib")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[2].replace(".", "/") for name in done.stdout.split()}
    assert {HOME[name] for name in loaded if name in HOME} <= {"core", piece}


def test_manifests_of_pieces_together_hold_everything_once():
    frozen = []

    def package(name, files, base_path):
        base = (pieces.MANIFESTS / base_path / name).resolve()
        assert base == pieces.LIBRARY
        assert all((base / file).exists() for file in files)
        frozen.extend(files)

    for piece in pieces.PIECES:
        exec((pieces.MANIFESTS / (piece + ".py")).read_text(), {"package": package})
    assert sorted(frozen) == sorted(name + ".py" for name in HOME)


def test_boards_are_not_touched_by_pieces():
    """The boards freeze the whole library; their manifests say so themselves."""
    for name in boards.names():
        text = (targets.ROOT / "boards" / name / "manifest.py").read_text(encoding="utf-8")
        assert 'include("../../manifest.py")' in text
