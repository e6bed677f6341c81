"""One interface to run a script on any interpreter: CPython and each MicroPython that we fetch.

    result = target.run("body.py", args=["x"], files={"a.bin": b"..."}, stdin=b"...", heap="96k")
    result.check()            # exit code 0 and a last line "N passed, 0 failed"

Scripts that run on targets live in host_tests/on_target/; they use on_target/_check.py and print
one line per check. lib/ and on_target/ are on the script's module path on every target.
"""

import contextlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

from tools import runtimes

ROOT = pathlib.Path(__file__).resolve().parent.parent
ON_TARGET = ROOT / "host_tests" / "on_target"
MODULE_PATH = (str(ROOT / "lib"), str(ON_TARGET))
_COUNTS = re.compile(rb"(?:\A|\n)(\d+) passed, (\d+) failed\s*\Z")
_passed = []


def checks_passed():
    """Return how many checks scripts on targets have passed in this process so far."""
    return sum(_passed)


def note(result):
    """Count the checks of a Result that did not come from Target.run."""
    _passed.append(result.passed or 0)


class Result:
    """What a script did: stdout and stderr (bytes), code (int), passed and failed (int or None)."""

    def __init__(self, stdout, stderr, code):
        self.stdout, self.stderr, self.code = stdout, stderr, code
        counts = _COUNTS.search(stdout)
        self.passed, self.failed = map(int, counts.groups()) if counts else (None, None)

    @property
    def text(self):
        """stdout as str."""
        return self.stdout.decode()

    def check(self):
        """Return self if the script ended well and proved something; AssertionError if not."""
        if self.code or self.failed or not self.passed:
            raise AssertionError(
                "exit code %d, %s\n%s" % (self.code, self._counted(), self._told())
            )
        return self

    def _counted(self):
        if self.passed is None:
            return 'no last line "N passed, N failed"'
        return "%d passed, %d failed" % (self.passed, self.failed)

    def _told(self):
        lines = self.stdout.decode(errors="replace").splitlines()
        wrong = [line for line in lines if not line.startswith("ok ")]
        return "\n".join(
            wrong[-60:] + ["--- stderr"] + self.stderr.decode(errors="replace").splitlines()[-30:]
        )


class Timeout(AssertionError):
    """The script did not end; str() holds what it had said."""


class Target:
    """An interpreter. name: str; heap: its default heap ("128k" or None, the interpreter's own)."""

    heap = None
    sockets = True

    def __init__(self, name):
        self.name = name

    def why_not(self):
        """Return None if it can run here (it is fetched if needed), else the reason (str)."""
        return runtimes.reason(self.name)

    def version(self):
        """Return a short description for the table at the end (str)."""
        found = runtimes.info(self.name)
        return "MicroPython %s, %d-bit, %s" % (found["version"], found["bits"], found["source"])

    def command(self, heap=None):
        """Return the words that come before the script (list of str)."""
        heap = heap or self.heap
        return runtimes.command(self.name) + (["-X", "heapsize=" + heap] if heap else [])

    def environment(self):
        """Return the environment (dict) that puts lib/ on the module path."""
        return dict(os.environ, MICROPYPATH=":".join(MODULE_PATH + (".frozen",)))

    def run(self, script, args=(), files=None, stdin=None, heap=None, timeout=600, cwd=None):
        """Run a script; return a Result.

        script: path, absolute or of a file in on_target/ or of one in `files`.
        files: {relative name: bytes or str}, written into the folder the script runs in, which is
        `cwd`, or else one that is removed afterwards.
        stdin: bytes.    heap: "64k", where it can be bounded.
        timeout: seconds after which it is ended and Timeout raised.
        """
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(cwd or stack.enter_context(tempfile.TemporaryDirectory()))
            for name, content in (files or {}).items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            here = folder / script if script in (files or {}) else ON_TARGET / script
            words = self.command(heap) + [str(here), *map(str, args)]
            return self._finish(words, folder, stdin, timeout)

    def _finish(self, words, folder, stdin, timeout):
        options = {
            "cwd": folder,
            "env": self.environment(),
            "capture_output": True,
            "timeout": timeout,
        }
        try:
            done = subprocess.run(words, input=stdin or b"", check=False, **options)
        except subprocess.TimeoutExpired as late:
            told = (late.stdout or b"")[-2000:] + b"\n--- stderr\n" + (late.stderr or b"")[-2000:]
            raise Timeout(
                "%s: not done after %d s\n%s" % (self.name, timeout, told.decode(errors="replace"))
            ) from None
        result = Result(done.stdout, done.stderr, done.returncode)
        _passed.append(result.passed or 0)
        return result


class CPython(Target):
    """The interpreter that runs pytest. Its heap cannot be bounded; `heap` is not used."""

    def why_not(self):
        return None

    def version(self):
        return "CPython %s, %d-bit" % (
            platform.python_version(),
            64 if sys.maxsize > 1 << 32 else 32,
        )

    def command(self, heap=None):
        return [sys.executable, "-B", "-X", "utf8"]

    def environment(self):
        return dict(os.environ, PYTHONPATH=os.pathsep.join(MODULE_PATH))


class Unix32(Target):
    """32-bit words and as much heap as a small board has."""

    heap = "128k"


class Wasm(Target):
    """The newest VM, 32-bit words; no sockets, and a heap that grows: `heap` is its first size.

    OSError.errno holds WASI's numbers there (ENOENT is 44), unlike the errno module.
    """

    sockets = False


TARGETS = {
    "cpython": CPython("cpython"),
    "unix": Target("unix"),
    "unix32": Unix32("unix32"),
    "wasm": Wasm("wasm"),
    "wasm-preview": Wasm("wasm-preview"),
}
asked_for = set()  # targets that must run whatever the environment says: --board
DEFAULT = "cpython,unix,unix32,wasm"


def required():
    """Return the names (set) that must not be skipped: SIGV4_MP_REQUIRE_TARGETS, or all in CI."""
    fallback = DEFAULT if os.environ.get("CI") == "true" else ""
    named = os.environ.get("SIGV4_MP_REQUIRE_TARGETS", fallback).split(",")
    return asked_for | set(filter(None, named))
