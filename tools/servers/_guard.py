"""Run one server so that it can never outlive us: `_guard.py DIRECTORY -- command ...`

The guard leads a process group of its own and holds the reading end of a pipe as its stdin.
Whoever started it keeps the writing end: closing it, or dying in any way, ends the server, removes
DIRECTORY and ends the group. Should the guard itself be killed, the kernel kills the server
(PDEATHSIG). If the server ends by itself, so does the guard, with its exit code, and DIRECTORY
stays to be read.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_GRACE_S = 5


def _die_with_guard():
    """In the child, before exec: SIGKILL when the guard's (only) thread goes."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _told_to_stop():
    """True once the other end of the pipe is closed; waits a fifth of a second at most."""
    readable, _, _ = select.select([0], [], [], 0.2)
    return bool(readable) and os.read(0, 1) == b""


def main(arguments):
    directory, separator, command = arguments[0], arguments[1], arguments[2:]
    if separator != "--" or not command:
        raise SystemExit("usage: _guard.py DIRECTORY -- command ...")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # only the pipe speaks (a handler is not inherited)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_guard)
    while server.poll() is None:
        if _told_to_stop():
            end(server, directory)
    return server.returncode & 0xFF


def end(server, directory):
    """End the server, remove its directory, then end the group: the guard itself with it."""
    os.killpg(0, signal.SIGTERM)
    try:
        server.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(directory, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)  # the server's own children, if any, and the guard


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
