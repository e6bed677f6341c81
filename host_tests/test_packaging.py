"""Everyone gets the library: pip and a frozen manifest all of it, mip what signs and sends."""

import functools
import http.server
import os
import pathlib
import subprocess
import sys
import threading
import zipfile

import pytest
from mpremote import mip as mpremote_mip

import targets
from tools import mip_index

ROOT = targets.ROOT
MODULES = sorted(p.relative_to(ROOT / "lib").as_posix() for p in (ROOT / "lib").rglob("*.py"))
# Imports every floor, and signs.
USE = """
import sys
import sigv4_mp, sigv4_mp.signer, sigv4_mp.device.clock, sigv4_mp.net.http1, sigv4_mp.services.s3
from sigv4_mp import Credentials, Signer
credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
signer = Signer(credentials, "us-east-1", "s3")
sealed = signer.sign("GET", "https://example.com/a", amz_date="20150830T123600Z")
print(sigv4_mp.__version__, len(sealed.signature), sigv4_mp.__file__)
"""


def quiet(*command, **options):
    """Run a program; return its stdout (str), fail with its words."""
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mip_lists_every_module_and_the_version():
    assert (ROOT / "package.json").read_text() == mip_index.wanted(), "tools/mip_index.py --write"


def test_the_version_is_the_same_everywhere():
    version = mip_index.version()
    said = []
    api = {"metadata": lambda **named: said.append(named), "package": lambda *_, **__: None}
    exec((ROOT / "manifest.py").read_text(), api)
    assert [one["version"] for one in said] == [version]
    released = [
        line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line[:3] == "## "
    ]
    assert version in released[0] or "unreleased" in released[0].lower()


def test_the_manifest_freezes_every_module():
    frozen = []

    def package(name, files=None, base_path=".", opt=None):
        # What MicroPython's manifestfile.py does: *.py below base_path/name, named from base_path.
        base = ROOT / base_path
        frozen.extend(p.relative_to(base).as_posix() for p in (base / name).rglob("*.py"))

    exec((ROOT / "manifest.py").read_text(), {"metadata": lambda **_: None, "package": package})
    assert sorted(frozen) == MODULES


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel, built as a user's pip would, but with the pinned backend and no network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-build-isolation", "--no-deps", "--no-index", "-q", "-w", folder)
    quiet(sys.executable, "-m", "pip", "wheel", *options, ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_library_and_nothing_else(wheel):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert sorted(name for name in names if name.endswith(".py")) == MODULES
    assert all(name.startswith("sigv4_mp/") for name in names)
    assert {pathlib.PurePath(name).suffix for name in names} <= {".py", ".pyi", ".typed"}


def test_pip_installs_a_library_that_signs(wheel, tmp_path):
    home = tmp_path / "venv"
    quiet(sys.executable, "-m", "venv", "--without-pip", home)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    quiet(*pip, "install", "-q", "--no-index", wheel)  # --no-index: a dependency would fail here
    version, length, where = quiet(python, "-I", "-c", USE, cwd=tmp_path).split()
    assert (version, length) == (mip_index.version(), "64")
    assert pathlib.Path(where).is_relative_to(home)


class FolderBoard:
    """A board as mpremote's transport sees one, its file system being a folder."""

    def __init__(self, folder):
        self.folder = folder

    def _at(self, path):
        return self.folder / path.lstrip("/")

    def fs_exists(self, path):
        return self._at(path).exists()

    def fs_mkdir(self, path):
        self._at(path).mkdir()

    def fs_writefile(self, path, data, progress_callback=None):
        self._at(path).write_bytes(data)


@pytest.fixture
def files_over_http():
    """This repository's files on loopback, as a code host serves them."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=os.fspath(ROOT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "http://127.0.0.1:%d/" % server.server_port
        server.shutdown()


@pytest.mark.parametrize("source", ["file", "http"])
@pytest.mark.targets("unix", "unix32", "wasm")
def test_mip_installs_a_library_that_signs(target, source, request, tmp_path):
    """mpremote's installer, from our package.json (1.25's own mip lacks relative URLs)."""
    start = (
        os.fspath(ROOT) + "/" if source == "file" else request.getfixturevalue("files_over_http")
    )
    board = FolderBoard(tmp_path)
    mpremote_mip._install_package(
        board, start + "package.json", "", "/lib", version=None, mpy=False
    )
    found = (path for path in (tmp_path / "lib").rglob("*") if path.is_file())
    apart = {name for name in MODULES if not mip_index.installed(pathlib.Path(name))}
    assert len(apart) == 27  # verify, explain; what CPython alone needs
    names = {path.relative_to(tmp_path / "lib").as_posix() for path in found}
    assert names == set(MODULES) - apart
    use = "import gc, sys\nsys.path[:] = [sys.argv[1], '.frozen']\n"
    use += "if hasattr(gc, 'threshold'): gc.threshold(4096)\n" + USE  # as the README says
    result = target.run("use.py", [tmp_path / "lib"], {"use.py": use})
    assert result.code == 0, result.stderr
    version, length, where = result.text.split()
    assert (version, length) == (mip_index.version(), "64")
    assert where.startswith(str(tmp_path))
