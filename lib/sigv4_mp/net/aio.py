"""The asyncio shell: the same operations, while other tasks go on.

    from sigv4_mp.net import aio
    async with aio.Aio(ca_file="ca.pem") as shell:
        await shell.run(s3.put_object("log.txt", "log.txt"))
        async for entry in shell.iterate(s3.list_objects_v2()):
            print(entry.key)

It waits by trying again after naps of 1 to 16 ms, with nothing but asyncio's own sleep: so it is
the same on every loop and port, a wait can be for both directions, and a task that is cancelled
leaves nothing behind. MicroPython's loop polls its sockets every millisecond anyway.

What can't be cut into pieces still holds other tasks up: on MicroPython the name look-up, and
everywhere the arithmetic of a TLS handshake (a second or so on a microcontroller). Connections are
kept, so both are rare.
"""

import asyncio
import sys
from errno import ETIMEDOUT

from ..errors import RequestError
from .shell import PENDING, Shell, port
from .steps import CONNECT, RESOLVE, SLEEP, const, ticks_diff

_TURN_MS = const(4)  # then the others get a turn, though we could go on
_NAP_MS = const(16)
_THREADS = sys.implementation.name != "micropython"


class Aio(Shell):
    """Runs operations, one at a time, with the settings of Shell. Close it, or use `async with`.

    Cancelling the task that waits for run() closes the connection and ends the operation.
    """

    _busy = False
    _turn = 0
    _found = None

    async def run(self, operation):
        """Run an operation (a generator, such as s3.put_object(...)) and return its result.

        Raises: as Http.run; RequestError where another operation is under way.
        """
        if self._busy:
            operation.close()
            raise RequestError("operation", "another one is under way; a shell each, please")
        self._busy = True
        self._start()
        self._turn = port.ticks_ms()
        try:
            return await self._drive(operation)
        finally:
            self._busy = False
            operation.close()
            self._finish()

    def iterate(self, listing):
        """Return the entries of a listing (s3.list_objects_v2(...)), for `async for`."""
        return _Entries(self, listing)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.close()

    async def _drive(self, operation):
        try:
            step = next(operation)
            while True:
                try:
                    result = await self._perform(step)
                except Exception as error:
                    step.error = error
                    step = operation.throw(error)
                else:
                    step = operation.send(result)
        except StopIteration as end:
            return end.value

    async def _perform(self, step):
        if _THREADS and (step.op == RESOLVE or step.op == CONNECT and not step.address):
            await self._look_up(step)
        result = self._begin(step)
        tries = 0
        while result == PENDING:
            if not self._wants:
                await self._nap(self._ms)
                return None
            self._ready = self._socket.wait(self._wants, 0)
            if tries or not self._ready:
                await self._nap(min(tries, _NAP_MS))
            tries = tries * 2 or 1
            result = self._steps[step.op](step)
        if step.op == SLEEP or ticks_diff(port.ticks_ms(), self._turn) >= _TURN_MS:
            await self._nap(0)
        return result

    async def _nap(self, ms):
        await _sleep_ms(ms)
        self._turn = port.ticks_ms()

    async def _look_up(self, step):
        """Let a thread find the addresses, where there are threads, unless they aren't needed."""
        if step.op == CONNECT and self._reusable(step):
            return
        self._began = port.ticks_ms()
        loop = asyncio.get_running_loop()
        look_up = loop.run_in_executor(None, Shell._resolve, self, step)
        try:
            self._found = await asyncio.wait_for(look_up, self._left() / 1000)
        except asyncio.TimeoutError:
            raise OSError(ETIMEDOUT, "the name look-up of %s took too long" % step.host)

    def _resolve(self, step):
        found, self._found = self._found, None
        return super()._resolve(step) if found is None else found


class _Entries:
    """The entries of a listing, page after page: MicroPython has no asynchronous generators."""

    def __init__(self, shell, listing):
        self._shell = shell
        self._listing = listing
        self._page = iter(())

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            for entry in self._page:
                return entry
            if self._listing.finished:
                raise StopAsyncIteration
            self._page = iter(await self._shell.run(self._listing.next_page()))


def _sleep_ms(ms):
    return asyncio.sleep(ms / 1000)


_sleep_ms = getattr(asyncio, "sleep_ms", _sleep_ms)  # MicroPython's, which makes no float


async def run(operation, **settings):
    """Run one operation with a shell of its own; settings as for Aio. No connection stays open."""
    async with Aio(**settings) as shell:
        return await shell.run(operation)


def iterate(listing, **settings):
    """Return the entries of a listing, for `async for`; settings as for Aio."""
    return Aio(**settings).iterate(listing)
