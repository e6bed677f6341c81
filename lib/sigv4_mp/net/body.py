"""Where a request's body comes from and where a response's body goes: files, callbacks, bytes."""

import io
import os
import sys

from ..errors import ProtocolError, RequestError

_MICROPYTHON = sys.implementation.name == "micropython"


def open_reader(body):
    """Return (reader, opened): an object with readinto, and whether it is the caller's to close.

    body: bytes-like (the content), str (a path), or an object with readinto.
    """
    if isinstance(body, str):
        return open(body, "rb"), True
    if isinstance(body, (bytes, bytearray, memoryview)):
        return io.BytesIO(bytes(body)), True  # bytes(): a caller's change must not be sent
    if hasattr(body, "readinto"):
        return body, False
    raise RequestError("body", "must be bytes, a path, or an object with readinto")


def open_sink(into, limit):
    """Return a sink for what the caller named as the place of a response's body.

    into: None (collect at most limit bytes), str (a path), sink(buffer, start, end), or an object
    with write. A sink object has take(buffer, start, end), commit() and abort().
    """
    if into is None:
        return Collector(limit)
    if isinstance(into, str):
        return FileSink(into)
    if callable(into):
        return CallbackSink(into)
    if hasattr(into, "write"):
        return WriterSink(into)
    raise RequestError("into", "must be a path, a function, an object with write, or None")


class CallbackSink:
    """Hands each block to a function; the base of the others."""

    def __init__(self, take):
        """take: called with (buffer, start, end); the bytes are good until it returns."""
        self.take = take

    def commit(self):
        """Called once, after the last block. Returns: bytes or None, the response's `body`."""

    def abort(self):
        """Called once instead of commit, when the response broke off."""


class WriterSink(CallbackSink):
    """Writes each block to the caller's own stream. Cost: one memoryview slice a block."""

    def __init__(self, stream):
        self._stream = stream

    def take(self, buffer, start, end):
        """Write buffer[start:end]."""
        self._stream.write(memoryview(buffer)[start:end])


class Collector(CallbackSink):
    """Keeps a small body in RAM."""

    def __init__(self, limit):
        """limit: int, bytes; more raise ProtocolError."""
        self._limit = limit
        self._data = bytearray()

    def take(self, buffer, start, end):
        """Keep buffer[start:end]."""
        if len(self._data) + end - start > self._limit:
            text = "the body is longer than %d bytes; use a file" % self._limit
            raise ProtocolError(text, "limit")
        self._data.extend(memoryview(buffer)[start:end])

    def commit(self):
        """Return the whole body as bytes."""
        return bytes(self._data)


class FileSink(CallbackSink):
    """Writes a file that appears under its name only when it is whole.

    The bytes go to path + ".part", which is flushed to the medium and renamed at the end; whatever
    breaks before that leaves the final name as it was.
    """

    def __init__(self, path):
        self._path = path
        self._file = open(path + ".part", "wb")

    def take(self, buffer, start, end):
        """Write buffer[start:end]. Cost: nothing is allocated on MicroPython."""
        if _MICROPYTHON:  # its streams take offset and length
            self._file.write(buffer, start, end - start)
        else:
            self._file.write(memoryview(buffer)[start:end])

    def commit(self):
        """Make the file durable and give it its name."""
        self._file.flush()  # on MicroPython this syncs the file system's file
        if hasattr(os, "fsync"):
            os.fsync(self._file.fileno())
        self._file.close()
        getattr(os, "replace", os.rename)(self._path + ".part", self._path)

    def abort(self):
        """Remove what was written."""
        self._file.close()
        os.remove(self._path + ".part")
