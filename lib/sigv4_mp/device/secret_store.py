"""SecretStore: where a device keeps its private key, scoped keys and settings, by name.

    store = open_store()                     # NVS on an ESP32, files elsewhere
    store.set("key", data)
    identity = ClientIdentity(store.reader("cert"), store.reader("key"))

It keeps a value whole or not at all when the power goes; it does not hide it. Nothing here is
encrypted: whoever can read the flash, or get a REPL, has it. docs/credentials.md says what does
protect which board.
"""

import os

from ..errors import CredentialsError, RequestError

MOST = 4000
"""Bytes of a value: what one blob of NVS surely holds."""

_NAME = "abcdefghijklmnopqrstuvwxyz0123456789_-"
_MISSING = (2, 44)  # ENOENT; 44 is WASI's


class SecretStore:
    """Files in a folder, each replaced by renaming a whole new one."""

    def __init__(self, folder="secrets"):
        """folder: str, made when the first value is set; on CPython for its owner only.

        MicroPython's unix port can't set modes: there `umask 077` must hold when it starts.
        """
        self._folder = folder

    def get(self, name):
        """Return a value as bytes, or None where there is none. Raises: OSError, RequestError."""
        try:
            with open(self._path(name), "rb") as file:
                return file.read(MOST + 1)
        except OSError as error:
            if error.errno not in _MISSING:
                raise
            return None

    def set(self, name, data):
        """Keep a value, bytes-like, at most MOST bytes, in place of an older one.

        Old and new bytes may both stay in the flash until its sectors are erased. On FAT, which
        can't replace by renaming, the old one is gone for a moment; use littlefs.
        Raises: OSError, RequestError.
        """
        path = self._path(name)
        _check_value(data)
        try:
            os.mkdir(self._folder)
            if hasattr(os, "chmod"):
                os.chmod(self._folder, 0o700)
        except OSError:
            os.stat(self._folder)  # it is there, or else this says what is wrong
        with open(path + ".new", "wb") as file:
            if hasattr(os, "chmod"):
                os.chmod(path + ".new", 0o600)  # while there is nothing in it to be read
            file.write(data)
            file.flush()
            if hasattr(os, "fsync"):
                os.fsync(file.fileno())
        getattr(os, "replace", os.rename)(path + ".new", path)

    def remove(self, name):
        """Overwrite a value's file and remove it; one that is not there is no error.

        The file system may write elsewhere: only erasing the whole flash is sure to erase it.
        """
        data = self.get(name)
        if data is None:
            return
        with open(self._path(name), "r+b") as file:
            file.write(bytes(len(data)))
        os.remove(self._path(name))

    def reader(self, name):
        """Return a function that returns the value, for ClientIdentity and ScopedKeys.

        It raises CredentialsError where there is none.
        """

        def read():
            data = self.get(name)
            if data is None:
                raise CredentialsError(name, "is not in the store; provision the device")
            return data

        return read

    def _path(self, name):
        _check_name(name)
        return self._folder + "/" + name

    def __repr__(self):
        return "<%s>" % type(self).__name__


class NvsStore(SecretStore):
    """Blobs in the ESP32's non-volatile storage, which replaces each as a whole."""

    def __init__(self, namespace="sigv4_mp"):
        """namespace: str, at most 15 characters."""
        import esp32

        self._nvs = esp32.NVS(namespace)

    def get(self, name):
        """As SecretStore's. Cost: a buffer of MOST bytes for a moment."""
        _check_name(name)
        buffer = bytearray(MOST)
        try:
            length = self._nvs.get_blob(name, buffer)
        except OSError:  # ESP_ERR_NVS_NOT_FOUND, -0x1102, in every port's own way
            return None
        return bytes(memoryview(buffer)[:length])

    def set(self, name, data):
        """As SecretStore's."""
        _check_name(name)
        _check_value(data)
        self._nvs.set_blob(name, data)
        self._nvs.commit()

    def remove(self, name):
        """As SecretStore's."""
        _check_name(name)
        try:
            self._nvs.erase_key(name)
        except OSError:
            return
        self._nvs.commit()


def open_store(folder="/secrets"):
    """Return the store of this board: NVS where there is one, files in `folder` elsewhere."""
    try:
        return NvsStore()
    except ImportError:
        return SecretStore(folder)


def _check_name(name):
    good = isinstance(name, str) and 0 < len(name) <= 15
    for character in name if good else "":
        good = good and character in _NAME
    if not good:
        raise RequestError("name", "must be 1 to 15 of a-z, 0-9, _ and -")


def _check_value(data):
    if not isinstance(data, (bytes, bytearray)) or not 0 < len(data) <= MOST:
        raise RequestError("data", "must be 1 to %d bytes" % MOST)
