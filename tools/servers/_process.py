"""What every test server here shares: own directory, guard, readiness, facts, command line."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_GUARD = _HERE / "_guard.py"
_STOP_S = 30


class ServerFailed(RuntimeError):
    """A server did not start or ended too early; str() holds the end of its log."""


def free_port(kind=socket.SOCK_STREAM):
    """Return a loopback port that was free a moment ago (the caller retries if it was taken)."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificates(python, directory, key="ec", names=()):
    """Have ca.py write its certificates into `directory`, run by an interpreter that can."""
    command = [python, "-I", os.fspath(_HERE / "ca.py"), os.fspath(directory), "--key", key]
    for name in names:
        command += ["--name", name]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class Server:
    """A server program on loopback, as a context manager. Subclasses fill in the three hooks.

    workdir: where the server's own directory is made (default: the system's temporary directory).
    Everything the server writes is in that directory, which is gone after stop() or when this
    process dies. Attributes: home (Path), log_path (str), started_in (seconds).
    """

    name = "server"
    startup_s = 180  # a slow shared machine, not an expectation
    attempts = 1

    def __init__(self, workdir=None):
        self._workdir = workdir
        self._guard = None
        self.home = self.log_path = self.started_in = None

    # -- hooks -------------------------------------------------------------------------------
    def prepare(self):
        """Write configuration below self.home; return the command (list) to run."""
        raise NotImplementedError

    def ready(self):
        """Return True when the server answers as itself; OSError counts as "not yet"."""
        raise NotImplementedError

    def provision(self):
        """Create what clients need, once the server is ready (users, keys); optional."""

    def facts(self):
        """Return what a client needs to know, ready for JSON."""
        raise NotImplementedError

    # -- life --------------------------------------------------------------------------------
    def start(self):
        """Start and wait until ready. Raises: ServerFailed with the end of the log."""
        for _ in range(self.attempts - 1):
            try:
                return self._start_once()
            except ServerFailed as error:
                print("%s; trying again" % error, file=sys.stderr, flush=True)
        return self._start_once()

    def _start_once(self):
        self.home = Path(tempfile.mkdtemp(prefix="sigv4_mp-%s-" % self.name, dir=self._workdir))
        self.log_path = os.fspath(self.home / "server.log")
        try:
            command = self.prepare()  # may build an environment first, which is not starting
            began = time.monotonic()
            self._spawn(command)
            self._wait(began + self.startup_s)
            self.provision()
        except BaseException:
            self.stop()
            raise
        self.started_in = time.monotonic() - began
        return self

    def environment(self):
        """Return the environment of the server: ours without what would change its behaviour."""
        drop = ("PYTHONPATH", "PYTHONHOME", "TZ")
        kept = {k: v for k, v in os.environ.items() if k not in drop and not k.startswith("AWS_")}
        return dict(kept, TMPDIR=os.fspath(self.home), HOME=os.fspath(self.home))

    def _spawn(self, command):
        guard = [sys.executable, "-I", "-S", os.fspath(_GUARD), os.fspath(self.home), "--"]
        with open(self.log_path, "ab") as log:
            self._guard = subprocess.Popen(
                guard + [os.fspath(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=self.environment(),
                start_new_session=True,
            )

    def _wait(self, deadline):
        pause = 0.05
        while True:
            try:
                if self.ready():
                    return
            except OSError:
                pass
            if self._guard.poll() is not None:
                self._fail("ended while starting (exit %d)" % self._guard.returncode)
            if time.monotonic() > deadline:
                self._fail("was not ready after %d s" % self.startup_s)
            time.sleep(pause)
            pause = min(0.5, pause * 1.3)

    def _fail(self, what):
        raise ServerFailed("%s %s. End of its log:\n%s" % (self.name, what, self.log_tail()))

    def log_tail(self, lines=40):
        """Return the last lines of the server's log, to be shown when something failed."""
        text = Path(self.log_path).read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self):
        """End the server by its own process group and remove its directory. Harmless twice."""
        if self._guard is not None:
            self._guard.stdin.close()
            try:
                self._guard.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._guard.pid, signal.SIGKILL)
                self._guard.wait()
            self._guard = None
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def serve(server):
    """Command line: start, print the facts as one JSON line, run until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with server:
            print(json.dumps(server.facts()), flush=True)
            print("%s is up, Ctrl-C ends it" % server.name, file=sys.stderr, flush=True)
            while server._guard.poll() is None:
                time.sleep(0.5)
            server._fail("ended by itself")
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
