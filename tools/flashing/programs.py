"""Run mpremote, esptool and picotool as programs; turn what they say into advice.

They are called, never imported: two are GPL, and mpremote's Python API is not stable. No secret is
ever among their arguments; a test reads every command line that is run.
"""

import os
import re
import shlex
import subprocess
import sys


class FlashError(Exception):
    """Something that the user has to put right; str() says what happened and what to do."""


NO_PORT = (
    "nothing answers at that port: plug the board in, see `mpremote connect list`, and name the "
    "port with --port"
)
ADVICE = (  # (what the program says, what to do about it); the first that fits counts
    # esptool says "busy or doesn't exist" of both; the number tells.
    (r"\[Errno 2\]", NO_PORT),
    (
        r"in use by another program|Resource busy|[Pp]ort is busy|Could not exclusively lock",
        "the port is busy: close Thonny, the serial monitor or the other mpremote, then try again",
    ),
    (
        r"Permission denied|PermissionError|Errno 13",
        "no permission for the port: `sudo usermod -aG dialout $USER`, log in anew "
        "(or run Windows's driver set-up), then try again",
    ),
    (
        r"This chip is ([\w-]+),? not",
        "wrong chip: that is the firmware or --board of another one; choose the --board of what is "
        "plugged in",
    ),
    (
        r"Wrong boot mode|No serial data received|Failed to connect to ESP",
        "the chip does not enter its loader: hold BOOT, press and release RESET, release BOOT, try "
        "again; a cable without data lines does this as well",
    ),
    (
        r"No space left|ENOSPC|OSError: (\[Errno )?28|not enough space|image is too large",
        "no space: remove files (`mpremote fs rm -r :lib`), or ship smaller: --ship mpy, or frozen "
        "into the firmware",
    ),
    (
        r"incompatible \.mpy|invalid \.mpy|requires micropython",
        "version mismatch: the .mpy files are for another MicroPython; use --ship py, or flash a "
        "newer firmware",
    ),
    (
        r"ROMFS is not enabled|not enabled on this device|no ROMFS",
        "this firmware has no ROMFS: use --ship mpy, or a firmware built with ROMFS_BYTES",
    ),
    (
        r"could not enter raw repl|no response|timeout waiting",
        "MicroPython does not answer: a program keeps it busy, or there is none; press RESET and "
        "try again, or give --firmware FILE",
    ),
    (
        r"MemoryError",
        "the board ran out of RAM: use --ship mpy or frozen, and keep main.py from starting first",
    ),
    (
        r"No such file or directory: '/dev|no device found|could not open port|"
        r"Connection refused|Could not open",
        NO_PORT,
    ),
)


def advice(words):
    """Return what to do about the words of a program that failed (str)."""
    # mpremote says "in use" of a port that is not there, too.
    port = re.search(r"failed to access (/\S+)", words)
    if port and not os.path.exists(port.group(1)):
        return NO_PORT
    for pattern, text in ADVICE:
        if re.search(pattern, words):
            return text
    return "see the words of the program above"


class Programs:
    """Runs programs, or in a dry run prints what it would run.

    say: function of a line.    mpremote, esptool, picotool: lists of words; tests put others in.
    """

    def __init__(self, say, dry_run=False):
        self.say, self.dry_run = say, dry_run
        self.mpremote = [sys.executable, "-m", "mpremote"]
        self.esptool = [sys.executable, "-m", "esptool"]
        self.picotool = ["picotool"]

    def run(self, words, timeout=600):
        """Run a program to its end; return its stdout (str), "" in a dry run. Raises: FlashError.

        timeout: seconds after which it is given up.
        """
        words = [str(word) for word in words]
        if self.dry_run:
            self.say("  $ " + shlex.join(_readable(words)))
            return ""
        done = self.execute(words, timeout)
        if done.returncode:
            self._fail(words, done)
        return done.stdout

    def execute(self, words, timeout):
        """Start a program and wait for it; return the subprocess.CompletedProcess.

        Raises: FlashError when it is not there or does not end.
        """
        try:
            return subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError:
            raise FlashError(
                "%s is not installed here: install it, then try again" % words[0]
            ) from None
        except subprocess.TimeoutExpired:
            raise FlashError(
                "%s did not end after %d s: unplug the board, plug it in, try again; what is "
                "there already is not sent again" % (_name(words), timeout)
            ) from None

    def _fail(self, words, done):
        told = [line for line in (done.stdout + done.stderr).strip().splitlines() if line.strip()]
        shown = "\n".join("    " + line for line in told[-6:])
        raise FlashError(
            "%s failed (exit %d):\n%s\n%s"
            % (_name(words), done.returncode, shown, advice("\n".join(told)))
        )

    def remote(self, port, *words, timeout=600):
        """Run mpremote against the board at `port`; return its stdout (str)."""
        return self.run([*self.mpremote, "connect", port, *words], timeout)


def _name(words):
    """Return the program's name: `python -m esptool` is called esptool."""
    return words[2] if words[1:2] == ["-m"] else words[0]


def _readable(words):
    """Return a command as one would type it, with the name of a module run by -m."""
    return words[2:] if words[1:2] == ["-m"] else words
