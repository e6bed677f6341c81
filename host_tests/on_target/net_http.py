"""Exchanges over real sockets: one JSON command a line on stdin, one JSON outcome a line on stdout.

{"url": ..., "method": "GET", "length": n, "settings": {...of Http}, "addresses": [[host, port]...]}
sends n bytes of a pattern and answers {"status", "reason", "body", "progress"} or {"error", ...}.
With "lock", the heap is locked while the middle of the transfer runs (MicroPython). With
"shell": "aio" it is the asyncio shell that runs it. "times": so many requests over one shell,
the last one's outcome told.
"""

import asyncio
import gc
import json
import sys
import time

from _network import test_host

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.errors import SigV4Error
from sigv4_mp.net import aio, http, shell
from sigv4_mp.net.exchange import Exchange

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython

    def heap_lock():
        pass

    heap_unlock = heap_lock


class Pattern:
    """A body of `left` bytes, each block full of one letter."""

    def __init__(self, left):
        self.left = left

    def readinto(self, buffer):
        count = min(self.left, len(buffer))
        for i in range(count):
            buffer[i] = 65 + self.left % 26
        self.left -= count
        return count


class Resolver:
    """Stands in for `socket` in the shell: a name that has several addresses."""

    def __init__(self, real, addresses):
        self._real = real
        self._addresses = addresses
        self.SOCK_STREAM = real.SOCK_STREAM

    def getaddrinfo(self, *_):
        found = []
        for host, port in self._addresses:
            found += self._real.getaddrinfo(host, port, 0, self._real.SOCK_STREAM)
        return found


class Lock:
    """Progress that locks the heap from a quarter to three quarters of the way."""

    def __init__(self, total):
        self.first = total // 4
        self.last = total - total // 4
        self.locked = False
        self.calls = 0

    def __call__(self, done, _total):
        if not self.locked and self.first <= done < self.last:
            gc.collect()
            heap_lock()
            self.locked = True
        elif self.locked and done >= self.last:
            heap_unlock()
            self.locked = False
        elif self.locked:
            self.calls += 1


class Tally:
    """Keeps the first and counts the rest, without allocating."""

    def __init__(self):
        self.kept = bytearray()
        self.count = 0

    def __call__(self, buffer, start, end):
        if self.count < 1000:
            self.kept.extend(bytes(buffer[start : min(end, start + 1000)]))
        self.count += end - start


def perform(command):
    keys = Credentials("AKID", "secret")
    signer = Signer(keys, "us-east-1", "s3", FixedClock("20260101T000000Z"))
    length = command.get("length", 0)
    hash_of = {"payload_hash": "UNSIGNED-PAYLOAD", "content_length": length} if length else {}
    sealed = signer.sign(command.get("method", "GET"), command["url"], **hash_of)
    lock = Lock(command["lock"]) if "lock" in command else None
    tally = Tally()
    exchange = Exchange(512, 512, insecure_http=True)

    def operation():
        reader = Pattern(length) if length else None
        return exchange.perform(sealed, reader, lambda _: tally, lock)

    driver = (aio.Aio if command.get("shell") == "aio" else http.Http)(**settings_of(command))
    try:
        for _ in range(command.get("times", 1)):
            time.sleep(command.get("pause", 0))
            if command.get("shell") == "aio":
                response = asyncio.run(driver.run(operation()))
            else:
                response = driver.run(operation())
    finally:
        driver.close()
        if lock and lock.locked:
            heap_unlock()
    return {
        "status": response.status,
        "reason": response.reason,
        "body": bytes(tally.kept).decode(),
        "count": tally.count,
        "locked": lock and lock.calls,
    }


def settings_of(command):
    settings = {"timeout": 20}
    settings.update(command.get("settings", {}))
    if "ca_data" in settings:
        settings["ca_data"] = settings["ca_data"].encode()
    return settings


def answer(line):
    command = json.loads(line)
    real = shell.socket
    if "addresses" in command:
        shell.socket = Resolver(real, command["addresses"])
    try:
        return perform(command)
    except (SigV4Error, OSError, MemoryError) as error:
        errno = error.args[0] if isinstance(error, OSError) else None
        return {
            "error": type(error).__name__,
            "os": isinstance(error, OSError),
            "errno": errno if isinstance(errno, int) else None,
            "field": getattr(error, "field", None),
            "text": str(error),
        }
    finally:
        shell.socket = real


def main():
    test_host()
    line = sys.stdin.readline()
    while line:
        print(json.dumps(answer(line)))
        line = sys.stdin.readline()


main()
