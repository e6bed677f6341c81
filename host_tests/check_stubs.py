"""mypy's stubtest over the library: each stub against the code, no allowlist.

    .venv/bin/python host_tests/check_stubs.py

stubtest imports what it checks. net/_micropython.py imports two names that CPython's `time` lacks;
they are lent to it here, so that this module is checked like the others.
"""

import os
import pathlib
import sys
import time

from mypy import stubtest

LIB = pathlib.Path(__file__).resolve().parent.parent / "lib"


def sleep_ms(ms, /):
    """Stand in for MicroPython's."""
    time.sleep(ms / 1000)


def ticks_ms():
    """Stand in for MicroPython's."""
    return int(time.monotonic() * 1000) & 0x3FFFFFFF


def main():
    time.sleep_ms, time.ticks_ms = sleep_ms, ticks_ms
    sys.path.insert(0, os.fspath(LIB))
    os.environ["MYPYPATH"] = os.fspath(LIB)
    return stubtest.test_stubs(stubtest.parse_options(["sigv4_mp"]))


if __name__ == "__main__":
    sys.exit(main())
