"""services/objectlog.py on a target: which records make an object, and what is in it."""

import _section
from _check import equal, raises, true
from spool_medium import Ram, entropy
from telemetry_world import START_S, Signer, World

from sigv4_mp.net.steps import Io
from sigv4_mp.services.objectlog import Lines, ObjectLog
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader


class Bucket:
    """Stores what an S3 would; reads each body twice. fails: how often it does first."""

    def __init__(self, world):
        self.signer = Signer(world)
        self.signer.service = b"s3"
        self.objects = {}
        self.fails = 0

    def put_object(self, key, body, content_type):
        yield Io().sleep(10)
        pieces = [self._all(body, 7), self._all(body, 64)]
        equal("the same twice", pieces[0] == pieces[1], True)
        self.objects[key] = pieces[1]
        if self.fails:
            self.fails -= 1
            raise OSError(104, "reset")

    def _all(self, body, size):
        equal("where it stands", body.seek(0) + body.seek(0, 1), 0)
        pieces = []
        view = bytearray(size)
        while True:
            count = body.readinto(view)
            if not count:
                equal("where it ends", body.seek(0, 1), sum(len(one) for one in pieces))
                return b"".join(pieces)
            pieces.append(bytes(view[:count]))


def make(**options):
    world = World()
    bucket = Bucket(world)
    spool = Spool(Ram(), 8192, 1024, 100, 200, ticks=world.ticks, entropy=entropy)
    log = ObjectLog(bucket, spool, "pump/", **options)
    return world, bucket, spool, Uploader(spool, log, entropy=lambda n: b"\x10" * n), log


def hours():
    world, bucket, spool, up, log = make()
    for i in range(130):
        up.put(b"minute %d" % i, 0, START_S + i * 60)
    equal("sent", up.flush_once(world, 60000), 130)
    names = sorted(bucket.objects)
    tails = [name[:18] + name[-9:] for name in names]
    wanted = ["00-00000001", "01-0000003d", "02-00000079"]
    equal("an object an hour", tails, ["pump/2026/01/01/" + tail for tail in wanted])
    lines = b"".join(bucket.objects[name] for name in names)
    equal("a line a record", lines, b"".join(b"minute %d\n" % i for i in range(130)))
    equal("the latest", log.key, names[-1])


def again():
    world, bucket, spool, up, log = make()
    bucket.fails = 2
    up.put(b"one", 0, START_S)
    world.run(up.flush())
    up.put(b"two", 0, START_S + 60)
    world.run(up.flush())
    up.put(b"three", 0, START_S + 120)
    world.run(up.flush())
    equal("one object, replaced", list(bucket.objects.values()), [b"one\ntwo\nthree\n"])
    equal("acknowledged", spool.backlog, 0)


def undated():
    world, bucket, spool, up, log = make()
    up.put(b"a", 0, 0)
    up.put(b"b", 0, START_S)
    up.put(b"c", 0, 0)
    world.run(up.flush())
    found = sorted(bucket.objects.items())
    equal("with those before", [body for _, body in found], [b"a\nb\nc\n"])
    world, bucket, spool, up, log = make(max_bytes=8)
    for _ in range(4):
        up.put(b"xyz", 0, 0)
    world.run(up.flush())
    equal("bounded", list(bucket.objects.values()), [b"xyz\nxyz\n"] * 2)
    true("named so", all(name[:13] == "pump/undated-" for name in bucket.objects))


def lines():
    spool = Spool(Ram(), 8192, 1024, 100, 200, ticks=World().ticks, entropy=entropy)
    for i in range(20):
        spool.put(b"%d" % i)
    spool.commit()
    reader = Lines(spool, 3, 5)
    view = bytearray(100)
    equal("some", bytes(view[: reader.readinto(view)]), b"2\n3\n4\n")
    equal("the end", reader.readinto(view), 0)
    raises("only back", OSError, reader.seek, 5)
    raises("only back", OSError, reader.seek, 0, 2)


_section.run(hours, again, undated, lines)
