"""An S3 client that is told what to do while a proxy breaks its connections, one JSON line each.

The first line: bucket, region, access_key_id, secret_access_key, ca_file. Each further line is a
command {"do": NAME, "endpoint": url, "key": str, ...}; NAME is a method of Client. The answer says
what came of it: "ok" or the error's class, errno, field, status and code; "open", file descriptors
that it left open; "slept", the waits in milliseconds that it asked for (and did not get: nothing
here waits, but for the network); "peak" of the heap in use, where the port can say.
"""

import gc
import json
import os
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)

from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.errors import SigV4Error, TamperError
from sigv4_mp.net import http
from sigv4_mp.net.retry import Policy
from sigv4_mp.net.shell import Shell

SLEPT = []


def no_sleep(_, step):
    """Stand in for the shells' sleep: note how long it was to be, and go on."""
    if step.ms:
        SLEPT.append(step.ms)


Shell._sleep = no_sleep


def descriptors():
    """Return the number of open files and sockets of this process; the listing's own is in it."""
    return len(os.listdir("/proc/self/fd"))


class Client:
    def __init__(self, settings):
        self.settings = settings
        keys = Credentials(settings["access_key_id"], settings["secret_access_key"])
        self.signer = Signer(keys, settings["region"], "s3", SystemClock())
        self.peak = 0

    def probe(self, _done, _total):
        if hasattr(gc, "mem_alloc"):
            self.peak = max(self.peak, gc.mem_alloc())

    def s3(self, command):
        bucket = self.settings["bucket"]
        s3 = S3(self.signer, command["endpoint"], bucket, insecure_http=True)
        s3.exchange.policy = Policy(attempts=command.get("attempts", 1))
        return s3

    def run(self, operation, command):
        settings = {"timeout": command.get("timeout", 20)}
        if "total_timeout" in command:
            settings["total_timeout"] = command["total_timeout"]
        settings["ca_file"] = command.get("ca_file", self.settings.get("ca_file"))
        if command.get("shell") == "aio":
            import asyncio

            from sigv4_mp.net import aio

            return asyncio.run(aio.run(operation, **settings))
        return http.run(operation, **settings)

    def put(self, command):
        options = command.get("options", {})
        operation = self.s3(command).put_object(
            command["key"], command["file"], progress=self.probe, **options
        )
        return {"etag": self.run(operation, command).etag}

    def get(self, command):
        operation = self.s3(command).get_object(
            command["key"], into=command["into"], progress=self.probe
        )
        return {"status": self.run(operation, command).status}

    def read(self, command):
        """The body in RAM, at most `limit` bytes."""
        operation = self.s3(command).get_object(command["key"], limit=command.get("limit", 4096))
        return {"body": self.run(operation, command).body.decode()}

    def download(self, command):
        operation = self.s3(command).download(
            command["key"], command["into"], command.get("sha256"), progress=self.probe
        )
        self.run(operation, command)
        return {}

    def flip_head(self, command):
        """Flip one bit of each byte of the head, between sealing and sending, one at a time."""
        s3 = self.s3(command)
        signer = s3.signer
        sealed = signer.sign("PUT", s3.url("k"), payload_hash="UNSIGNED-PAYLOAD", content_length=3)
        caught = Caught()
        for at in range(len(sealed.head)):
            s3.signer = Flipper(signer, at)
            caught.run(self, s3.put_object(command["key"], b"abc"), command)
        return caught.result()

    def flip_body(self, command):
        """Change one byte after it was hashed, in a file of `length` bytes, every `step` of it."""
        s3 = self.s3(command)
        caught = Caught()
        for at in range(0, command["length"], command["step"]):
            reader = Changing(command["length"], at)
            caught.run(self, s3.put_object(command["key"], reader), command)
            reader.close()
        return caught.result()

    def other_length(self, command):
        """A file that is shorter, and one that is longer, when it is read again."""
        s3 = self.s3(command)
        caught = Caught()
        for length in (command["length"] - 1, command["length"] + 1, 0):
            reader = Changing(command["length"], None, length)
            caught.run(self, s3.put_object(command["key"], reader), command)
            reader.close()
        return caught.result()

    def head(self, command):
        return {"status": self.run(self.s3(command).head_object(command["key"]), command).status}


class Flipper:
    """A signer whose sealed heads have one bit flipped before anybody sends them."""

    def __init__(self, signer, at):
        self._signer, self._at = signer, at

    def sign(self, *arguments, **options):
        sealed = self._signer.sign(*arguments, **options)
        head = sealed.head_view()
        head[self._at % len(head)] ^= 1 << self._at % 8
        return sealed


class Changing:
    """A file that is written to between two readings. at: the byte to change; None: the length."""

    def __init__(self, length, at, new_length=0):
        self._at, self._new_length = at, new_length
        self._write(length)
        self._file = open("changing", "rb")
        self.readinto = self._file.readinto
        self.close = self._file.close

    def _write(self, length, at=None):
        block = bytes(range(256))
        with open("changing", "wb") as file:
            for start in range(0, length, 256):
                file.write(block[: min(256, length - start)])
        if at is not None:
            with open("changing", "r+b") as file:
                file.seek(at)
                file.write(bytes((at & 255 ^ 1 << at % 8,)))
        self._length = length

    def seek(self, offset, whence=0):
        there = self._file.tell()
        if whence == 0 and there:  # back to the start, to be sent: now it changes
            length = self._length if self._at is not None else self._new_length
            self._write(length, self._at)
        return self._file.seek(offset, whence)


class Caught:
    """Counts what was noticed."""

    def __init__(self):
        self.tried = self.caught = 0
        self.missed = []

    def run(self, client, operation, command):
        self.tried += 1
        try:
            client.run(operation, command)
            self.missed.append("%d: sent" % self.tried)
        except TamperError:
            self.caught += 1
        except (SigV4Error, OSError) as error:
            self.missed.append("%d: %r" % (self.tried, error))

    def result(self):
        return {"tried": self.tried, "caught": self.caught, "missed": self.missed[:20]}


def failure(error):
    errno = error.args[0] if isinstance(error, OSError) and error.args else None
    return {
        "error": type(error).__name__,
        "os": isinstance(error, OSError),
        "errno": errno if isinstance(errno, int) else None,
        "field": getattr(error, "field", None),
        "status": getattr(error, "status", None),
        "code": getattr(error, "code", None),
        "text": str(error),
    }


def answer(client, line):
    command = json.loads(line)
    before = descriptors()
    client.peak = 0
    del SLEPT[:]
    try:
        result = getattr(client, command["do"])(command)
        result["ok"] = True
    except (SigV4Error, OSError, MemoryError) as error:
        result = failure(error)
    result["open"] = descriptors() - before
    result["peak"] = client.peak
    result["slept"] = list(SLEPT)
    return result


def main():
    client = Client(json.loads(sys.stdin.readline()))
    line = sys.stdin.readline()
    while line:
        print(json.dumps(answer(client, line)))
        if hasattr(sys.stdout, "flush"):
            sys.stdout.flush()
        gc.collect()
        line = sys.stdin.readline()


main()
