"""What every fetcher needs: a cache, a lock, an all-or-nothing folder, digests, progress.

Standard library only: this runs before the project's virtual environment exists.
"""

import base64
import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import fcntl
except ImportError:  # no flock on this host: two fetches at once are then the user's own affair
    fcntl = None

ROOT = pathlib.Path(__file__).resolve().parent.parent


class FetchError(Exception):
    """Something could not be fetched or cannot run here; str() says what and what to do."""


def cache_dir():
    """Return the folder everything is fetched into (pathlib.Path); SIGV4_MP_CACHE moves it."""
    return pathlib.Path(os.environ.get("SIGV4_MP_CACHE") or ROOT / ".cache")


class Progress:
    """Steps of one job on stderr: one line, rewritten, on a terminal; plain lines elsewhere."""

    def __init__(self, job, steps=0, stream=None):
        self.job, self.steps, self.done = job, steps, 0
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()

    def step(self, what):
        """Announce the next step."""
        self.done += 1
        count = "[%d/%d] " % (self.done, self.steps) if self.steps else ""
        self._write("%s: %s%s" % (self.job, count, what), end="" if self.live else "\n")

    def warn(self, what):
        """Say something that must not be overlooked: on a line of its own, kept."""
        self._write("%s: WARNING: %s" % (self.job, what), end="\n")

    def finish(self, what):
        """Close the job with one line that stays."""
        self._write("%s: %s" % (self.job, what), end="\n")

    def _write(self, text, end):
        start = "\r\x1b[K" if self.live else ""
        self.stream.write(start + text + end)
        self.stream.flush()


@contextlib.contextmanager
def lock(name, waiting=lambda: None):
    """Hold the cache's lock `name`; while another process holds it, call waiting() and wait."""
    folder = cache_dir() / "lock"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / (name + ".lock"), "w") as handle:
        if fcntl:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                waiting()
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def scratch():
    """Yield a fresh folder inside the cache (same file system as the target); gone afterwards."""
    folder = cache_dir() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    path = pathlib.Path(tempfile.mkdtemp(dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def new_dir(target):
    """Yield a folder to fill; it becomes `target` by one rename, or is gone if the block raises."""
    with scratch() as folder:
        filled = folder / target.name
        filled.mkdir()
        yield filled
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():  # a half-removed or outdated one; os.rename refuses a non-empty folder
            shutil.rmtree(target)
        filled.rename(target)


def check_sha256(path, expected):
    """Raise FetchError (and remove the file) unless `path` has the SHA-256 `expected` (64 hex)."""
    found = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    if found != expected.lower():
        _refuse(path, "SHA-256", expected, found)


def check_integrity(path, expected):
    """Like check_sha256, for npm's notation: "sha512-" and base64."""
    algorithm, _, wanted = expected.partition("-")
    digest = hashlib.new(algorithm, pathlib.Path(path).read_bytes()).digest()
    found = base64.b64encode(digest).decode()
    if found != wanted:
        _refuse(path, algorithm, wanted, found)


def _refuse(path, algorithm, expected, found):
    pathlib.Path(path).unlink()
    raise FetchError(
        "%s: the %s of the download is %s, pinned is %s; the file was refused and removed"
        % (pathlib.Path(path).name, algorithm, found, expected)
    )


def run(command, **options):
    """Run a command quietly; return its stdout (str), or FetchError with its last words."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **options,
        )
    except OSError as error:
        raise FetchError("%s does not start here: %s" % (command[0], error)) from error
    if done.returncode:
        words = " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise FetchError("%s failed (exit %d): %s" % (command[0], done.returncode, words))
    return done.stdout
