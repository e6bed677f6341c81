"""A NOR flash in RAM for littlefs: it counts, it records what is done to it, it can be played back.

Only for MicroPython with VfsLfs2 or VfsFat. A cut after any number of programs and erases is made
by playing them back up to there onto a copy: `Replay`.
"""

import os

import vfs

BLOCK = 4096  # what RP2 and ESP32 erase at once


class Flash:
    """A block device with erase, as littlefs wants it. log: None, or list of (block, offset, data).

    data None in the log: an erase. erased: int, how often. programmed, reads: int, bytes.
    """

    def __init__(self, blocks, image=None):
        self.image = bytearray(b"\xff" * (blocks * BLOCK)) if image is None else image
        self.blocks = blocks
        self.log = None
        self.wear = [0] * blocks
        self.erased = self.programmed = self.reads = 0

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = memoryview(self.image)[at : at + len(buffer)]
        self.reads += len(buffer)

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:  # FAT: whole blocks, as an SD card writes them
            offset = 0
        at = block * BLOCK + offset
        if self.log is not None:
            self.log.append((block, offset, bytes(buffer)))
        self.image[at : at + len(buffer)] = buffer
        self.programmed += len(buffer)

    def ioctl(self, op, arg):
        if op == 4:
            return self.blocks
        if op == 5:
            return BLOCK
        if op == 6:
            if self.log is not None:
                self.log.append((arg, 0, None))
            self.image[arg * BLOCK : (arg + 1) * BLOCK] = b"\xff" * BLOCK
            self.erased += 1
            self.wear[arg] += 1
        return 0


class Replay:
    """Plays a log back onto an image, an operation at a time."""

    def __init__(self, image, log):
        self.image = bytearray(image)
        self._log = log
        self.done = 0

    def next(self):
        """Do the next operation."""
        self._do(self.image, 1)
        self.done += 1

    def cut(self, torn):
        """Return a copy of the image; torn: with the first half of the next operation done."""
        image = bytearray(self.image)
        if torn and self.done < len(self._log):
            self._do(image, 2)
        return image

    def _do(self, image, part):
        block, offset, data = self._log[self.done]
        at = block * BLOCK + offset
        if data is None:
            data = b"\xff" * BLOCK
        size = len(data) // part
        image[at : at + size] = memoryview(data)[:size]


class Mounted:
    """with Mounted(flash) as path: a file system on a flash. kind: vfs.VfsLfs2 or vfs.VfsFat."""

    def __init__(self, flash, kind=None, fresh=False, where="/cut"):
        kind = kind or vfs.VfsLfs2
        # As rp2's own start-up code does it: pages of 256 bytes are programmed.
        more = {"progsize": 256} if kind is vfs.VfsLfs2 else {}
        if fresh:
            kind.mkfs(flash, **more)
        self._fs = kind(flash, **more)
        self._where = where

    def __enter__(self):
        vfs.mount(self._fs, self._where)
        return self._where + "/spool"

    def __exit__(self, *_):
        vfs.umount(self._where)


def used_blocks(path):
    """Return how many blocks of a mounted file system are in use."""
    found = os.statvfs(path)
    return found[2] - found[3]
