"""Fetching interpreters: what is pinned, what is refused, who waits for whom. No network."""

import base64
import hashlib
import io
import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import sys

import pytest

import targets
from tools import _debian, _fetch, _install, runtimes

SCRIPT = targets.ROOT / "tools" / "runtimes.py"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache and a memory of their own for each test; PATH without a micropython."""
    monkeypatch.setenv("SIGV4_MP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SIGV4_MP_RUNTIMES", "pinned")
    runtimes._outcome.cache_clear()
    yield tmp_path / "cache"
    runtimes._outcome.cache_clear()


@pytest.fixture
def progress():
    return _fetch.Progress("test", stream=io.StringIO())


def program(path, text):
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def micropython(folder, version="1.25.0", maxsize=2**63 - 1, modules=True):
    """Put something on PATH that answers like a micropython of this version."""
    refuse = "" if modules else 'case "$2" in *tls*) exit 1;; esac; '
    answer = "%secho %s %d\n" % (refuse, version, maxsize)
    return program(folder / "bin" / "micropython", answer).parent


# --- the pins


def test_every_interpreter_is_pinned_by_version_and_digest():
    for name in set(runtimes.NAMES) - set(runtimes.DOORS):
        pin = runtimes.PINS[name]
        if pin["kind"] == "npm":
            assert re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", pin["version"])
            algorithm, _, digest = pin["integrity"].partition("-")
            assert (algorithm, len(base64.b64decode(digest, validate=True))) == ("sha512", 64)
        else:
            assert "micropython" in pin["packages"]
            for version, sha256 in pin["packages"].values():
                assert re.fullmatch(r"[\w.+~:-]+", version)
                assert re.fullmatch("[0-9a-f]{64}", sha256)


def test_the_pins_name_no_address():
    text = SCRIPT.with_name("runtimes.json").read_text()
    assert "://" not in text and "resolved" not in text


def test_every_requirement_is_pinned():
    for path in (targets.ROOT / "requirements").glob("*.txt"):
        lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
        assert lines and all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in lines), path


def test_another_pin_is_another_folder(monkeypatch):
    before = runtimes.folder_of("wasm")
    monkeypatch.setitem(runtimes.PINS, "wasm", dict(runtimes.PINS["wasm"], version="1.0.0"))
    assert runtimes.folder_of("wasm") != before


# --- downloads


def test_a_corrupt_download_is_refused_and_removed(tmp_path):
    good = hashlib.sha256(b"as pinned").hexdigest()
    download = tmp_path / "a.deb"
    download.write_bytes(b"as pinned")
    _fetch.check_sha256(download, good)
    download.write_bytes(b"as pinneD")
    with pytest.raises(_fetch.FetchError, match="refused and removed"):
        _fetch.check_sha256(download, good)
    assert not download.exists()


@pytest.mark.parametrize("content", [b"", b"as pinned\0", b"other"])
def test_npm_integrity_is_checked(tmp_path, content):
    wanted = "sha512-" + base64.b64encode(hashlib.sha512(b"as pinned").digest()).decode()
    download = tmp_path / "a.tgz"
    download.write_bytes(b"as pinned")
    _fetch.check_integrity(download, wanted)
    download.write_bytes(content)
    with pytest.raises(_fetch.FetchError, match="sha512"):
        _fetch.check_integrity(download, wanted)
    assert not download.exists()


def fake_npm(tmp_path, monkeypatch, content):
    """Make `npm pack` deliver a file with this content; Node is real."""
    npm = program(tmp_path / "npm", "printf %s > package-1.0.tgz\n" % shlex.quote(content))
    monkeypatch.setattr(_install, "node", lambda: ("node", [str(npm)]))


def test_a_corrupt_interpreter_is_never_installed(tmp_path, monkeypatch, own_cache, capsys):
    fake_npm(tmp_path, monkeypatch, "not the package")
    assert "refused and removed" in runtimes.reason("wasm")
    assert not runtimes.folder_of("wasm").exists()
    assert list((own_cache / "tmp").iterdir()) == []
    assert runtimes.main(["path", "wasm"]) == 1
    told = capsys.readouterr()
    assert told.out == "" and "refused" in told.err


def test_a_failed_fetch_leaves_nothing_and_the_next_one_works(own_cache):
    target = own_cache / "thing"
    with pytest.raises(OSError, match="cable"), _fetch.new_dir(target) as folder:
        (folder / "half").write_text("x")
        raise OSError("cable cut")
    assert not target.exists()
    for content in ("first", "second"):
        with _fetch.new_dir(target) as folder:
            (folder / "whole").write_text(content)
        assert (target / "whole").read_text() == content
    assert list((own_cache / "tmp").iterdir()) == []


class Mirror:
    """An apt that has one package, in one version."""

    def __init__(self, folder, monkeypatch, has, content=b"deb"):
        self.apt = object.__new__(_debian.Apt)
        self.apt.state, self.apt.options = folder, []
        monkeypatch.setattr(_debian, "run", self.run)
        self.has, self.content = has, content

    def run(self, command, cwd=None):
        if "show" in command:
            return "".join("Package: p\nVersion: %s\n\n" % version for version in self.has)
        self.asked = command[-1]
        (cwd / "p.deb").write_bytes(self.content)
        return ""


def test_the_pinned_package_is_taken_and_checked(tmp_path, monkeypatch, progress):
    mirror = Mirror(tmp_path, monkeypatch, ["2.0-1", "1.0-1"])
    sha256 = hashlib.sha256(b"deb").hexdigest()
    deb, pinned = mirror.apt.download("p", "1.0-1", sha256, progress)
    assert (deb.read_bytes(), pinned, mirror.asked) == (b"deb", True, "p=1.0-1")
    assert progress.stream.getvalue() == ""


def test_a_package_that_differs_from_its_pin_is_refused(tmp_path, monkeypatch, progress):
    mirror = Mirror(tmp_path, monkeypatch, ["1.0-1"], b"other")
    with pytest.raises(_fetch.FetchError, match="SHA-256"):
        mirror.apt.download("p", "1.0-1", hashlib.sha256(b"deb").hexdigest(), progress)


def test_a_version_that_is_gone_is_replaced_loudly(tmp_path, monkeypatch, progress):
    mirror = Mirror(tmp_path, monkeypatch, ["1.0-2"], b"newer")
    _, pinned = mirror.apt.download("p", "1.0-1", "0" * 64, progress)
    assert (pinned, mirror.asked) == (False, "p=1.0-2")
    assert "WARNING: p 1.0-1 is no longer on the mirror; taking 1.0-2" in progress.stream.getvalue()


# --- which micropython


def test_an_installed_micropython_is_used(tmp_path, monkeypatch):
    folder = micropython(tmp_path)
    monkeypatch.setenv("SIGV4_MP_RUNTIMES", "")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    assert runtimes.command("unix") == [str(folder / "micropython")]
    assert runtimes.info("unix")["source"] == "PATH"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"version": "1.23.0"}, "1.23.0 with 64-bit words, wanted >= 1.24"),
        ({"maxsize": 2**31 - 1}, "with 32-bit words"),
        ({"modules": False}, "failed"),
    ],
)
def test_an_installed_micropython_that_will_not_do_is_passed_over(
    tmp_path, monkeypatch, answer, why
):
    monkeypatch.setenv("PATH", str(micropython(tmp_path, **answer)), prepend=os.pathsep)
    path, _, reason = _install.installed_unix(runtimes.PATH_MINIMUM)
    assert path is None and why in reason


def test_the_pinned_one_can_be_forced(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(micropython(tmp_path)), prepend=os.pathsep)
    monkeypatch.setattr(runtimes, "_install_now", lambda name: {"command": ["pinned", name]})
    assert runtimes.command("unix") == ["pinned", "unix"]


def test_what_this_machine_cannot_run_goes_through_qemu(tmp_path, monkeypatch, progress):
    qemu = program(tmp_path / "bin" / "qemu-i386-static", "exit 0\n")
    monkeypatch.setenv("PATH", str(qemu.parent), prepend=os.pathsep)
    mirror = Mirror(tmp_path, monkeypatch, ["1.0-1"])
    monkeypatch.setattr(_debian, "Apt", lambda *_: mirror.apt)

    def unpack(deb, folder, member=None):
        loader = folder / "usr/lib/i386-linux-gnu/ld-linux.so.2"
        loader.parent.mkdir(parents=True)
        loader.write_bytes(b"\x7fELF of another machine")
        loader.chmod(0o755)

    monkeypatch.setattr(_debian, "unpack", unpack)
    packages = {"micropython": ["1.0-1", hashlib.sha256(b"deb").hexdigest()]}
    pin = dict(runtimes.PINS["unix32"], packages=packages, qemu=runtimes.PINS["qemu"])
    folder = tmp_path / "unpacked"
    record = _install.install_debian(pin, folder, progress)
    assert record["emulator"] == str(qemu)
    assert _install.debian_command(folder, record)[0] == str(qemu)
    assert "Exec format error" in progress.stream.getvalue()


# --- the command line


def test_path_prints_only_the_command(tmp_path, own_cache):
    folder = micropython(tmp_path)
    environment = dict(
        os.environ, SIGV4_MP_RUNTIMES="", PATH="%s:%s" % (folder, os.environ["PATH"])
    )
    words = [sys.executable, str(SCRIPT), "path", "unix"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("%s\n" % (folder / "micropython"), "")


def test_list_fetches_nothing(own_cache, capsys):
    runtimes.main(["list"])
    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert list(lines) == list(runtimes.NAMES)
    assert lines["unix32"] == "not fetched yet" and "emulator.py" in lines["rp2040"]
    assert not (own_cache / "runtimes").exists()


def test_an_unknown_name_and_the_door_have_reasons():
    assert "there are unix, unix32" in runtimes.reason("esp32")
    assert "emulator.py" in runtimes.reason("rp2040")
    with pytest.raises(_fetch.FetchError):
        runtimes.command("rp2040")


FETCH = """
import json, pathlib, sys, time
sys.path.insert(0, sys.argv[1])
from tools import _install, runtimes
log = pathlib.Path(sys.argv[2])
def install(pin, folder, progress):
    with log.open("a") as lines:
        lines.write("fetching\\n")
    for number in range(20):
        (folder / str(number)).write_text("part")
        time.sleep(0.02)
    return {"source": "test", "pinned": True}
_install.install_npm = install
_install.npm_command = lambda folder, record: ["/bin/true", str(folder)]
_install.probe = lambda command: ("1.27.0", 32)
print(json.dumps([runtimes.command("wasm"), len(list(runtimes.folder_of("wasm").iterdir()))]))
"""


def test_two_processes_that_fetch_at_once_do_it_once(tmp_path):
    log = tmp_path / "log"
    words = [sys.executable, "-c", FETCH, str(targets.ROOT), str(log)]
    started = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    answers = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(answers)) == 1 and json.loads(answers[0])[1] == 21  # 20 parts and the record
    assert log.read_text() == "fetching\n"


def test_the_mirror_is_the_machines_own(monkeypatch):
    lines = "mirror+file:/security/debian-security/\nmirror+file:/somewhere/debian/\n"
    monkeypatch.setattr(_debian, "run", lambda command: lines)
    monkeypatch.setattr(_debian.shutil, "which", lambda name: name)
    assert _debian.mirror() == "mirror+file:/somewhere/debian/"
    monkeypatch.setenv("SIGV4_MP_DEBIAN_MIRROR", "file:/mine")
    assert _debian.mirror() == "file:/mine"


def test_without_apt_the_reason_says_what_would_do(monkeypatch):
    monkeypatch.setattr(_debian.shutil, "which", lambda name: None)
    assert "a micropython of your own on PATH" in runtimes.reason("unix")


def test_the_tools_need_only_the_standard_library():
    """They run with plain python3, before the virtual environment exists."""
    for name in ("runtimes.py", "bootstrap.py"):
        words = [sys.executable, "-I", "-S", str(targets.ROOT / "tools" / name), "--help"]
        if name == "bootstrap.py":
            words[3:] = [
                "-c",
                "import sys; sys.path.insert(0, %r); import tools.bootstrap" % str(targets.ROOT),
            ]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert pathlib.Path(_fetch.__file__).parent == targets.ROOT / "tools"
