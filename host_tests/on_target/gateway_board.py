"""firmware/gateway on a board that can't be connected to: its own streams, but the true upstream.

config.json and the requests, *.http, lie beside it: test_firmware_gateway_board.py. What they are
told is printed as lines of JSON, with how long that took (ms of the board's clock).
"""

import gc
import json

if hasattr(gc, "threshold"):
    gc.threshold(4096)

import asyncio
import io
import time
from binascii import hexlify
from hashlib import sha256

import _network
import device
import example
from gateway import Gateway

from sigv4_mp.device.credentials import Credentials
from sigv4_mp.net.aio import Aio
from sigv4_mp.net.http import Http
from sigv4_mp.replay import ReplayCache
from sigv4_mp.verify import Verifier


class Reader:
    """What a device sent, as asyncio's streams give it."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    async def read(self, size):
        await asyncio.sleep(0)
        return self._data.read(size)


class Writer:
    """Keeps what a device is told."""

    def __init__(self):
        self.told = b""

    def write(self, data):
        self.told += data

    async def drain(self):
        await asyncio.sleep(0)

    def close(self):
        pass

    wait_closed = drain


async def serve(gateway, name, heap):
    with open(name, "rb") as file:
        data = file.read()
    writer = Writer()
    begin = time.ticks_ms()
    await gateway.serve(Reader(data), writer)
    took = time.ticks_diff(time.ticks_ms(), begin)
    heap.look()
    print("answer", json.dumps({"of": name, "told": writer.told.decode(), "ms": took}))


def verify_time(config):
    """Say how long KMS would wait for the verification of an Encrypt request of its XKS API."""
    with open("xks.http", "rb") as file:
        head, _, body = file.read().partition(b"\r\n\r\n")
    xks = config["xks"]
    keys = Credentials(xks["access_key_id"], xks["secret_access_key"])
    policy = dict(xks["policy"], replay=ReplayCache(8))
    verifier = Verifier(lambda _: keys, xks["region"], "kms-xks-proxy", **policy)
    took = []
    for _ in range(4):  # the first one derives the day's key
        verifier.replay = ReplayCache(8)
        gc.collect()
        begin = time.ticks_us()
        claim = verifier.read(head + b"\r\n\r\n", xks["now"])
        request = claim.prove(hexlify(sha256(body).digest()))
        reader = request.body()
        reader.feed(body)
        reader.finish()
        took.append(time.ticks_diff(time.ticks_us(), begin))
    print("verify", json.dumps({"first_us": took[0], "us": min(took), "bytes": len(head + body)}))


def main():
    _network.test_host()
    with open("config.json") as file:
        config = json.load(file)
    with Http(timeout=60) as http:
        clock = device.Clock(config, http)
        clock.sync()
    device.forget("net.http")
    devices = {}
    for access_key_id, settings in config["devices"].items():
        devices[access_key_id] = example.Device(access_key_id, settings)
    heap = device.Heap()
    shell = Aio(ca_file=config["ca_file"], timeout=300)
    gateway = Gateway(config, devices, clock, example.upstream(config, clock), shell)
    for name in config["names"]:
        asyncio.run(serve(gateway, name, heap))
    shell.close()
    verify_time(config)
    gateway.report()
    heap.report()


main()
