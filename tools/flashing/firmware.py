"""Put MicroPython on the board: esptool for ESP32s; for RP2s a UF2 file to the BOOTSEL volume.

Both check what they wrote: esptool reads back a digest, the RP2's boot ROM takes each block by its
address and reboots when it has them all.
"""

import hashlib
import os
import shutil
import struct

from tools.flashing import ports
from tools.flashing.programs import FlashError

_UF2 = struct.Struct("<8I")
_UF2_MAGIC = (0x0A324655, 0x9E5D5157)
_HAS_FAMILY = 0x2000
_BLOCK = 1 << 16


def digest(path):
    """Return the SHA-256 (64 hex) of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_image(board, path):
    """Raise FlashError unless the file is a firmware for this board's chip and flash."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FlashError("--firmware: %s" % error) from None
    method = board["flash"]["method"]
    if method == "uf2":
        family = uf2_family(data)
        if family != board["flash"]["family"]:
            said = "no UF2 file" if family is None else "of UF2 family 0x%08x" % family
            raise FlashError(
                "wrong chip: %s is %s, %s takes 0x%08x"
                % (path.name, said, board["name"], board["flash"]["family"])
            )
    elif method == "esptool":
        if data[:1] != b"\xe9":  # Espressif's image magic
            raise FlashError("%s is no ESP32 image (.bin): its first byte is not 0xE9" % path.name)
        if len(data) > board["flash"]["size"] - board["flash"]["offset"]:
            raise FlashError("%s is larger than the flash of a %s" % (path.name, board["name"]))
    else:
        raise FlashError("%s is not flashed from here" % board["name"])


def uf2_family(data):
    """Return the family id (int) of a UF2 file, 0 if it names none, None if it is no UF2."""
    if len(data) < 512 or len(data) % 512:
        return None
    magic, second, flags, *_, family = _UF2.unpack_from(data)
    if (magic, second) != _UF2_MAGIC:
        return None
    return family if flags & _HAS_FAMILY else 0


def flash_esp(programs, board, port, path, erase):
    """Write an image with esptool; erase the whole flash first if asked to.

    A chip that runs something else may hold a file system that MicroPython takes for its own.
    """
    base = [*programs.esptool, "--chip", board["board"]["chip"], "--port", port]
    if erase:
        programs.run([*base, "erase-flash"])
    offset = "0x%x" % board["flash"]["offset"]
    programs.run([*base, "--after", "hard-reset", "write-flash", offset, path])


def enter_bootsel(programs, port):
    """Restart a board that runs MicroPython into its boot ROM."""
    try:
        programs.remote(port, "bootloader", timeout=30)
    except FlashError:
        pass  # the port may go away before mpremote is done; the volume will tell


def _quiet(done, total):
    pass


def flash_uf2(programs, board, path, find=ports.volumes, progress=_quiet, seconds=20):
    """Copy a UF2 file to the BOOTSEL volume, or load it with picotool where none is mounted.

    seconds: how long to wait for the desktop to mount the volume.
    """
    if programs.dry_run:
        programs.say("  $ cp %s <the volume %s>/" % (path, board["flash"]["board_id"]))
        return
    volume = ports.bootsel_volume(board, find, seconds)
    if volume is None:
        if not shutil.which(programs.picotool[0]):
            raise FlashError(
                "no BOOTSEL volume is mounted: hold BOOTSEL while plugging the board in; or "
                "install picotool (apt install picotool), which needs no volume"
            )
        programs.run([*programs.picotool, "load", "-v", "-x", path])
        return
    if not ports.writable(volume):
        raise FlashError("no permission to write to %s: mount it as your user" % volume)
    _copy(path, volume / "firmware.uf2", progress)


def _copy(source, target, progress):
    total, done = source.stat().st_size, 0
    try:
        with open(source, "rb") as left, open(target, "wb") as right:
            while block := left.read(_BLOCK):
                right.write(block)
                done += len(block)
                progress(done, total)
            right.flush()
            os.fsync(right.fileno())
    except OSError as error:
        # The boot ROM restarts the board as soon as it has the last block; closing may then fail.
        if done < total:
            raise FlashError("writing to the BOOTSEL volume failed: %s" % error) from None
