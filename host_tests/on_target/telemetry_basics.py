"""services/telemetry.py on a target: one failure after another, each with its counter."""

import _section
from _check import equal, raises, true
from spool_medium import Ram, entropy
from telemetry_world import START_S, Destination, World, denied, expired, throttled

from sigv4_mp.errors import CredentialsError, ProtocolError, RequestError, TamperError
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader

SMALL = {"max_bytes": 4096, "segment_bytes": 512, "max_record": 100, "commit_bytes": 200}


def make(count=10, told=None, medium=None, **options):
    """Return (world, destination, uploader)."""
    world = World()
    to = Destination(world, count)
    spool = Spool(medium or Ram(), ticks=world.ticks, entropy=entropy, **SMALL)
    options.setdefault("entropy", lambda n: b"\xff" * n)
    up = Uploader(spool, to, on_event=None if told is None else told.append, **options)
    return world, to, up


def fill(up, *payloads):
    for payload in payloads:
        up.put(payload)


def buried(up):
    """Return the dead letters: [(payload, why)]."""
    return [(bytes(record.payload), why) for record, why in up.letters.read()]


def delivers():
    world, to, up = make(3)
    up.put(b"a", 7, START_S)
    world.ms = 5000
    up.put(b"b")
    fill(up, b"c", b"d")
    equal("sent", up.flush_once(world, 30000), 4)
    equal("in order", to.payloads, b"a b c d")
    equal("batches", (to.sends, up.counters["batches"], up.counters["sent"]), (2, 2, 4))
    equal("time", [one[3] - START_S for one in to.got], [0, 5, 5, 5])
    equal("stream", to.got[0][2], 7)
    equal("id", to.got[3][0][-9:], "-00000004")
    equal("acknowledged", (up.spool.acked, up.spool.backlog, up.problem), (4, 0, None))
    equal("nothing left", (up.flush_once(world, 30000), to.sends), (0, 2))
    equal("the shell was bounded, and freed", world.limits, [30000, 7, 30000, 7])


def holds_back():
    told = []
    link = [False]
    world, to, up = make(3, told, link=lambda: link[0])
    fill(up, b"a", b"b")
    equal("no link", (up.flush_once(world, 0), up.counters["no_link"]), (0, 1))
    equal("nothing was built", (to.sends, to.count), (0, 0))
    equal("but it is durable", up.spool.durable, 2)
    link[0] = True
    world.trusted = False
    up.put(b"c")
    equal("no time", (up.flush_once(world, 0), up.counters["no_clock"]), (0, 1))
    equal("undated", up.counters["undated"], 1)
    equal("nothing was signed", to.sends, 0)
    true("told", "no time yet" in told[-1] and up.problem == told[-1])
    count = len(told)
    up.flush_once(world, 0)
    equal("told once", len(told), count)
    world.trusted = True
    equal("then all", (up.flush_once(world, 30000), to.payloads), (3, b"a b c"))
    equal("its time is not known", to.got[2][3], 0)


def fails():
    for error, counter in (
        (OSError(110, "timed out"), "network"),
        (ProtocolError("broke off"), "network"),
        (throttled(), "throttled"),
        (expired(), "no_credentials"),
        (CredentialsError("session_token", "has expired"), "no_credentials"),
        (denied(), "refused"),
    ):
        world, to, up = make()
        fill(up, b"a", b"b")
        to.fails.append(error)
        equal(counter, (up.flush_once(world, 0), up.counters[counter]), (0, 1))
        true("kept", up.spool.backlog == 2 and up.problem == str(error))
        true("a wait", up.wait_ms == 1000)
        equal("none is a dead letter", buried(up), [])
        equal("then it comes", (up.flush_once(world, 0), up.wait_ms), (2, 0))
    for error in (RequestError("insecure_http", "no"), TamperError("head", "changed")):
        world, to, up = make()
        up.put(b"a")
        to.fails.append(error)
        raises("comes out", type(error), up.flush_once, world, 0)
        equal("kept", up.spool.backlog, 1)


def waits():
    world, to, up = make(cap_ms=5000)
    fill(up, b"a")
    to.fails.extend([throttled() for _ in range(5)])
    equal("in the end", up.flush_once(world, 60000), 1)
    equal("1, 2, 4, 5, 5 s", world.ms, 6 * 100 + 17000)
    up.put(b"b")
    to.fails.extend([throttled() for _ in range(50)])
    begun = world.ms
    equal("not before the deadline", up.flush_once(world, 10000), 0)
    true("but it ends", world.ms - begun <= 10000 and up.wait_ms > 0)
    to.fails.clear()
    fill(up, *[b"%d" % i for i in range(60)])
    to.ms = 2000
    sent = up.flush_once(world, 10000)
    true("a deadline between batches", 0 < sent < 61, str(sent))
    equal("says so", up.problem, "the deadline has come")


def polls():
    world, to, up = make(every_ms=60000)
    equal("nothing yet", (up.poll(world), to.sends), (60000, 0))
    up.put(b"a")
    world.ms += 20000
    equal("not yet", (up.poll(world), to.sends), (40000, 0))
    world.ms += 40000
    up.poll(world)
    equal("now", to.payloads, b"a")
    up.put(b"b")
    to.fails.append(OSError(110, "timed out"))
    to.fails.append(OSError(110, "timed out"))
    world.ms += 60000
    waited = up.poll(world, 500)
    equal("sooner after a failure", waited, 1000)
    world.ms += 1000
    equal("and later after two", up.poll(world, 500), 2000)
    up.spool.folder.failing["append"] = 5
    up.put(b"c")
    world.ms += 2000
    up.poll(world, 500)
    equal("the medium", up.counters["medium"] > 0, True)
    equal("what is on it goes all the same", (to.payloads, up.spool.backlog), (b"a b", 0))
    up.poll(world, 500)
    up.spool.folder.failing.clear()
    world.ms += 8000
    up.poll(world, 500)
    equal("all came", to.payloads, b"a b c")


def partly():
    world, to, up = make()
    fill(up, b"a", b"b", b"c", b"d", b"e")
    to.fails.append([(1, "Throttled", False), (3, "InternalFailure", False)])
    equal("three of five", (up.flush_once(world, 0), to.payloads), (3, b"a c e"))
    equal("acknowledged up to the first gap", up.spool.acked, 1)
    equal("counted", (up.counters["throttled"], up.counters["retried"]), (1, 2))
    up.put(b"f")
    to.fails.append([(0, "Throttled", False)])
    up.flush_once(world, 0)
    equal("only those again, nothing overtakes", to.payloads, b"a c e d")
    up.flush_once(world, 30000)
    equal("then the rest", to.payloads, b"a c e d b f")
    equal("all acknowledged", up.spool.acked, 6)
    world, to, up = make(ordered=True)
    for i in range(6):
        up.put(b"%d" % i, i % 2)
    to.fails.append([(0, "Throttled", False)])
    up.flush_once(world, 30000)
    equal("one of each stream at a time", to.payloads, b"1 0 2 3 4 5")


def poison():
    told = []
    world, to, up = make(3, told)
    fill(up, b"a", b"poison 1", b"b", b"never", b"c", b"poison 2", b"d")
    equal("the others arrive", (up.flush_once(world, 30000), to.payloads), (4, b"a b c d"))
    whys = [
        (b"poison 1", "InvalidArgument"),
        (b"never", "record: is too long for the service"),
        (b"poison 2", "InvalidArgument"),
    ]
    equal("set aside, with the reason", buried(up), whys)
    equal("counted", (up.counters["letters"], up.spool.backlog), (3, 0))
    equal("told", len([text for text in told if "was set aside" in text]), 3)
    sends = to.sends
    up.flush_once(world, 30000)
    equal("never again", to.sends, sends)
    world, to, up = make()
    to.oldest_s = 1000
    up.put(b"old", 0, START_S - 1001)
    up.put(b"young", 0, START_S - 999)
    up.put(b"undated", 0, 0)
    up.flush_once(world, 30000)
    equal("too old", (to.payloads, buried(up)[0][0]), (b"young undated", b"old"))


def wrong_settings():
    """A stream that is not there refuses everything: no reason to set everything aside."""
    told = []
    world, to, up = make(1, told)
    fill(up, b"a", b"b", b"c")
    to.poison = b""
    equal("nothing goes", (world.run(up.flush()), up.counters["refused"]), (0, 1))
    true("told", "check the settings: InvalidArgument" in told[-1])
    equal("nothing is set aside", (buried(up), up.spool.backlog), ([], 3))
    fill(up, *[b"%d" % i for i in range(30)])
    sends = to.sends
    world.run(up.flush())
    equal("it does not try all", to.sends - sends, 8)
    to.poison = b"a"
    up.flush_once(world, 30000)
    equal("right again", to.payloads[:5], b"b c 0")
    equal("one was poison", buried(up), [(b"a", "InvalidArgument")])
    equal("all settled", up.spool.backlog, 0)


def damaged():
    medium = Ram()
    world, to, up = make(medium=medium)
    fill(up, *[b"record %d" % i for i in range(30)])
    up.spool.commit()
    names = sorted(name for name in medium.files if ".seg" in name)
    medium.files[names[0]][70] ^= 1
    medium.files[names[-1]][-1] ^= 1
    up.flush_once(world, 30000)
    equal("the others arrive", (len(to.got), up.spool.backlog), (28, 0))
    equal("counted", up.spool.counters["damaged"], 2)
    medium.failing["read"] = 5
    up.put(b"x")
    up.flush_once(world, 0)
    equal("unreadable", up.counters["medium"], 1)
    medium.failing.clear()
    equal("and back", up.flush_once(world, 0), 1)
    up.put(b"y")
    medium.failing["replace"] = 5
    equal("sent, not acknowledged", (up.flush_once(world, 0), to.got[-1][1]), (1, b"y"))
    equal("kept", up.spool.backlog, 1)
    medium.failing.clear()
    up.flush_once(world, 0)
    equal("twice, under one id", to.got[-1], to.got[-2])


def full():
    """The medium is full to the last byte: sending makes room, and what waits in RAM follows."""
    medium = Ram()
    world, to, up = make(medium=medium)
    for i in range(70):
        up.put(b"record %02d" % i)
    up.spool.commit()
    medium.capacity = sum(len(data) for data in medium.files.values())
    up.spool._policy = "refuse"
    up.put(b"record 70")
    sent = up.flush_once(world, 60000)
    equal("all of them", (sent, up.spool.backlog), (71, 0))
    true("it was full", up.counters["medium"] > 0)
    equal("in order, each once", to.payloads, b" ".join([b"record %02d" % i for i in range(71)]))


def dropped_meanwhile():
    """Room is made while a batch is half delivered."""
    world, to, up = make()
    fill(up, *[b"record %02d" % i for i in range(10)])
    to.fails.append([(1, "Throttled", False), (9, "Throttled", False)])
    up.flush_once(world, 0)
    for i in range(10, 200):
        up.put(b"record %02d" % i)
    true("dropped", up.spool.counters["dropped_oldest"] > 0)
    up.flush_once(world, 30000)
    equal("none is left", up.spool.backlog, 0)
    dropped = up.spool.counters["dropped_oldest"]  # seven of them were delivered already
    equal("all but the dropped", len(to.got), 200 - dropped + 7)


_section.run(
    delivers,
    holds_back,
    fails,
    waits,
    polls,
    partly,
    poison,
    wrong_settings,
    damaged,
    full,
    dropped_meanwhile,
)
