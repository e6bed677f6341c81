#!/usr/bin/env python3
"""Renew requirements/NAME.txt from NAME.in: the newest versions the registry has for this Python.

    python3 tools/pins.py [NAME ...]        all of them by default

Each is resolved in an environment of its own that is thrown away; the diff is for a person to read.
"""

import os
import pathlib
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[1]))

from tools._fetch import ROOT, Progress, run, scratch

HEADER = (
    "# Everything pinned, dependencies included: pip freeze of an environment made from %s.in"
    " (Python %d.%d).\n"
)


def renew(name):
    """Rewrite requirements/<name>.txt."""
    folder = ROOT / "requirements"
    with scratch() as work:
        run([sys.executable, "-m", "venv", work / "venv"])
        pip = [work / "venv/bin/python", "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "install", "-q", "-r", folder / (name + ".in")])
        frozen = run([*pip, "freeze"])
    header = HEADER % (name, *sys.version_info[:2])
    (folder / (name + ".txt")).write_text(header + frozen, encoding="utf-8")


def main(names):
    """Run the command line."""
    names = names or sorted(path.stem for path in (ROOT / "requirements").glob("*.in"))
    progress = Progress("pins", len(names))
    for name in names:
        progress.step(name)
        renew(name)
    progress.finish("renewed; look at: git diff requirements/")


if __name__ == "__main__":
    main(sys.argv[1:])
