#!/usr/bin/env python3
"""Make this machine ready for the tests: programs, then .venv from requirements/test.txt.

    python3 tools/bootstrap.py            the tests' environment
    python3 tools/bootstrap.py servers    also the environments of the test servers

Standard library only. As root on Debian it installs what is missing by apt; else it says what to
run. Does nothing, quickly, when everything is there.
"""

import os
import pathlib
import shutil
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[1]))

from tools._fetch import ROOT
from tools.servers import _apt, _venv

# program: Debian package. chrony is not among them: tools/servers/ntp.py unpacks it, for installing
# it would start a daemon that sets the machine's clock. Node comes through tools/runtimes.py.
PROGRAMS = {"curl": "curl"}
# The oldest Python that has the pinned versions of the test tools; lib/ itself supports 3.9.
MINIMUM = (3, 11)


def programs():
    """Install the programs that the tests call and that are not on PATH."""
    for program, package in PROGRAMS.items():
        if not shutil.which(program):
            _venv.say("installing %s ..." % package)
            _apt.install(package)


def main(arguments):
    """Run; return the exit code."""
    if sys.version_info < MINIMUM:
        print("the tests need Python >= %d.%d; lib/ itself runs on 3.9" % MINIMUM, file=sys.stderr)
        return 1
    try:
        programs()
        _venv.environment(ROOT / ".venv", ROOT / "requirements" / "test.txt")
        if "servers" in arguments:
            _venv.python("swift")
            _venv.python("ministack")
            _venv.python("rclone")
            _venv.python("clients")
    except RuntimeError as error:
        print("set-up failed: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
