"""services/folder.py and the uploader's asyncio loop on a real folder, which is argv's."""

import asyncio
import os
import sys

import _section
from _check import equal, raises, true
from telemetry_world import Destination, World

from sigv4_mp.services.folder import Folder
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader

HERE = sys.argv[1]


def content(folder, name):
    view = memoryview(bytearray(100))
    return bytes(view[: folder.read(name, 0, view)])


def files():
    path = HERE + "/files"
    folder = Folder(path)
    equal("made, empty", folder.sizes(), {})
    folder.append("a", b"one--", 3)
    folder.append("a", b"two", 3, False)
    folder.append("a", b"three", 5)
    equal("appended", content(folder, "a"), b"onetwothree")
    view = memoryview(bytearray(4))
    equal("from anywhere", (folder.read("a", 9, view), bytes(view[:2])), (2, b"ee"))
    equal("behind its end", folder.read("a", 99, view), 0)
    folder.append("a", b"!", 1)
    equal("a reader sees it", content(folder, "a"), b"onetwothree!")
    folder.append("b", b"second", 6)
    folder.append("a", b"?", 1)
    equal("by turns", (content(folder, "a"), content(folder, "b")), (b"onetwothree!?", b"second"))
    equal("sizes", folder.sizes(), {"a": 13, "b": 6})
    equal("size", (folder.size("a"), folder.size("c")), (13, -1))
    folder.replace("a", b"new")
    equal("replaced", (content(folder, "a"), sorted(folder.sizes())), (b"new", ["a", "b"]))
    folder.append("a", b"er", 2)
    equal("goes on", content(folder, "a"), b"newer")
    folder.rename("a", "b")
    equal("renamed over", (content(folder, "b"), sorted(folder.sizes())), (b"newer", ["b"]))
    folder.remove("b")
    folder.remove("b")
    raises("gone", OSError, content, folder, "b")
    folder.append("b", b"again", 5)
    folder.close()
    equal("opened again", content(Folder(path), "b"), b"again")
    raises("not a folder", OSError, Folder, HERE + "/no/where")


def spooling():
    spool = Spool(HERE + "/spool", commit_ms=0)
    for i in range(500):
        spool.put(b"reading %d" % i, i)
    spool.ack(100)
    spool.close()
    spool = Spool(HERE + "/spool")
    found = [bytes(record.payload) for record in spool.read()]
    equal("all there", found, [b"reading %d" % i for i in range(100, 500)])
    true("ticks of the port", spool.due_ms() is None and spool.ticks() >= 0)
    spool.ack(500)
    equal("none left", list(spool.read()), [])


class Shell:
    """As Aio."""

    def __init__(self, world):
        self.world = world

    async def run(self, operation):
        await asyncio.sleep(0)
        return self.world.run(operation)


def looping():
    """Readings come while it sends; the task is cancelled in the end, nothing is lost."""
    world = World()
    to = Destination(world)
    to.ms = 0
    told = []
    # The real time, here: every_ms is short.
    up = Uploader(
        Spool(HERE + "/loop", commit_ms=5), to, every_ms=10, base_ms=1, on_event=told.append
    )
    to.fails = [OSError(113, "away"), [(0, "Throttled", False)]]

    async def main():
        task = asyncio.create_task(up.run(Shell(world)))
        for i in range(50):
            up.put(b"%d" % i, 0, 1)
            await asyncio.sleep(0.002)
        for _ in range(2000):
            if len(to.got) >= 50:
                break
            await asyncio.sleep(0.01)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass

    asyncio.run(main())
    equal("all came", sorted(int(one[1]) for one in to.got), list(range(50)))
    equal("acknowledged", up.spool.backlog, 0)
    equal("failures were counted", (up.counters["network"], up.counters["throttled"]), (1, 1))
    true("and told", len(told) == 2, repr(told))


os.mkdir(HERE)
_section.run(files, spooling, looping)
