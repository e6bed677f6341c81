"""Measures uploads: commands on stdin, results on stdout, one JSON object a line.

The first line: {"url", "ca_file"}. {"mode": ..., "file": ..., "shell": "http" or "aio"} uploads;
mode "raw" sends the same bytes over a socket of its own, unsigned. The answer: milliseconds, "peak"
(live heap, if "probe" is set, which costs time), "garbage" (bytes allocated per 8 KiB, if asked
for), "stall" (longest gap between turns of another task, ms, aio only). null: cannot be told here.
"""

import gc
import json
import os
import sys
import time
from hashlib import sha256

if hasattr(gc, "threshold"):
    gc.threshold(4096)

from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.net import http
from sigv4_mp.net.steps import ticks_diff

ticks = http.port.ticks_ms
BLOCK = 2048
_CHUNK = 8192
CHUNK = bytearray(8290)
UNSIGNED_TRAILER = "unsigned-trailer"


class Probe:
    """Progress that looks at the heap: its live part now and then, or what a chunk leaves."""

    def __init__(self, garbage):
        self.peak = self.calls = 0
        self.garbage = None
        self._wanted = garbage
        self._at = None

    def __call__(self, done, total):
        if self._wanted:
            self._count(done, total)
            return
        self.calls += 1
        if self.calls % 16 == 1:
            gc.collect()
            self.peak = max(self.peak, gc.mem_alloc())

    def _count(self, done, total):
        if self._at is None and done >= 4 * _CHUNK:
            gc.collect()
            gc.disable()
            self._at = (done, gc.mem_alloc())
        elif self._at and self.garbage is None and done >= 12 * _CHUNK:
            self.garbage = (gc.mem_alloc() - self._at[1]) * _CHUNK // (done - self._at[0])
            gc.enable()


def raw(command, settings):
    """Send the file as it is, with a head that nobody signed; wait for the answer."""
    scheme, _, rest = settings["url"].partition("://")
    host, _, port = rest.partition(":")
    length = os.stat(command["file"])[6]
    began = ticks()
    stream = connection = connect(scheme, host, int(port), settings["ca_file"])
    head = "PUT /x HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n" % (rest, length)
    write = stream.sendall if hasattr(stream, "sendall") else stream.write
    write(head.encode())
    block = bytearray(BLOCK)
    view = memoryview(block)
    with open(command["file"], "rb") as file:
        count = file.readinto(block)
        while count:
            write(view[:count])
            count = file.readinto(block)
    stream.recv(12) if hasattr(stream, "recv") else stream.read(12)
    spent = ticks_diff(ticks(), began)
    connection.close()
    return {"ms": spent}


def hash_only(command):
    """Read the file and hash it, once: what every signed mode has to do besides sending."""
    began = ticks()
    hasher = sha256()
    block = bytearray(BLOCK)
    view = memoryview(block)
    with open(command["file"], "rb") as file:
        count = file.readinto(block)
        while count:
            hasher.update(view[:count])
            count = file.readinto(block)
    hasher.digest()
    return {"ms": ticks_diff(ticks(), began)}


def connect(scheme, host, port, ca_file):
    import socket

    connection = socket.socket()
    connection.connect(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1])
    connection.setsockopt(6, 1, 1)  # TCP_NODELAY, as the library has it
    if scheme == "https":
        with open(ca_file, "rb") as file:
            connection = http.port.tls_context(file.read()).wrap_socket(
                connection, server_hostname=host
            )
    return connection


def upload(command, settings, signer):
    s3 = S3(signer, settings["url"], "bucket", insecure_http=True, profile="swift")
    probe = None
    if hasattr(gc, "mem_alloc") and (command.get("probe") or command.get("garbage")):
        probe = Probe(command.get("garbage"))
    options = {"mode": command["mode"], "progress": probe}
    if command["mode"] and command["mode"][:7] == "chunked" or command["mode"] == UNSIGNED_TRAILER:
        options["buffer"] = CHUNK  # kept, as a program on a small heap would
    gc.collect()
    began = ticks()
    operation = s3.put_object("x", command["file"], **options)
    shell = {"ca_file": settings["ca_file"], "timeout": 60}
    stall = None
    if command.get("shell") == "aio":
        stall = in_company(operation, shell)
    else:
        http.run(operation, **shell)
    answer = {"ms": ticks_diff(ticks(), began), "stall": stall}
    if probe:
        answer["peak"], answer["garbage"] = probe.peak, probe.garbage
    return answer


def in_company(operation, shell):
    """Run it beside a task that only counts; return that one's longest wait, ms."""
    import asyncio

    from sigv4_mp.net import aio

    async def both():
        longest = [0, True]

        async def other():
            last = time.ticks_us() if hasattr(time, "ticks_us") else time.monotonic_ns() // 1000
            while longest[1]:
                await asyncio.sleep(0)
                now = time.ticks_us() if hasattr(time, "ticks_us") else time.monotonic_ns() // 1000
                longest[0] = max(longest[0], now - last)
                last = now

        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        await aio.run(operation, **shell)
        longest[1] = False
        await task
        return longest[0] / 1000

    return asyncio.run(both())


def main():
    settings = json.loads(sys.stdin.readline())
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", SystemClock())
    line = sys.stdin.readline()
    while line:
        command = json.loads(line)
        try:
            if command["mode"] == "raw":
                answer = raw(command, settings)
            elif command["mode"] == "sha256":
                answer = hash_only(command)
            else:
                answer = upload(command, settings, signer)
        except Exception as error:
            answer = {"error": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps(answer))
        gc.enable()
        gc.collect()
        line = sys.stdin.readline()


main()
