"""Attacks on clock.sync, in a scripted world. Invariant: whatever a signature comes out with lies
within the service's tolerance of the true time, or none comes out.
"""

import _section
from _check import equal, raises, true
from ntp_packets import put
from time_world import HOUR, TRUTH, World, honest, kissing, packet, silent

from sigv4_mp import Credentials, Signer
from sigv4_mp.amzdate import to_seconds
from sigv4_mp.device.poll import KNOWN, Poll
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import (
    ClockDisagreement,
    ClockError,
    ClockNotSet,
    ClockRollback,
    ProtocolError,
    RequestError,
)
from sigv4_mp.net import clock as net_clock
from sigv4_mp.net import ntp

TLS = "https://s3.example.com"
if not ntp.urandom:  # WebAssembly has none
    import random

    ntp.urandom = lambda count: bytes([random.getrandbits(8) for _ in range(count)])

KEYS = Credentials("AKID", "secret")
DAY = 86400000


def fresh(*servers):
    """Return (world, clock, names): each server under a name of its own, nobody known yet."""
    KNOWN.clear()
    world = World()
    for i, server in enumerate(servers):
        world.serve("abcdefgh"[i], server)
    clock = TrustedClock(ticks=world.ticks, wall=False)
    return world, clock, sorted(world.names)


def sync(world, clock, servers, *more, **settings):
    settings.setdefault("set_rtc", False)
    return world.run(net_clock.sync(clock, servers, *more, **settings))


def signs(world, clock):
    """Return whether a signature comes out, after checking that it is a sound one."""
    out = False
    for service, tolerance in (("s3", 900), ("dynamodb", 300)):
        try:
            sealed = Signer(KEYS, "us-east-1", service, clock).sign("GET", "https://h/")
        except ClockError:
            continue
        out = True
        off = to_seconds(sealed.amz_date) - world.now // 1000
        true("a signature is dated within %d s" % tolerance, abs(off) < tolerance, "%d s" % off)
    return out


def set_well(name, servers, agreed, false, **settings):
    """Check that a sync works and who is named; return its report."""
    world, clock, names = fresh(*servers)
    report = sync(world, clock, names, **settings)
    equal(name, (sorted(report.agreed), sorted(report.falsetickers)), (agreed, false))
    earliest, latest = clock.now()
    true("%s: the truth is inside" % name, earliest <= world.now <= latest)
    true("%s: signs" % name, signs(world, clock))
    return report


def refused(name, error, servers, **settings):
    """Check that a sync fails and nothing is signed; return the error."""
    world, clock, names = fresh(*servers)
    found = raises(name, error, sync, world, clock, names, **settings)
    true("%s: no signature" % name, not signs(world, clock))
    return found


def evidence():
    world, clock, names = fresh()
    true("no evidence, no signature", not signs(world, clock))
    set_well("three of three", [honest()] * 3, ["a", "b", "c"], [])
    set_well("two of three answer", [honest(), silent, honest()], ["a", "c"], [])
    report = set_well("one, since the user says so", [honest()], ["a"], [], agreeing=1)
    true("uncertain by half the trip", 20 <= report.uncertainty_ms <= 40, report.uncertainty_ms)
    refused("one of three answers", ClockNotSet, [silent, honest(), silent])
    error = refused("none answers", ClockNotSet, [silent] * 3)
    true("each is named", "a:" in str(error) and "c:" in str(error), str(error))
    world, clock, names = fresh(honest())
    error = raises("no such name", ClockNotSet, sync, world, clock, ["nowhere", "a"])
    true("is named", "nowhere: no address" in str(error), str(error))
    for wrong in ([], "pool.ntp.org", ["a:b"], [":1"], ["[::1"]):
        raises("servers %r" % wrong, RequestError, sync, world, clock, wrong)
    for wrong in (0, True, "2", None):
        raises("agreeing %r" % wrong, RequestError, sync, world, clock, names, wrong)


def liars():
    for off in (HOUR, -HOUR, 10 * DAY, 400000, -400000):
        report = set_well(
            "a liar of %d s" % (off // 1000), [honest(), honest(off), honest()], ["a", "c"], ["b"]
        )
        true("is named in the log", "outvoted: b" in report.source, report.source)
    error = refused(
        "off by exactly one hour, against one", ClockDisagreement, [honest(), honest(HOUR)]
    )
    true("by how much", "b +3600 s" in str(error), str(error))
    refused(
        "two who disagree", ClockDisagreement, [honest(HOUR), honest(-HOUR), honest()], agreeing=2
    )
    refused(
        "one would do, but two disagree", ClockDisagreement, [honest(), honest(HOUR)], agreeing=1
    )
    world, clock, _ = fresh()
    world.serve("pool", honest(), honest(5), honest(HOUR), honest(-5))
    report = sync(world, clock, ["pool"])
    equal("addresses of one name", len(report.agreed), 3)
    true("the liar's address is named", report.falsetickers == ["pool at 192.0.2.3"])
    true("signs", signs(world, clock))
    world, clock, _ = fresh(honest(), honest())
    world.serve("pool", *[honest(HOUR)] * 6)
    report = sync(world, clock, ["a", "b", "pool"])
    equal("a name is one operator", (report.agreed, report.falsetickers), (["a", "b"], ["pool"]))
    equal("at most four addresses of it are asked", len(world.asked), 6)


def colluders():
    """Two of three lie alike. The remainder: without `tls`, and above the floor, they win."""
    lie = [honest(HOUR), honest(HOUR + 10), honest()]
    error = refused("caught by the Date of a verified server", ClockDisagreement, lie, tls=TLS)
    true("who", "a, b" in str(error) and "s3.example.com" in str(error), str(error))
    back = -(TRUTH - 1600000000000)
    refused("caught by the floor", ClockRollback, [honest(back), honest(back), honest()])
    refused("all three", ClockDisagreement, [honest(-HOUR)] * 3, tls=TLS)
    world, clock, names = fresh(*lie)
    report = sync(world, clock, names)
    equal("the remainder: without tls they are believed", report.falsetickers, ["c"])
    world, clock, names = fresh(*[honest()] * 3)
    sync(world, clock, names)
    for i in (1, 2):
        world.servers["192.0.2.%d" % i] = honest(HOUR)
    world.now += HOUR
    raises("a clock that was set well objects", ClockDisagreement, sync, world, clock, names)
    true("no signature until it is decided", not signs(world, clock))
    world.now += 70000
    sync(world, clock, names)
    true("the remainder: a minute later they carry it", clock.estimate()[0] > world.now + HOUR // 2)
    world, clock, names = fresh(*[honest()] * 3)
    sync(world, clock, names, tls=TLS)
    for i in (1, 2):
        world.servers["192.0.2.%d" % i] = honest(HOUR)
    world.now += HOUR
    for _ in range(3):
        raises("so does the verified server", ClockDisagreement, sync, world, clock, names, tls=TLS)
        true("and the clock is as good as before", signs(world, clock))
        world.now += 70000
    for _ in range(3):
        raises("even unasked, it counts", ClockDisagreement, sync, world, clock, names)
        true("no signature while they object", not signs(world, clock))
        world.now += 70000
    for i in (1, 2):
        world.servers["192.0.2.%d" % i] = honest()
    sync(world, clock, names, tls=TLS)
    true("honest again: signs", signs(world, clock))


def cross_checks():
    report = set_well("checked", [honest()] * 3, ["a", "b", "c"], [], tls=TLS)
    equal("by whom", report.checked, "s3.example.com")
    world, clock, names = fresh(*[honest()] * 3)
    world.tls_off = 4000
    sync(world, clock, names, tls=TLS)
    true("a Date may be some seconds off", signs(world, clock))
    equal("asked at", world.dialled, [("s3.example.com", 443)])
    for name, off, headers, error in (
        ("the certificate is not accepted", None, "", ProtocolError),
        ("out of a cache", 0, "Age: 1\r\n", ProtocolError),
        ("two Dates", 0, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", ProtocolError),
        ("a minute off", 60000, "", ClockDisagreement),
    ):
        world, clock, names = fresh(*[honest()] * 3)
        world.tls_off = off
        world.tls_headers = headers
        raises(name, error, sync, world, clock, names, tls=TLS)
        true("%s: no signature" % name, not signs(world, clock))
    world, clock, names = fresh(honest())
    for url in ("http://h", "h", "ftp://h"):
        raises("not %s" % url, RequestError, world.run, net_clock.server_date(url))
    world.run(net_clock.server_date("https://[::1]:8443"))
    equal("IPv6, a port", world.dialled[-1], ("::1", 8443))


class Rtc:
    """Notes what it is set to. events: shared with the world."""

    def __init__(self, world):
        self.world = world
        self.events = []

    def datetime(self, *value):
        if value:
            self.events.append((value[0], len(self.world.dialled)))
            return None
        return (2000, 1, 1, 5, 0, 0, 7, 0)


def rtc():
    world, clock, names = fresh(*[honest()] * 3)
    one = Rtc(world)
    sync(world, clock, names, tls=TLS, set_rtc=one)
    (value, dialled), *others = one.events
    equal("set once", others, [])
    equal("before TLS", dialled, 0)
    equal("to UTC, Monday is 0", value[:6], (2030, 3, 17, 6, 17, 46))
    true("to the second", 40 <= value[6] <= 48 and value[7] == 0, value)
    for text, off in (("contradicted", HOUR), ("not verified", None)):
        world, clock, names = fresh(*[honest()] * 3)
        world.tls_off = off
        one = Rtc(world)
        raises(
            text,
            (ClockDisagreement, ProtocolError),
            sync,
            world,
            clock,
            names,
            tls=TLS,
            set_rtc=one,
        )
        equal("%s: put back" % text, one.events[-1], ((2000, 1, 1, 5, 0, 0, 7, 0), 1))
    world, clock, names = fresh(*[honest(-(TRUTH - 1600000000000))] * 3)
    one = Rtc(world)
    raises("below the floor", ClockRollback, sync, world, clock, names, tls=TLS, set_rtc=one)
    equal("it is not touched", (one.events, world.dialled), ([], []))


class Keeper:
    """Notes what it is told to keep."""

    def __init__(self):
        self.kept = []

    def keep(self, seconds):
        self.kept.append(seconds)


def keepers():
    keeper = Keeper()
    world, clock, names = fresh(honest(), honest(), honest())
    sync(world, clock, names, keeper=keeper)
    equal("saved once, by the RTC", len(keeper.kept), 1)
    true("in Unix seconds", keeper.kept[0] > 1700000000, keeper.kept)
    world.tls_off = HOUR
    world.now += 60000
    raises("contradicted", ClockDisagreement, sync, world, clock, names, tls=TLS, keeper=keeper)
    equal("not saved", len(keeper.kept), 1)


def forged(change):
    """Return a server whose packets are changed before they leave."""

    def serve(cookie, now):
        made = packet(cookie, now + 20 + HOUR, now + 20 + HOUR)
        changed = change(made)
        return [(now + 40, made if changed is None else changed)]

    return serve


def byte(at, value):
    def change(made):
        made[at] = value

    return change


def cookie(value):
    def change(made):
        made[24:32] = value

    return change


def no_time(at):
    def change(made):
        put(made, at, 0)
        put(made, at + 4, 0)

    return change


# Each is an hour off as well: taking it would show.
FORGED = (
    ("guessed cookie", cookie(b"\x00guess!\x00")),
    ("no cookie", cookie(bytes(8))),
    ("mode 3, our own packet sent back", byte(0, 0x23)),
    ("mode 5, broadcast", byte(0, 0x25)),
    ("mode 1, symmetric", byte(0, 0x21)),
    ("version 3", byte(0, 0x1C)),
    ("version 5", byte(0, 0x2C)),
    ("leap 3, not synchronised", byte(0, 0xE4)),
    ("stratum 0 without a code", byte(1, 0)),
    ("stratum 16", byte(1, 16)),
    ("stratum 255", byte(1, 255)),
    ("zero transmit", no_time(40)),
    ("zero receive", no_time(32)),
    ("47 bytes", lambda made: made[:47]),
    ("empty", lambda made: made[:0]),
    ("root dispersion of a minute", lambda made: put(made, 8, 60 << 16)),
    ("root delay of an hour", lambda made: put(made, 4, 3600 << 16)),
)


def packets():
    for name, change in FORGED:
        refused("%s, alone" % name, ClockNotSet, [forged(change)], agreeing=1)
        set_well("%s, one of three" % name, [honest(), forged(change), honest()], ["a", "c"], [])
    set_well("long", [forged_long], ["a"], [], agreeing=1)


def forged_long(cookie, now):
    return [(now + 40, packet(cookie, now + 20, now + 20) + bytes(20))]


def replays():
    """An answer to an earlier question, and floods of packets, come before the true answer."""
    seen = []

    def recording(cookie, now):
        seen.append(packet(cookie, now + 20 + HOUR, now + 20 + HOUR))
        return [(now + 40, seen[0])]

    def replaying(cookie, now):
        return [(now + 10, seen[0])] + honest()(cookie, now)

    world, clock, names = fresh(recording, replaying)
    world.run(ntp.survey(["a"]))
    report = sync(world, clock, ["b"], agreeing=1)
    true("replayed: passed over", abs(report.unix_ms - world.now) < 100)
    true("the true answer is taken", signs(world, clock))

    def flooded(cookie, now):
        late = now + 3000
        junk = packet(bytes(8), HOUR, HOUR)
        storm = [(now + i * 15, junk) for i in range(200)]
        return storm + [(late, packet(cookie, late - 20, late - 20))]

    report = set_well("a flood, and the answer comes late", [flooded], ["a"], [], agreeing=1)
    true("uncertain by half of that", report.uncertainty_ms >= 1400, report.uncertainty_ms)

    def too_late(cookie, now):
        return [(now + 60000, packet(cookie, now + HOUR, now + HOUR))]

    refused("after a minute: too late", ClockNotSet, [too_late], agreeing=1)

    def keeps(cookie, now):  # says that it kept us for longer than we waited: a wrong interval
        return [(now + 40, packet(cookie, now, now + HOUR))]

    refused("held longer than we waited", ClockNotSet, [keeps], agreeing=1)

    def reversed_times(cookie, now):
        return [(now + 40, packet(cookie, now + 1000, now))]

    refused("sent before received", ClockNotSet, [reversed_times], agreeing=1)


def delays():
    for there, back in ((3500, 10), (10, 3500), (1900, 1900), (0, 3900), (3900, 0)):
        name = "there %d ms, back %d ms" % (there, back)
        report = set_well(name, [honest(0, there, back)], ["a"], [], agreeing=1)
        true("%s: uncertain by half" % name, report.uncertainty_ms >= (there + back) // 2)
    servers = [honest(0, 3500, 10), honest(0, 10, 3500), honest()]
    set_well("three of them", servers, ["a", "b", "c"], [])


def kisses():
    for code in (b"DENY", b"RSTR"):
        world, clock, names = fresh(kissing(code), honest(), honest())
        report = sync(world, clock, names)
        true("%s is told" % code, any(code.decode() in text for text in report.failures))
        world.servers["192.0.2.1"] = honest()
        asked = len(world.asked)
        for _ in range(3):
            world.now += DAY
            report = sync(world, clock, names)
        equal("never asked again", len(world.asked) - asked, 6)
        true("and told why", "for good" in report.failures[0], report.failures)
        true("signs", signs(world, clock))
    world, clock, names = fresh(kissing(b"RATE"), honest(), honest())
    poll = Poll()
    sync(world, clock, names, poll=poll)
    world.servers["192.0.2.1"] = honest()
    asked = []
    for _ in range(3):
        world.now += 900000
        before = len(world.asked)
        report = sync(world, clock, names, poll=poll)
        asked.append(len(world.asked) - before)
    equal("RATE: half as often", asked, [2, 3, 2])
    for code in (b"INIT", b"STEP", b"XYZW", b"\x00\x00\x00\x00"):
        world, clock, names = fresh(kissing(code), honest(), honest())
        sync(world, clock, names)
        world.servers["192.0.2.1"] = honest()
        world.now += 15000
        equal("%r: later again" % code, len(sync(world, clock, names).agreed), 3)
    refused("all send us away", ClockNotSet, [kissing(b"DENY")] * 3)


def pace():
    world, clock, names = fresh(*[honest()] * 3)
    sync(world, clock, names)
    true("the first question is jittered", 0 <= world.jitter <= 2000)
    for _ in range(5):
        sync(world, clock, names)
    for text in world.servers:
        times = [at for address, at in world.asked if address == text]
        gaps = [later - sooner for sooner, later in zip(times, times[1:])]
        true("never faster than 15 s", len(gaps) == 5 and min(gaps) >= 15000, gaps)
    firsts = set()
    for _ in range(8):
        world, clock, names = fresh(honest())
        sync(world, clock, names, agreeing=1)
        firsts.add(world.jitter)
    true("by chance", len(firsts) > 3, firsts)
    for _ in range(100):
        world.serve("n%d" % len(world.names), honest())
    world.run(ntp.survey(sorted(world.names)))
    true("it does not remember everybody", len(KNOWN) <= 32)


def outage():
    """A failed sync leaves a good clock as it was, until it has become too uncertain."""
    world, clock, names = fresh(*[honest()] * 3)
    poll = Poll()
    sync(world, clock, names, poll=poll)
    for text in world.servers:
        world.servers[text] = silent
    days = 0
    while days < 400:
        world.now += DAY
        days += 1
        raises("nobody answers", ClockNotSet, sync, world, clock, names, poll=poll)
        if not signs(world, clock):
            break
    true("at 100 ppm signing stops within 3 months", 30 < days < 110, days)
    equal("tried again soon", poll.interval_ms, 900000)


_section.run(
    evidence,
    liars,
    colluders,
    cross_checks,
    rtc,
    keepers,
    packets,
    replays,
    delays,
    kisses,
    pace,
    outage,
)
