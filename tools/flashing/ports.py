"""Which serial port, which BOOTSEL volume, and is it the board that was named."""

import os
import pathlib
import re
import time

from tools import boards
from tools.flashing.programs import FlashError

# Where desktops mount volumes.
MOUNTS = ("/media/*/*", "/run/media/*/*", "/media/*", "/mnt/*", "/Volumes/*")


def serial_ports():
    """Return [(device, "vendor:product")] of this machine's USB serial ports."""
    from serial.tools import list_ports  # pyserial (BSD), which mpremote brings along

    return [
        (port.device, "%04x:%04x" % (port.vid, port.pid))
        for port in list_ports.comports()
        if port.vid is not None
    ]


def choose(board, found):
    """Return the one port (str) that may be the board, of [(device, id)]. Raises: FlashError."""
    fitting = [device for device, usb in found if usb in board["flash"]["usb"]]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise FlashError(
            "%d ports may be a %s: %s; name one with --port"
            % (len(fitting), board["name"], ", ".join(fitting))
        )
    others = ", ".join("%s (%s)" % one for one in found) or "none at all"
    raise FlashError(
        "no port looks like a %s; there is %s. Plug it in with a cable that has data lines, or "
        "name the port with --port" % (board["name"], others)
    )


def chip_of(machine):
    """Return the chip (str) in MicroPython's description of a board, "" if it is none we know."""
    name = machine.rpartition(" with ")[2].lower().replace("-", "")
    chips = {boards.load(one)["board"]["chip"] for one in boards.names()}
    # "esp32c3fh4" is an esp32c3; "esp32s3" is not an esp32: the longest name that fits.
    fitting = [chip for chip in chips if name.startswith(chip)]
    return max(fitting, key=len) if fitting else name


def check_identity(board, found):
    """Raise FlashError unless `found` (see board_code.IDENTIFY) is that board, new enough."""
    machine, wanted = found["machine"], board["board"]
    if found["platform"] != wanted["port"] or chip_of(machine) != wanted["chip"]:
        raise FlashError(
            "wrong chip: --board %s is a %s, this is a %s; choose its --board"
            % (board["name"], wanted["chip"], machine or found["platform"])
        )
    if wanted["machine"].lower() not in machine.lower().replace("-", ""):
        raise FlashError(
            "this says %r, a %s would say %r: a firmware of another board; give the right --board, "
            "or --firmware FILE" % (machine, board["name"], wanted["machine"])
        )
    least = tuple(int(part) for part in wanted["micropython"].split("."))
    if tuple(found["version"][:2]) < least:
        raise FlashError(
            "version mismatch: MicroPython %s is on it, the library needs %s; give --firmware FILE"
            % (".".join(map(str, found["version"])), wanted["micropython"])
        )


def volumes(patterns=MOUNTS):
    """Return [(path, Board-ID)] of the BOOTSEL volumes that are mounted here."""
    found = []
    for pattern in patterns:
        for path in sorted(pathlib.Path("/").glob(pattern.lstrip("/"))):
            try:
                text = (path / "INFO_UF2.TXT").read_text(errors="replace")
            except OSError:
                continue
            match = re.search(r"^Board-ID: *(\S+)", text, re.MULTILINE)
            found.append((path, match.group(1) if match else ""))
    return found


def bootsel_volume(board, find=volumes, seconds=20, pause=0.5):
    """Wait for the board's BOOTSEL volume; return its path, None if none comes. Raises: FlashError.

    seconds: how long to wait for the desktop to mount it.
    """
    wanted = board["flash"]["board_id"]
    for _ in range(max(1, int(seconds / pause))):
        found = find()
        fitting = [path for path, name in found if name == wanted]
        if len(fitting) > 1:
            raise FlashError("two boards are in BOOTSEL mode; unplug one")
        if fitting:
            return fitting[0]
        if found:
            raise FlashError(
                "wrong chip: the BOOTSEL volume says %s, a %s says %s"
                % (found[0][1], board["name"], wanted)
            )
        time.sleep(pause)
    return None


def writable(path):
    """Return whether files can be written there."""
    return os.access(path, os.W_OK)
