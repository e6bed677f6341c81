"""What the fault campaign shares: a client program that stays, offsets, and the rules to judge by.

One program per target answers many commands, so that a case costs its network and not an
interpreter's start; see on_target/fault_client.py.
"""

import contextlib
import json
import subprocess
import tempfile
import threading
from pathlib import Path

from e2e_tools import ON_TARGET, compiled, compiled_library
from s3_tools import ROOM

BODY = bytes((at * 7 + at // 251) & 255 for at in range(16 << 10))
OLD = b"what was there before"
STALL_S = 0.15  # the client's patience where it is to lose it; all else waits for _KILL_S
_KILL_S = 120


class FaultClient:
    """A running client on a target. client.ask(do="put", ...) returns its answer, a dict.

    folder: Path that the program runs in; "old" paths are relative to it.
    """

    def __init__(self, target, server, bucket):
        self._target, self._server = target, server
        self._settings = {"bucket": bucket, "ca_file": server.ca_file}
        for name in ("region", "access_key_id", "secret_access_key"):
            self._settings[name] = getattr(server, name)
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        for name, content in self._files().items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._errors = self._stack.enter_context(open(self.folder / "stderr", "wb"))
        self._program = subprocess.Popen(
            self._target.command(ROOM.get(self._target.name)) + ["main.py"],
            cwd=self.folder,
            env=self._target.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._tell(self._settings)
        return self

    def _files(self):
        files = {"main.py": b"import fault_client\n", "body": BODY}
        if self._target.name != "cpython":
            source = ON_TARGET / "fault_client.py"
            files["fault_client.mpy"] = compiled(source, source.name)
            files.update(compiled_library())
        return files

    def __exit__(self, *_):
        self._program.stdin.close()
        try:
            self._program.wait(10)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._program.stdout.close()
        self._stack.close()

    def _tell(self, line):
        self._program.stdin.write(json.dumps(line).encode() + b"\n")
        self._program.stdin.flush()

    def ask(self, **command):
        """Have a command done; return the answer. AssertionError if the program dies or hangs."""
        watchdog = threading.Timer(_KILL_S, self._program.kill)
        watchdog.start()
        try:
            self._tell(command)
            line = self._program.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            told = (self.folder / "stderr").read_text(errors="replace")[-3000:]
            raise AssertionError("%s: no answer to %r\n%s" % (self._target.name, command, told))
        return json.loads(line)

    def place(self, name):
        """Return a path, str, for a GETs file, where an older file stands."""
        (self.folder / name).write_bytes(OLD)
        return name

    def content(self, name):
        """Return the bytes of a file of the program's."""
        return (self.folder / name).read_bytes()
