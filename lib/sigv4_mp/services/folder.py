"""A folder of files that a power cut can't leave half changed: what the spool writes to.

Written for littlefs, where a file changes as a whole when it is flushed, and a rename is atomic. On
FAT an append may be cut anywhere, and a rename over a file is two steps; the frames' CRC and
replace() make up for that.
"""

import os

from .checkpoint import remove, replace, size_of, sync

_NEW = ".new"


class Folder:
    """The files of one folder, which is made if it is not there. Raises: OSError throughout.

    The file that is appended to and the one that is read stay open: opening one costs a walk
    through the directory. A change of the latter closes it: littlefs may use blocks again to which
    an old reader still points.
    """

    def __init__(self, path):
        """path: str, without a slash at its end."""
        self._path = path
        self._name = self._file = None
        self._source = self._reader = None
        try:
            os.stat(path)
        except OSError:
            os.mkdir(path)

    def sizes(self):
        """Return what files there are and their sizes, {str: int}."""
        if not hasattr(os, "ilistdir"):
            return {name: self.size(name) for name in os.listdir(self._path)}
        # The flash's file systems tell the size at once; that of a desktop does not.
        return {
            entry[0]: entry[3] if len(entry) > 3 else self.size(entry[0])
            for entry in os.ilistdir(self._path)
        }

    def size(self, name):
        """Return a file's size, int, or -1 if it is not there."""
        return size_of(self._at(name))

    def read(self, name, offset, view):
        """Fill view from a file; return how many bytes there were, int."""
        if self._source != name:
            self._stop_reading()
            self._reader = open(self._at(name), "rb")
            self._source = name
        try:
            self._reader.seek(offset)
            return self._reader.readinto(view)
        except OSError:
            self._stop_reading()
            raise

    def append(self, name, buffer, length, durable=True):
        """Add buffer[:length] to a file. durable: with it, all that was added is on the medium.

        If it raises, what the file holds behind its old end is unknown.
        """
        if name == self._source:
            self._stop_reading()
        try:
            if self._name != name:
                self._stop_writing()
                fresh = self.size(name) < 0
                self._file = open(self._at(name), "ab")
                self._name = name
                if fresh:
                    self._sync_folder()
            self._file.write(memoryview(buffer)[:length])
            if durable:
                sync(self._file)
        except OSError:
            self._abandon()
            raise

    def replace(self, name, data):
        """Give a file new contents, data: a buffer. After a cut it has the old or the new ones."""
        self._forget(name)
        path = self._at(name)
        with open(path + _NEW, "wb") as file:
            file.write(data)
            sync(file)
        replace(path + _NEW, path)
        self._sync_folder()

    def rename(self, name, new):
        """Rename a file, over another one if need be."""
        self.close()
        replace(self._at(name), self._at(new))
        self._sync_folder()

    def remove(self, name):
        """Remove a file if it is there."""
        self._forget(name)
        remove(self._at(name))

    def close(self):
        """Close the open files. The folder stays usable."""
        self._stop_reading()
        self._stop_writing()

    def _forget(self, name):
        """Close a file that will be another one."""
        if name == self._source:
            self._stop_reading()
        if name == self._name:
            self._stop_writing()

    def _stop_reading(self):
        file, self._reader, self._source = self._reader, None, None
        if file:
            file.close()

    def _stop_writing(self):
        file, self._file, self._name = self._file, None, None
        if file:
            file.close()

    def _abandon(self):
        try:
            self._stop_writing()
        except OSError:
            pass  # the first error is what counts

    def _at(self, name):
        return self._path + "/" + name

    def _sync_folder(self):
        """Make names durable, where that needs a step of its own: on a desktop's file systems."""
        if hasattr(os, "fsync"):
            handle = os.open(self._path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
