#!/usr/bin/env python3
"""The interpreters that this project runs on, pinned, fetched into .cache/ when first needed.

`fetch rp2040` builds the emulated board's firmware (tools/emulator/).

    python3 tools/runtimes.py path unix          the command that starts it (fetches it if needed)
    python3 tools/runtimes.py fetch [NAME ...]   fetch these, or all
    python3 tools/runtimes.py list               what is there, and why not

    $(python3 tools/runtimes.py path unix32) -X heapsize=128k script.py arguments

Standard library only. From Python: tools.runtimes.command(name), reason(name), info(name).
"""

import argparse
import functools
import hashlib
import json
import os
import pathlib
import shlex
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[1]))

from tools import _install
from tools._fetch import FetchError, Progress, cache_dir, lock, new_dir
from tools.emulator import firmware

PINS = json.loads(pathlib.Path(__file__).with_name("runtimes.json").read_text(encoding="utf-8"))
NAMES = ("unix", "unix32", "wasm", "wasm-preview", "rp2040")
# Not started as a program is: what to do instead. `fetch` builds its firmware.
DOORS = {"rp2040": "a board, reached through mpremote: tools/emulator/emulator.py starts it"}
PATH_MINIMUM = (1, 24)  # oldest MicroPython that lib/ supports


def command(name):
    """Return the command that starts interpreter `name` (list of str), fetching it if needed.

    Append what the unix port takes: [-X heapsize=128k] script arguments, or -c code.
    Raises FetchError, saying why it cannot be had or run here.
    """
    return list(info(name)["command"])


def reason(name):
    """Return None if interpreter `name` runs here (fetching it if needed), else why not (str)."""
    try:
        info(name)
    except FetchError as error:
        return str(error)
    return None


@functools.lru_cache(None)
def _outcome(name):
    # One answer per process, also a bad one: a missing network is not tried again for every test.
    try:
        return _find(name)
    except FetchError as error:
        return error


def info(name):
    """Return {"command": [str], "version": "1.25.0", "bits": 32, "source": str, "pinned": bool}."""
    found = _outcome(name)
    if isinstance(found, FetchError):
        raise found
    return found


def _find(name):
    if name in DOORS:
        raise FetchError(DOORS[name])
    if name not in NAMES:
        raise FetchError("no interpreter is called %r; there are %s" % (name, ", ".join(NAMES)))
    if name == "unix" and os.environ.get("SIGV4_MP_RUNTIMES") != "pinned":
        path, version, _ = _install.installed_unix(PATH_MINIMUM)
        if path:
            return {
                "command": path,
                "version": version,
                "bits": 64,
                "source": "PATH",
                "pinned": False,
            }
    return _cached(name) or _install_now(name)


def _pin(name):
    pin = dict(PINS[name])
    if pin["kind"] == "debian":
        pin["qemu"] = PINS["qemu"]
    return pin


def folder_of(name):
    """Return where interpreter `name` lives (pathlib.Path); another pin is another folder."""
    key = hashlib.sha256(json.dumps(_pin(name), sort_keys=True).encode()).hexdigest()[:12]
    return cache_dir() / "runtimes" / ("%s-%s" % (name, key))


def _command(name, folder, record):
    return getattr(_install, PINS[name]["kind"] + "_command")(folder, record)


def _cached(name):
    folder = folder_of(name)
    try:
        record = json.loads((folder / "runtime.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return dict(record, command=_command(name, folder, record))


def _install_now(name):
    pin, target = _pin(name), folder_of(name)
    progress = Progress(name, 1 + len(pin.get("packages", "1")))
    with lock(name, lambda: progress.warn("another process is fetching it; waiting for that")):
        found = _cached(name)  # the process that held the lock may have done it
        if found:
            return found
        with new_dir(target) as folder:
            record = getattr(_install, "install_" + pin["kind"])(pin, folder, progress)
            record["version"], record["bits"] = _install.probe(_command(name, folder, record))
            text = json.dumps(record, indent=2)
            (folder / "runtime.json").write_text(text + "\n", encoding="utf-8")
    progress.finish("MicroPython %(version)s, %(bits)d-bit words, from %(source)s" % record)
    return _cached(name)


def _list():
    for name in NAMES:
        if name in DOORS:
            state = DOORS[name]
        elif name == "unix" and os.environ.get("SIGV4_MP_RUNTIMES") != "pinned" and _on_path():
            state = "ready: " + _on_path()
        else:
            state = _cached_state(name)
        print("%-13s %s" % (name, state))


def _on_path():
    path, version, _ = _install.installed_unix(PATH_MINIMUM)
    return "%s  %s (PATH)" % (version, path[0]) if path else None


def _cached_state(name):
    try:
        found = _cached(name)
    except FetchError as error:
        return "cannot run: %s" % error
    if not found:
        return "not fetched yet"
    how = "pinned" if found["pinned"] else "NOT the pinned version"
    return "ready: %s  %d-bit, %s (%s)" % (found["version"], found["bits"], found["source"], how)


def _fetch(names):
    failed = 0
    for name in names:
        why = firmware.reason() if name == "rp2040" else reason(name)
        if why:
            failed += 1
            print("%s: %s" % (name, why), file=sys.stderr)
        else:
            version = firmware.version() if name == "rp2040" else info(name)["version"]
            print("%s: ready, MicroPython %s" % (name, version))
    return 1 if failed else 0


def main(arguments=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pinned", action="store_true", help="ignore a micropython on PATH")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("path", help="print the command that starts it").add_argument(
        "name", choices=NAMES
    )
    actions.add_parser("fetch", help="fetch, or check").add_argument(
        "names", nargs="*", metavar="NAME"
    )
    actions.add_parser("list", help="what is there, and why not")
    options = parser.parse_args(arguments)
    if options.pinned:
        os.environ["SIGV4_MP_RUNTIMES"] = "pinned"
    if options.action == "list":
        return _list()
    if options.action == "fetch":
        return _fetch(options.names or NAMES)
    try:
        print(shlex.join(command(options.name)))
    except FetchError as error:
        print("%s: %s" % (options.name, error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
