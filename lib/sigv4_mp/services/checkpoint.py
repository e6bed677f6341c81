"""A small record on flash that survives a power cut: the old one or the new one, never half of one.

Written to a temporary file, flushed to the medium, then renamed. FAT can't rename over a file, so
there MicroPython removes the old one first; a cut just then leaves the temporary file alone, which
is complete and is taken. A check over the fields tells a complete record from a torn one.
"""

import json
import os
from binascii import hexlify
from hashlib import sha256

_LONGEST = 4096
_NEW = ".new"


class Checkpoint:
    """A record of str and int fields under a path; load() and save() it. It holds no secret."""

    def __init__(self, path):
        self._path = path

    def load(self):
        """Return the record, dict, or None if there is none that is whole."""
        for path in (self._path, self._path + _NEW):
            record = _read(path)
            if record is not None:
                return record
        return None

    def save(self, record):
        """Replace the record. record: dict of str and int, a few hundred bytes."""
        record = dict(record, check=_check(record))
        with open(self._path + _NEW, "w") as file:
            file.write(json.dumps(record))
            sync(file)
        replace(self._path + _NEW, self._path)

    def remove(self):
        """Remove the record, and what a power cut left of one."""
        for path in (self._path + _NEW, self._path):
            remove(path)


def _read(path):
    try:
        with open(path) as file:
            record = json.loads(file.read(_LONGEST))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or "check" not in record:
        return None
    check = record.pop("check")
    return record if check == _check(record) else None


def _check(record):
    hasher = sha256()
    for name in sorted(record):
        hasher.update(("%s=%r\n" % (name, record[name])).encode())
    return hexlify(hasher.digest()[:8]).decode()


def sync(file):
    """Make what was written to an open file durable."""
    file.flush()  # on MicroPython this syncs the file system's file
    if hasattr(os, "fsync"):
        os.fsync(file.fileno())


def replace(source, path):
    """Give a file its name, over another one if need be."""
    getattr(os, "replace", os.rename)(source, path)


def remove(path):
    """Remove a file if it is there."""
    try:
        os.remove(path)
    except OSError:
        pass


def size_of(path):
    """Return a file's size, int, or -1 if it is not there."""
    try:
        return os.stat(path)[6]
    except OSError:
        return -1
