#!/usr/bin/env python3
"""Write package.json, mip's list of what to install: what a device signs and sends with.

    python3 tools/mip_index.py            say whether package.json is up to date
    python3 tools/mip_index.py --write    bring it up to date

Relative URLs resolve against package.json itself, so a fork or a mirror installs its own files.
The .pyi stubs stay at home: a board has no use for them. `explain` and `verify` are installed by
their own manifests/*.json: as source files, all together don't fit into the 848 KB of a Pico W.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = "sigv4_mp"
APART = ("explain", "verif", "replay")  # how the names of the modules begin that come on demand
_HOST_ONLY = {"_cpython.py", "identity_files.py"}


def installed(path):
    """Return whether a module (a Path) is among what is installed as source files."""
    return path.name not in _HOST_ONLY and not path.name.startswith(APART)


def version():
    """Return the version (str) from the one place that has it."""
    text = (ROOT / "lib" / PACKAGE / "version.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE).group(1)


def wanted():
    """Return what package.json must hold (str)."""
    files = sorted(
        path.relative_to(ROOT / "lib")
        for path in (ROOT / "lib" / PACKAGE).rglob("*.py")
        if installed(path)
    )
    urls = [[path.as_posix(), "lib/" + path.as_posix()] for path in files]
    return json.dumps({"urls": urls, "deps": [], "version": version()}, indent=2) + "\n"


def main(arguments):
    """Run the command line; return the exit code."""
    target = ROOT / "package.json"
    if "--write" in arguments:
        target.write_text(wanted(), encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != wanted():
        print(
            "package.json is out of date: run python3 tools/mip_index.py --write", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
