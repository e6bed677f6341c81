"""Invariant: while drift keeps to its budget and evidence is honest, the truth is in the interval.

    clock_histories.py SEED COUNT

Plays COUNT made-up lives of a device, each of a dozen events: waiting, syncs, servers' words, light
and deep sleep, resets, loss of power, silence. A second kind of life has one fault in it: then a
date may still never be outside the service's tolerance, unless the fault broke the budget itself;
and that the next sync must report.
"""

import sys

import _check

from sigv4_mp.amzdate import to_seconds
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import ClockDisagreement, ClockError, ClockRollback, ClockUncertain

BEGIN = 1795305600000  # 2026-11-22
WEEK = 604800000
WRAP = 1 << 30
LIMITS = ((b"s3", 870000), (b"sqs", 270000))


class Luck:
    """The same numbers on every interpreter."""

    def __init__(self, seed):
        self.state = seed * 0x5DEECE66D + 11

    def below(self, count):
        """An int, 0 <= it < count < 2**32."""
        self.state = (self.state * 0x5DEECE66D + 11) & 0xFFFFFFFFFFFF
        return (self.state >> 16) % count

    def between(self, least, most):
        """An int, least <= it <= most; often one of the two ends."""
        pick = self.below(8)
        if pick < 2:
            return most if pick else least
        return least + self.below(most - least + 1)


class Device:
    """A board whose truth we know: an oscillator, an RTC, a TrustedClock. Counts in 10**-6 ms."""

    def __init__(self, luck):
        self.luck = luck
        self.truth = BEGIN + luck.below(80 * 52) * WEEK + luck.below(WEEK)  # until 2106
        self.drift = (0, 20, 100, 1000)[luck.below(4)]
        self.asleep = (2000, 50000, 100000)[luck.below(3)]
        self.wall = luck.below(3) != 0
        self.count = luck.between(WRAP - 90000000, WRAP + 90000000) * 1000000
        self.rtc = self.truth * 1000000 + luck.below(1000000)
        self.clock = None
        self.boot()

    def boot(self):
        """Start a program anew."""
        self.clock = TrustedClock(
            drift_ppm=self.drift,
            asleep_ppm=self.asleep,
            ticks=self.ticks,
            wall=self.seconds if self.wall else False,
        )

    def ticks(self):
        """What ticks_ms says."""
        return self.count // 1000000 & WRAP - 1

    def seconds(self):
        """What the RTC says, Unix seconds."""
        return self.rtc // 1000000000

    def wait(self, ms, ppm=None, rtc_ppm=None):
        """Let ms of true time pass; ticks and RTC run at rates within the budget, or as told."""
        if ppm is None:
            ppm = self.luck.between(-self.drift, self.drift)
        self.truth += ms
        self.count += ms * (1000000 + ppm)
        self.rtc += ms * (1000000 + (ppm if rtc_ppm is None else rtc_ppm))

    def set_rtc(self):
        """What a sync does after set()."""
        self.rtc = self.truth * 1000000
        self.clock.rtc_was_set()


def wait(device):
    """Minutes, hours, days; a sixth of the time across a wrap of the ticks."""
    most = (1000, 60000, 3600000, 43200000, 86400000, 6 * 86400000)[device.luck.below(6)]
    rates = device.luck.between(-device.drift, device.drift)
    device.wait(device.luck.between(0, most), rates, rates + device.luck.between(-400, 400))


def sync(device):
    """An honest agreement, heard a little ago."""
    luck = device.luck
    uncertainty = luck.between(0, 3000)
    said, at = device.truth + luck.between(-uncertainty, uncertainty), device.ticks()
    device.wait(luck.between(0, 5000))
    device.clock.set(said, uncertainty, at, "3 of 3")
    if luck.below(2):
        device.set_rtc()


def word(device):
    """A verified server's Date: whole seconds, on the way for a while."""
    luck = device.luck
    said, at = device.truth // 1000 * 1000 + 500, device.ticks()
    device.wait(luck.between(0, 2000))
    device.clock.hear(said, 501 + luck.below(1000), at, "h", True)


def gossip(device):
    """Somebody's word, worth nothing."""
    said = device.truth + device.luck.between(-WEEK, WEEK)
    before = device.clock.rank and device.clock.own()
    if device.clock.hear(said, 0, device.ticks(), "h", False):
        raise ValueError("moved by an unverified word")
    if before and device.clock.usable() and device.clock.own()[0] - before[0] > 1000:
        raise ValueError("moved all the same")


def doze(device):
    """Light sleep: the ticks run on, by the worse oscillator."""
    ms = device.luck.between(0, 7200000)
    ppm = device.luck.between(-device.asleep, device.asleep)
    count = device.ticks()
    device.wait(ms, ppm)
    device.clock.slept(device.ticks() - count & WRAP - 1)


def deep_sleep(device):
    """The RTC runs on, badly; RAM and ticks start anew. Sometimes the power fails as well."""
    luck = device.luck
    record = device.clock.suspend(device.seconds())
    cut = luck.below(6) == 0
    device.wait(luck.between(0, 86400000), 0, luck.between(-device.asleep, device.asleep))
    if cut:
        device.rtc = (946684800, 1609459200)[luck.below(2)] * 1000000000
    device.count = luck.below(5000) * 1000000
    device.boot()
    if device.clock.resume(record, device.seconds()) and cut:
        raise ValueError("went on from an RTC that had started anew")


def soft_reset(device):
    """Only the program starts anew."""
    record = device.clock.suspend(device.seconds())
    device.wait(device.luck.between(0, 600000))
    device.boot()
    device.clock.resume(record, device.seconds(), True)


def silence(device):
    """Nobody asks for longer than half a wrap: it must notice, or still be right."""
    half = WRAP // 2 + WRAP // 1000 + 1000
    device.wait(device.luck.between(half, WRAP * 5 // 2 if device.wall else WRAP - WRAP // 500))


EVENTS = (wait, wait, wait, wait, sync, sync, word, gossip, doze, deep_sleep, soft_reset, silence)


def ask(device, with_date):
    """Return 1 if a date was given, 0 if not; raise ValueError if what is said is not true."""
    try:
        earliest, latest = device.clock.now()
        if not earliest <= device.truth <= latest:
            raise ValueError("truth %d not in %d, %d" % (device.truth, earliest, latest))
        return dated(device, 0) if with_date else 0
    except ClockError:
        return 0


def dated(device, margin):
    """Return 1 if require() gives a date; raise ValueError if it is outside the tolerance."""
    service, limit = LIMITS[device.luck.below(2)]
    try:
        date = device.clock.require(service)
    except ClockError:
        return 0
    if abs(to_seconds(date) * 1000 - device.truth) > limit + margin:
        raise ValueError("%r is too far from %d" % (date, device.truth))
    device.clock.check_fresh(date, service)
    return 1


def honest_life(luck):
    """Play one; return how many dates it gave."""
    device = Device(luck)
    dates = 0
    if luck.below(8):
        sync(device)
    for i in range(12):
        event = EVENTS[luck.below(len(EVENTS))]
        try:
            event(device)
        except ClockError as error:
            raise ValueError("%s refused: %s" % (event.__name__, error))
        dates += ask(device, i & 1)
    return dates


# Lives with a fault.


def lie(device):
    """One agreement of liars, or one verified server that is wrong, by ten minutes or by years."""
    luck = device.luck
    off = luck.between(600000, 3600000) * (1, 1, 24 * 365)[luck.below(3)] * (-1, 1)[luck.below(2)]
    try:
        if luck.below(2):
            device.clock.set(device.truth + off, luck.below(1000), device.ticks(), "liars")
        else:
            device.clock.hear(device.truth + off, luck.below(1000), device.ticks(), "liar", True)
    except ClockDisagreement:
        return True
    except ClockRollback:
        return False  # proved wrong: there is nothing to doubt about the clock itself
    raise ValueError("believed a lie of %d ms" % off)


def nag(device):
    """One verified server that pushes again and again, as far as it may hope to be believed."""
    luck = device.luck
    side = (-1, 1)[luck.below(2)]
    push = (0, 1000, 29000, 119000)[luck.below(4)]
    for turn in range(100):
        device.wait(luck.between(0, 120000))
        device.clock.usable()
        own, half = device.clock.own()
        # Outside, so that the interval might be widened; then at its edge, to narrow it there.
        said = own + side * (half if turn & 1 else half + push + 500)
        try:
            device.clock.hear(said, 500, device.ticks(), "h", True)
        except (ClockRollback, ClockDisagreement):
            pass
    dated(device, 30000)
    return False


def freeze(device):
    """The ticks stand still, the RTC runs; or the reverse."""
    ms = device.luck.between(120000, 86400000)
    still, runs = (-1000000, 0) if device.luck.below(2) else (0, -1000000)
    device.wait(ms, still, runs)
    return True


def step(device):
    """Somebody sets the RTC, to local time say."""
    device.rtc += device.luck.between(-56, 56) * 900 * 1000000000 or 900 * 1000000000
    return True


def race(device):
    """The oscillator runs at up to 10 times the budget, within what a 6 h interval can hide."""
    ppm = device.luck.between(2, 10) * max(device.drift, 20) * (-1, 1)[device.luck.below(2)]
    device.wait(device.luck.between(600000, 21600000), ppm)


def faulty_life(luck):
    """Play one; return whether its fault made the clock refuse, or was reported."""
    device = Device(luck)
    device.wall, device.drift = True, min(device.drift, 100)
    device.boot()
    sync(device)
    for _ in range(luck.below(3)):
        device.wait(luck.between(0, 21600000))
        ask(device, True)
    fault = (lie, nag, freeze, freeze, step, step, race, race)[luck.below(8)]
    noticed = fault(device)
    if fault is not race:
        dates = 0
        for _ in range(3):
            device.wait(luck.between(0, 60000))
            dates += dated(device, 30000)
        if dates and noticed:
            raise ValueError("%s was not noticed" % fault.__name__)
        return int(noticed)
    return raced(device)


def raced(device):
    """After a race: the next sync repairs the clock, and says so if the budget was broken."""
    device.clock.usable()
    middle, half = device.clock.own()
    missed = abs(middle - device.truth) - half
    told = len(device.clock.log)
    device.clock.set(device.truth, 0, device.ticks(), "3 of 3")
    dates = ask(device, True)
    if not dates:
        raise ValueError("not repaired")
    if missed > 0 and len(device.clock.log) == told:
        raise ValueError("%d ms over budget, and nobody was told" % missed)
    return int(missed > 0)


def play(name, life, seed, count):
    """Play lives; check that none breaks the rule, and that they were not empty."""
    found = 0
    for number in range(seed, seed + count):
        try:
            found += life(Luck(number))
        except (ValueError, ClockUncertain) as error:
            _check.true("%s, seed %d" % (name, number), False, repr(error))
            return
    _check.true("%d %s keep the rule" % (count, name), True)
    _check.true("%s were not empty" % name, found > count // 3, "%d of %d" % (found, count))


def main(seed=1, count=300):
    play("honest lives", honest_life, seed, count)
    play("lives with a fault", faulty_life, seed, count // 5)
    _check.done()


main(*[int(word) for word in sys.argv[1:]])
