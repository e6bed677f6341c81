"""The asyncio shell beside other tasks: argv says where a server is; prints one check a line.

net_aio.py PORT TLS_PORT CA_FILE NTP_PORT. The server answers 200 with "hello"; a path that starts
with /silent is never answered. Prints "stall MODE N ms": the longest time that a ticker of 1 ms had
to wait while 1 MB was hashed and sent.
"""

import asyncio
import gc
import sys
from binascii import hexlify
from hashlib import sha256

import _check

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.errors import RequestError
from sigv4_mp.net import aio, ntp
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.shell import port

PORT, TLS_PORT, CA_FILE, NTP_PORT = sys.argv[1:5]
SIZE = 1 << 20
SIGNER = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z"))
nap = getattr(asyncio, "sleep_ms", None) or (lambda ms: asyncio.sleep(ms / 1000))


class Pattern:
    """A body that can be read again: `rewindable`, open(sealed)."""

    rewindable = True

    def open(self, _=None):
        self.left = SIZE
        return self

    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        self.left -= count
        return count


def url(path, tls=False):
    if tls:
        return "https://localhost:%s/%s" % (TLS_PORT, path)
    return "http://127.0.0.1:%s/%s" % (PORT, path)


def get(exchange, path, tls=False):
    return exchange.run(lambda: SIGNER.sign("GET", url(path, tls)))


class Ticker:
    """A task that wants a turn each millisecond; worst: the longest it had to wait for one, ms."""

    def __init__(self):
        self.worst = 0
        self.over = False

    async def run(self):
        while not self.over:
            before = port.ticks_ms()
            await nap(1)
            self.worst = max(self.worst, port.ticks_ms() - before - 1)


async def count_turns(turns):
    """Count the turns that a task gets which always wants one."""
    while True:
        turns[0] += 1
        await nap(0)


async def check_turns(label, shell, operation, least):
    """However fast the machine: others get so many turns at least."""
    turns = [0]
    task = asyncio.create_task(count_turns(turns))
    await nap(0)
    turns[0] = 0
    await shell.run(operation)
    _check.true("%s: %d turns for others" % (label, least), turns[0] >= least, str(turns[0]))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass


async def check_stall(tls):
    """Others keep running while a body is hashed and sent."""
    ticker = Ticker()
    task = asyncio.create_task(ticker.run())
    exchange = Exchange(2048, 2048, insecure_http=True)
    body = Pattern()
    label = "TLS" if tls else "TCP"
    async with aio.Aio(ca_file=CA_FILE) as shell:
        await shell.run(get(exchange, "first", tls))  # the handshake is told apart
        handshake, ticker.worst = ticker.worst, 0
        gc.collect()
        hashed, length = await shell.run(exchange.hash(body.open()))
        hashing = ticker.worst

        def make():
            more = {"payload_hash": hashed, "content_length": length}
            return SIGNER.sign("PUT", url("put", tls), **more)

        response = await shell.run(exchange.run(make, body))
        ticker.over = True
        await task
        _check.equal(label + ": sent", response.status, 200)
        await check_turns(label, shell, exchange.hash(body.open()), SIZE // 2048 // 4)
        await check_turns(label, shell, exchange.run(make, body), 1)
    print(
        "stall %s connect %d ms, hash %d ms, all %d ms" % (label, handshake, hashing, ticker.worst)
    )


async def check_cancelled(tls):
    """A task that is cancelled at any moment leaves no connection, and the exchange free."""
    exchange = Exchange(256, 256, insecure_http=True)
    shell = aio.Aio(ca_file=CA_FILE)
    label = "TLS" if tls else "TCP"
    for after in (0, 1, 2, 5, 20, 60):
        task = asyncio.create_task(shell.run(get(exchange, "silent", tls)))
        await nap(after)
        task.cancel()
        cancelled = False
        try:
            await task
        except asyncio.CancelledError:
            cancelled = True
        text = "cancelled after %d ms, %s" % (after, label)
        _check.true(text, cancelled and shell._socket is None and not exchange._busy)
        response = await shell.run(get(exchange, "x", tls))
        _check.equal(text + ": usable", response.status, 200)
    shell.close()


async def check_timeout():
    """wait_for around run() is a cancellation too; a timeout of the shell's own is an OSError."""
    exchange = Exchange(256, 256, insecure_http=True)
    shell = aio.Aio()
    late = False
    try:
        await asyncio.wait_for(shell.run(get(exchange, "silent")), 0.05)
    except asyncio.TimeoutError:
        late = True
    _check.true("wait_for", late and shell._socket is None and not exchange._busy)
    for settings in ({"timeout": 0.05}, {"total_timeout": 0.05}):
        sealed = SIGNER.sign("GET", url("silent"))
        error = None
        try:
            await aio.run(exchange.perform(sealed), **settings)
        except OSError as failed:
            error = failed
        _check.true("%r" % settings, error is not None and error.errno in (110, 10060), repr(error))


async def check_two_at_once():
    exchange = Exchange(256, 256, insecure_http=True)
    other = Exchange(256, 256, insecure_http=True)
    shell = aio.Aio()
    task = asyncio.create_task(shell.run(get(exchange, "silent")))
    await nap(5)
    error = None
    try:
        await shell.run(get(other, "x"))
    except RequestError as refused:
        error = refused
    _check.equal("one shell, two operations", error and error.field, "operation")
    response = await aio.run(get(other, "x"))
    _check.equal("another shell meanwhile", response.status, 200)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    shell.close()


class Pages:
    """What a listing looks like to a shell."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.finished = False

    def next_page(self):
        page = self.pages.pop(0)
        self.finished = not self.pages
        yield from get(Exchange(256, 256, insecure_http=True), "page")
        return page


async def check_iterate():
    for pages, wanted in (((), []), (([],), []), (([1, 2], [], [3]), [1, 2, 3])):
        listing = Pages(*pages)
        listing.finished = not pages
        found = []
        async for entry in aio.iterate(listing):
            found.append(entry)
        _check.equal("iterate %r" % (pages,), found, wanted)


async def check_ntp():
    unix_ms, uncertain = await aio.run(ntp.query("127.0.0.1", int(NTP_PORT)))
    _check.true("NTP over asyncio", unix_ms > 1700000000000 and uncertain < 60000, str(unix_ms))


async def check_body_hash():
    exchange = Exchange(256, 1000)
    hasher = sha256()
    block = bytearray(1000)
    body = Pattern().open()
    count = body.readinto(block)
    while count:
        hasher.update(memoryview(block)[:count])
        count = body.readinto(block)
    wanted = hexlify(hasher.digest()).decode(), SIZE
    _check.equal("hash", await aio.run(exchange.hash(Pattern().open())), wanted)


async def main():
    for tls in (False, True):
        await check_stall(tls)
        await check_cancelled(tls)
    await check_timeout()
    await check_two_at_once()
    await check_iterate()
    await check_ntp()
    await check_body_hash()


asyncio.run(main())
_check.done()
