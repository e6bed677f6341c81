"""Virtual environments: built on demand, pinned, safe to ask for twice at once.

python(name) returns the interpreter of .cache/venv-<name>, made from requirements/<name>.txt; the
tests' own .venv is made the same way (tools/bootstrap.py). A stamp beside it says what it was built
from; a lock file makes a second process wait for the first. Only the standard library, so that it
runs before anything is installed.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time

from tools._fetch import ROOT, cache_dir, lock
from tools.servers import _apt

CACHE = cache_dir()


def say(message):
    """Progress for a person: stderr, so that stdout stays one JSON line."""
    print("[setup] " + message, file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(name):
    """Hold the cache's lock `name`: the kernel frees it when the holder dies."""
    with lock(name, lambda: say("waiting for another process that prepares %s" % name)):
        yield


def _fingerprint(requirements):
    """What a stamp holds: an environment is as good as its pins, its interpreter and its place."""
    text = "%s %s\n" % (sys.version, CACHE)
    return hashlib.sha256(text.encode() + requirements.read_bytes()).hexdigest()


def _run(command, log):
    """Run a step with its output in `log`; RuntimeError with the end of it when the step fails."""
    with open(log, "ab") as out:
        code = subprocess.call(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    if code:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise RuntimeError("exit %d from: %s\n%s" % (code, " ".join(map(str, command)), tail))


def _build(home, requirements):
    shutil.rmtree(home, ignore_errors=True)
    if importlib.util.find_spec("ensurepip") is None:  # Debian splits it off into python3-venv
        _apt.install("python3-venv")
    CACHE.mkdir(parents=True, exist_ok=True)
    log = CACHE / (home.name.lstrip(".") + ".log")
    log.unlink(missing_ok=True)
    _run([sys.executable, "-m", "venv", home], log)
    # --no-deps: a package that the pins miss must fail here (pip check), not be fetched unpinned.
    pip = [home / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    _run(pip + ["install", "--no-deps", "-r", requirements], log)
    _run(pip + ["check"], log)


def environment(home, requirements):
    """Return the interpreter (str) of the environment `home`, built if `requirements` changed.

    home: Path of the environment.    requirements: Path of a fully pinned requirements file.
    Raises: RuntimeError with the end of pip's output.
    """
    stamp, wanted = home / ".stamp", _fingerprint(requirements)
    if not (stamp.exists() and stamp.read_text() == wanted):  # the quick way needs no lock
        with locked(home.name):
            if not (stamp.exists() and stamp.read_text() == wanted):
                began = time.monotonic()
                say("building %s from requirements/%s ..." % (home.name, requirements.name))
                _build(home, requirements)
                stamp.write_text(wanted)
                say("built in %.0f s" % (time.monotonic() - began))
    return os.fspath(home / "bin" / "python")


def python(name):
    """Return the interpreter (str) of .cache/venv-<name>, built from its pins if needed."""
    return environment(CACHE / ("venv-" + name), ROOT / "requirements" / (name + ".txt"))
