"""Commands of svc_client.py: one-pass and two-pass uploads, their heap and their garbage."""

import gc
from binascii import unhexlify


class Probe:
    """Peak of the live heap, seen from inside an upload: collect, then look. None on CPython."""

    def __init__(self):
        self.peak = 0
        self.calls = 0

    def __call__(self, _done, _total):
        self.calls += 1
        if hasattr(gc, "mem_alloc") and (self.calls < 12 or self.calls & 127 == 5):
            gc.collect()
            self.peak = max(self.peak, gc.mem_alloc())


class Stream:
    """A source that has no seek and no end, in odd pieces.

    Every byte is a known function of its position, so that the test can tell what must arrive.
    """

    def __init__(self, piece):
        self.piece = piece
        self.block = memoryview(bytes(range(251)) * 5)
        self.at = 0

    def readinto(self, buffer):
        offset = self.at % 251
        count = min(len(buffer), self.piece, len(self.block) - offset)
        buffer[:count] = self.block[offset : offset + count]
        self.at += count
        return count


class Lazy(Stream):
    """A UART: every other time it has nothing yet."""

    ready = False

    def readinto(self, buffer):
        self.ready = not self.ready
        return super().readinto(buffer) if self.ready else None


def options_of(command):
    options = command.get("options", {})
    if "buffer" in command:
        options["buffer"] = bytearray(command["buffer"])
    return options


def body_of(command):
    if "file" in command:
        return command["file"]
    if "stream" in command:
        return (Lazy if command.get("lazy") else Stream)(command["stream"])
    return unhexlify(command["body"])


def put(client, command):
    options = options_of(command)
    probe = Probe()
    gc.collect()
    operation = client.s3.put_object(command["key"], body_of(command), progress=probe, **options)
    response = client.http.run(operation)
    return {"etag": response.etag, "peak": probe.peak, "calls": probe.calls}
