#!/usr/bin/env python3
"""Build the emulated Pico's firmware: MicroPython with lwIP, PPP, TLS, and lib/ frozen in.

    python3 tools/emulator/firmware.py              build if anything changed; print the .bin's path
    python3 tools/emulator/firmware.py --bare       the same without the library
    python3 tools/emulator/firmware.py --sizes      bytes of both, and the difference

The first build takes about two minutes on two cores, one after a change in lib/ some seconds. What
was built from the same inputs before is taken from .cache/emulator. Standard library only.
"""

import argparse
import functools
import json
import os
import pathlib
import re
import shutil
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[2]))

from tools._fetch import ROOT, FetchError, Progress, lock, new_dir, run
from tools.emulator import inputs

_CMAKE_ARGS = "-DPICO_NO_PICOTOOL=1"  # picotool would be downloaded, and only makes the .uf2

BOARD = ROOT / "boards" / "RPI_PICO_EMULATED"
SELF = pathlib.Path(__file__).resolve()
KINDS = {"frozen": "manifest.py", "bare": "manifest_bare.py"}
_SOURCES = {".py", ".h", ".cmake", ".csv"}
KEPT = 4  # firmwares in the cache, the newest ones
_PERCENT = re.compile(r"\[ *(\d+)%\]")


def _board_files():
    return [path for path in BOARD.rglob("*") if path.is_file() and path.suffix in _SOURCES]


def fingerprint(kind="frozen"):
    """Return what tells this firmware from any other (16 hex digits), without building it."""
    files = _board_files()
    if kind == "frozen":
        files += list((ROOT / "lib").rglob("*.py")) + [ROOT / "manifest.py"]
    files += [SELF]
    return inputs.fingerprint([json.dumps(inputs.PINS), inputs.compiler(), kind], files)


def _tree(progress):
    """Return the folder of MicroPython's source with its libraries in place and mpy-cross built."""
    source = inputs.sources()
    target = inputs.home() / ("tree-" + source.name.rpartition("-")[2])
    if (target / "mpy-cross/build/mpy-cross").exists():
        return target
    progress.step("preparing the source tree")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source / "micropython", target, symlinks=True)
    for name in ("mbedtls", "lwip", "pico-sdk", "tinyusb"):
        shutil.rmtree(target / "lib" / name, ignore_errors=True)
        shutil.copytree(source / name, target / "lib" / name, symlinks=True)
    for name in ("pico-sdk", "micropython-lib"):  # what the port's Makefile looks for
        (target / "lib" / name / "README.md").touch()
    progress.step("compiling mpy-cross")
    words = ["make", "-j%d" % _jobs(), "-C", target / "mpy-cross"]
    inputs.stream(words, inputs.home() / "mpy-cross.log", lambda line: None, env=_environment())
    return target


def _jobs():
    return os.cpu_count() or 1


def _environment():
    # Without the ceiling, MicroPython would take our repository's version for its own.
    return dict(
        os.environ,
        GIT_CEILING_DIRECTORIES=os.fspath(inputs.home().parent),
        SOURCE_DATE_EPOCH=str(inputs.PINS["build_date"]),
        CMAKE_ARGS=_CMAKE_ARGS,
        LC_ALL="C",
    )


def _compile(kind, progress):
    """Run the port's Makefile; return its build folder."""
    port = _tree(progress) / "ports" / "rp2"
    # Another compiler or board definition needs a fresh CMake cache; other frozen code does not.
    defined = [path for path in _board_files() if path.suffix != ".py"]
    key = inputs.fingerprint([inputs.compiler(), os.fspath(ROOT)], defined)
    build = port / ("build-" + key)
    manifest = BOARD / KINDS[kind]
    if (build / "Makefile").exists():
        # Of the other kind, perhaps: only its frozen code differs, and that is compared by time.
        (build / "frozen_content.c").unlink(missing_ok=True)
        words = ["cmake", "-S", port, "-B", build, "-DMICROPY_FROZEN_MANIFEST=%s" % manifest]
        inputs.stream(words, inputs.home() / "cmake.log", lambda line: None, env=_environment())
    words = ["make", "-j%d" % _jobs(), "-C", port, "BUILD=" + build.name]
    words += ["BOARD_DIR=%s" % BOARD, "FROZEN_MANIFEST=%s" % manifest]
    shown = [-10]

    def on_line(line):
        percent = _PERCENT.match(line)
        if percent and int(percent.group(1)) >= shown[0] + (1 if progress.live else 10):
            shown[0] = int(percent.group(1))
            progress.step("compiling the firmware (%s), %d %%" % (kind, shown[0]))

    inputs.stream(words, inputs.home() / ("firmware-%s.log" % kind), on_line, env=_environment())
    return build


def build(kind="frozen"):
    """Return the path (pathlib.Path) of firmware.bin, built if its inputs changed.

    kind: "frozen" (with the library) or "bare" (without).
    Raises: FetchError saying what is missing, or with the end of the compiler's output.
    """
    progress = Progress("firmware")
    inputs.toolchain(progress)
    folder = inputs.home() / "firmware" / ("%s-%s" % (kind, fingerprint(kind)))
    image = folder / "firmware.bin"
    if image.exists():
        return image
    with lock("emulator-firmware", lambda: progress.warn("another process is building; waiting")):
        if not image.exists():
            made = _compile(kind, progress)
            with new_dir(folder) as fresh:
                shutil.copy(made / "firmware.bin", fresh)
                (fresh / "sections.txt").write_text(
                    run(["arm-none-eabi-size", "-A", made / "firmware.elf"])
                )
            _forget_old()
            progress.finish("%d bytes (%s)" % (image.stat().st_size, kind))
    return image


def _forget_old():
    folders = sorted((inputs.home() / "firmware").iterdir(), key=lambda path: path.stat().st_mtime)
    for folder in folders[:-KEPT]:
        shutil.rmtree(folder)


@functools.lru_cache(None)
def reason():
    """Return None if the firmware can be had here (it is built if needed), else why not (str)."""
    try:
        build()
        inputs.rp2040js()
    except (FetchError, OSError) as error:
        return str(error)
    return None


def version():
    """Return the version of the MicroPython it is (str), e.g. 1.25.0."""
    return inputs.PINS["sources"]["micropython"][0].partition("+")[0]


def sizes():
    """Return {"frozen": bytes, "bare": bytes} of the two firmware images."""
    return {kind: build(kind).stat().st_size for kind in KINDS}


def main(arguments=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bare", action="store_true", help="without the library")
    parser.add_argument("--sizes", action="store_true", help="bytes with and without the library")
    options = parser.parse_args(arguments)
    try:
        if options.sizes:
            found = sizes()
            print("with the library     %7d bytes" % found["frozen"])
            print("without it           %7d bytes" % found["bare"])
            print("the library, frozen  %7d bytes" % (found["frozen"] - found["bare"]))
        else:
            print(build("bare" if options.bare else "frozen"))
    except FetchError as error:
        print("firmware: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
