"""Claims of docs/security.md that are nobody else's to prove."""

import ast
import contextlib
import os
import pathlib
import re
import ssl
import stat

import pytest

from core import section
from sigv4_mp.device.secret_store import SecretStore
from sigv4_mp.net import _cpython
from targets import ROOT

SHIPPED = ("lib", "firmware", "boards", "manifests", "tools", "bench")
ALLOWED = {
    ("lib/sigv4_mp/__init__.py", "__import__"),  # a module of its own table of names
    ("bench/on_target/modules.py", "__import__"),  # the modules that it measures
    ("bench/on_target/upload.py", "__import__"),
    ("tools/boards.py", "compile"),  # board.toml's network.start, to see whether it is Python
    ("tools/ntptime_table.py", "compile"),  # the module that it compares with
    ("tools/ntptime_table.py", "exec"),
}
RUNS_DATA = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
RUNS_DATA |= {"subprocess.getoutput", "subprocess.getstatusoutput"}
UNSAFE = {"pickle", "marshal", "shelve", "yaml"}


PARTS = ["quoted_token", "equal_time", "presigned", "audit_of_a_hostile_server", "framing"]


@pytest.mark.parametrize("part", PARTS)
def test_on_target(target, part):
    assert section(target, "security_claims.py", part)


def breaches(tree):
    """Yield what in a syntax tree could run text as code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in RUNS_DATA:
                yield name
            if any(
                one.arg == "shell" and ast.unparse(one.value) != "False" for one in node.keywords
            ):
                yield "shell="
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            yield from UNSAFE & {name.split(".")[0] for name in names}


def test_no_text_is_run_as_code():
    """Neither what a peer sent nor what a file holds: in all that is shipped, and in the tools."""
    found = set()
    paths = [path for folder in SHIPPED for path in (ROOT / folder).rglob("*.py")]
    assert len(paths) > 150
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {(name, what) for what in breaches(tree)}
    assert found <= ALLOWED, found - ALLOWED


@pytest.mark.parametrize(
    "code", ["eval(x)", "os.system(x)", "run(x, shell=True)", "import pickle", "from yaml import a"]
)
def test_that_would_be_found(code):
    assert list(breaches(ast.parse(code)))


def texts():
    """Yield (path, text) of every text file that a clone has."""
    made = {"build", "dist", "__pycache__"}
    for folder, inside, names in os.walk(ROOT):
        inside[:] = [name for name in inside if name[0] != "." and name not in made]
        for path in (pathlib.Path(folder, name) for name in names):
            with contextlib.suppress(FileNotFoundError):  # a test beside this one removed it
                yield path, path.read_text(encoding="utf-8", errors="replace")


def test_no_key_is_in_the_repository():
    """No access key id but such as end like AWS's documented ones, and no private key."""
    key_id = re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b(?<!EXAMPLE)")
    private = re.compile(r"PRIVATE KEY-----\s+(?:[0-9A-Za-z+/=]{40,}\s+){2}")
    assert key_id.search("AKIA" + "0" * 16)
    assert not key_id.search("AKIAIOSFODNN7EXAMPLE")
    assert private.search("-----BEGIN EC PRIVATE KEY-----\n" + ("A" * 64 + "\n") * 2)
    seen = 0
    for path, text in texts():
        seen += 1
        assert not key_id.findall(text), path
        assert not private.search(text), path
    assert seen > 400


def test_a_secret_file_is_private_before_it_holds_anything(tmp_path, monkeypatch):
    """On CPython; even where the folder was there before, open to all."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    seen = []
    real = os.chmod

    def chmod(path, mode):
        seen.append((os.stat(path).st_size, mode))
        real(path, mode)

    monkeypatch.setattr(os, "chmod", chmod)
    before = os.umask(0)
    try:
        SecretStore(str(folder)).set("key", b"secret")
    finally:
        os.umask(before)
    assert seen == [(0, 0o600)]
    path = folder / "key"
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"secret", 0o600)


def test_tls_of_cpython_has_no_old_versions():
    context = _cpython.tls_context(None)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
