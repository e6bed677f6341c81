"""TrustedClock case by case: what it takes, what it refuses, and what it says then."""

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp.amzdate import from_seconds, to_seconds
from sigv4_mp.device.clock import FixedClock
from sigv4_mp.device.credentials import Credentials
from sigv4_mp.device.suspend import SIZE
from sigv4_mp.device.trusted import RTC, SNTP, VERIFIED, TrustedClock, growth, ticks_diff
from sigv4_mp.errors import (
    ClockDisagreement,
    ClockError,
    ClockNotSet,
    ClockRollback,
    ClockUncertain,
    RequestError,
)
from sigv4_mp.signer import Signer
from sigv4_mp.version import BUILD_DATE

BUILT = to_seconds(BUILD_DATE) * 1000
T = BUILT + 100 * 86400000
HOUR = 3600000
DAY = 24 * HOUR


class Board:
    """Ticks and RTC by hand. go(ms) lets both run."""

    def __init__(self, ticks=5, wall=True, **options):
        self.count = ticks
        self.rtc = T // 1000
        self.part = 0
        self.events = []
        wall = self.seconds if wall else False
        self.options = dict(ticks=self.ticks, wall=wall, on_event=self.events.append, **options)
        self.clock = TrustedClock(**self.options)

    def ticks(self):
        return self.count & 0x3FFFFFFF

    def seconds(self):
        return self.rtc

    def go(self, ms, rtc_ms=None):
        self.count += ms
        self.part += ms if rtc_ms is None else rtc_ms
        self.rtc += self.part // 1000
        self.part %= 1000
        return self

    def boot(self, ticks=0):
        self.count = ticks
        self.clock = TrustedClock(**self.options)
        return self.clock


def told(name, error, words, work, *args):
    """Check that work(*args) raises error, and that its message holds all the words."""
    found = raises(name, error, work, *args)
    text = str(found)
    missing = [word for word in words if word not in text]
    true("%s: says why" % name, found is not None and type(found) is error and not missing, text)


def evidence():
    board = Board()
    clock = board.clock
    told("none", ClockNotSet, ("evidence", "SNTP"), clock.require, b"s3")
    told("none", ClockNotSet, ("SNTP",), clock.now)
    told("none", ClockNotSet, ("SNTP",), clock.check_fresh, "20270101T000000Z", b"s3")
    equal("not even a verified word", clock.hear(T, 1000, 5, "h", True), False)
    true("is kept as a diagnosis", "h says" in clock.diagnosis and "starts no" in clock.diagnosis)
    clock.set(T, 20, board.ticks(), "3 of 3")
    equal("the interval", clock.now(), (T - 22, T + 22))
    equal("the estimate", clock.estimate(), (T, 22))
    equal("the date", clock.require(b"s3"), from_seconds(T // 1000))
    equal("str is fine", clock.require("s3"), from_seconds(T // 1000))
    equal("rank, source", (clock.rank, clock.source), (SNTP, "3 of 3"))
    board.go(HOUR)
    equal("grows by the budget", clock.estimate(), (T + HOUR, 20 + growth(HOUR + 1, 100) + 1))
    equal("a budget is of the truth, not of the count", growth(1000000, 50000), 52632)
    equal("no budget", growth(1000000, 0), 0)
    board.go(600)
    equal("the date is rounded", clock.require(b"s3"), from_seconds(T // 1000 + 3601))
    at = board.ticks()
    board.go(500)
    clock.set(T + HOUR + 600, 3, at, "later")
    equal("evidence of half a second ago", clock.estimate(), (T + HOUR + 1100, 6))
    equal("events told", board.events[0], "set by 3 of 3, to 20 ms")
    equal("and kept", clock.log[0], (5, board.events[0]))
    for ticks, uncertainty in ((board.ticks() + 10, 5), (board.ticks(), -1)):
        refuses(RequestError, "ticks", clock.set, T + HOUR, uncertainty, ticks, "x")
    for i in range(20):
        clock.event("event %d" % i)
    equal("the log is bounded", [text for _, text in clock.log][0::7], ["event 12", "event 19"])
    true("repr", "later" in repr(clock) and "not set" in repr(Board().clock))


def tolerances():
    for service, tolerance in ((b"s3", 900), (b"dynamodb", 300), (b"iotdevicegateway", 300)):
        board = Board()
        clock = board.clock
        most = (tolerance - 30) * 1000 - 500
        clock.set(T, most - 2, None, "x")
        equal("%s at its limit" % service.decode(), clock.require(service), from_seconds(T // 1000))
        clock = board.boot()
        clock.set(T, most, None, "x")
        words = (str(tolerance), "30 are", service.decode(), str(most // 1000 + 1), "SNTP")
        told("one more", ClockUncertain, words, clock.require, service)
    board = Board(tolerances={"private": 60, b"s3": 300}, margin_ms=10000)
    board.clock.set(T, 49000, None, "x")
    equal("the user's own", len(board.clock.require(b"private")), 16)
    board.clock.set(T, 49000, None, "x")
    board.go(HOUR * 10)
    told("the user's own", ClockUncertain, ("60 s", "10 are"), board.clock.require, b"private")
    equal("300 for s3", len(board.clock.require(b"s3")), 16)
    for bad in (-1, 604801, 1.5, True, "5"):
        refuses(RequestError, "tolerances", TrustedClock, tolerances={"a": bad})
    for name in ("drift_ppm", "asleep_ppm", "wall_ppm", "margin_ms"):
        for bad in (-1, 1000000, 1.5, True, None):
            refuses(RequestError, name, TrustedClock, **{name: bad})


def presigned_urls():
    clock = Board().clock
    clock.set(T, 30000, None, "x")
    equal("a minute or more", len(clock.require_presigned(b"s3", 61)), 16)
    words = ("31 s off", "60 s", "live")
    told("half of its life at stake", ClockUncertain, words, clock.require_presigned, b"s3", 60)
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", clock)
    url = "https://b.s3.amazonaws.com/k"
    true("as a signer asks", "X-Amz-Expires=61" in signer.presign("GET", url, 61))
    told("and is told", ClockUncertain, words, signer.presign, "GET", url, 60)
    true("a header has no such bound", signer.sign("GET", url).signature)
    plain = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock("20270101T000000Z"))
    true("other clocks are not asked", "Date=20270101T000000Z" in plain.presign("GET", url, 1))


def freshness():
    board = Board()
    clock = board.clock
    clock.set(T, 9998, None, "x")  # +- 10 s
    for seconds, good in ((260, True), (-260, True), (261, False), (-261, False)):
        date = from_seconds(T // 1000 + seconds)
        if good:
            equal("%d s" % seconds, clock.check_fresh(date, b"sqs"), None)
        else:
            words = ("271 s", "sqs", "300 s", "anew")
            told("%d s" % seconds, ClockError, words, clock.check_fresh, date, b"sqs")
    date = clock.require(b"s3")
    board.go(859000)
    equal("still", clock.check_fresh(date, b"s3"), None)
    board.go(2000)
    told("no more", ClockError, ("900 s", "anew"), clock.check_fresh, date, b"s3")


def ticks_wrap():
    for before in (1, 1000, HOUR):
        board = Board(ticks=(1 << 30) - before)
        board.clock.set(T, 20, board.ticks(), "x")
        board.go(2 * HOUR)
        true("wrapped", board.ticks() < 2 * HOUR)
        equal("%d ms before the wrap" % before, board.clock.estimate()[0], T + 2 * HOUR)
    at = (1 << 30) - 100
    board = Board(ticks=at)
    board.go(200)
    board.clock.set(T, 20, at, "x")
    equal("evidence from before the wrap", board.clock.estimate()[0], T + 200)
    equal("differences", (ticks_diff(5, (1 << 30) - 5), ticks_diff((1 << 30) - 5, 5)), (10, -10))
    equal("a port with longer ticks", ticks_diff((5 << 30) + 7, (4 << 30) + 1000), -993 + 0)
    board = Board()
    board.clock.set(T, 20, None, "x")
    for _ in range(40):
        board.go(6 * DAY)
        board.clock.usable()
    equal("asked every 6 days for 240", board.clock.own()[0], T + 240 * DAY)
    for days in (6.3, 10, 12.4):
        board = Board(wall=False)
        board.clock.set(T, 20, None, "x")
        board.go(int(days * DAY))
        told("silence of %s days" % days, ClockUncertain, ("6 days",), board.clock.require, b"s3")
        told("stays so", ClockUncertain, ("SNTP",), board.clock.require, b"s3")
        board.clock.set(T + DAY, 20, None, "x")
        equal("until evidence comes", board.clock.estimate()[0], T + DAY)
    for days in (6.3, 12.43, 13, 24.9, 30, 400):  # beyond a wrap only the RTC can tell
        board = Board()
        board.clock.set(T, 20, None, "x")
        board.go(int(days * DAY))
        true("silence of %s days" % days, raises("noticed", ClockError, board.clock.require, b"s3"))
    board = Board()
    board.clock.set(T, 20, None, "x")
    board.go(1000)
    equal("a second", board.clock.estimate()[0], T + 1000)
    board.go(-1)
    told("ticks run backwards", ClockUncertain, ("back",), board.clock.now)


def two_sources():
    board = Board()
    board.clock.set(T, 20, None, "x")
    board.go(0, 600000)
    words = ("since x", "600 s more", "SNTP")
    told("frozen ticks", ClockDisagreement, words, board.clock.require, b"s3")
    true("reported", "more than the ticks" in board.events[-1])
    board = Board()
    board.clock.set(T, 20, None, "x")
    board.go(600000, 0)
    told("a frozen RTC", ClockDisagreement, ("600 s less",), board.clock.require, b"s3")
    board = Board(wall=False)
    board.clock.set(T, 20, None, "x")
    board.go(0, 600000)
    equal("nobody to notice", board.clock.estimate()[0], T)
    board = Board(wall_ppm=1000)
    board.clock.set(T, 20, None, "x")
    board.go(DAY, DAY + 94000)
    equal("apart within what both may drift", board.clock.estimate()[0], T + DAY)
    board.go(1000, 6000)
    raises("a little more", ClockDisagreement, board.clock.now)
    board = Board(wall_ppm=100000, drift_ppm=0)
    board.clock.set(T, 20, None, "x")
    board.go(100000, 113000)
    equal("it is the longer that drifts", board.clock.estimate()[0], T + 100000)
    board.go(0, 3000)
    raises("but not so far", ClockDisagreement, board.clock.now)
    board = Board()
    board.clock.set(T, 20, None, "x")
    board.go(1000, 1000 - 2 * HOUR)
    words = ("7200 s less", "UTC-2")
    told("the RTC was set to local time", ClockDisagreement, words, board.clock.now)
    board = Board()
    board.rtc = 0
    board.clock.set(T, 20, None, "x")
    board.go(HOUR)
    board.rtc = T // 1000
    board.clock.rtc_was_set()
    board.go(HOUR)
    equal("set on purpose", board.clock.estimate()[0], T + 2 * HOUR)
    board.go(0, 30000)
    raises("and watched from there", ClockDisagreement, board.clock.now)
    board = Board()
    board.clock.set(T, 20, None, "x")
    board.go(HOUR, HOUR * 95 // 100)
    board.clock.slept(HOUR)
    wanted = 20 + growth(HOUR + 1, 50000) + growth(HOUR + 1, 100) + 1
    equal("light sleep", board.clock.estimate()[1], wanted)
    board = Board()
    board.clock.set(T, 20, None, "x")
    board.go(HOUR)
    board.rtc = 5
    equal("not told: lost", board.clock.usable(), False)


def drifting():
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "x")
    board.go(HOUR)
    clock.set(T + HOUR + 300, 10, None, "y")
    equal("within: no word of it", len(board.events), 1)
    equal("it is measured", clock.drift_seen_ppm, -84)
    equal("the narrower counts", clock.estimate(), (T + HOUR + 300, 12))
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "x")
    board.go(10 * HOUR)
    before = len(board.events)
    clock.set(T + 10 * HOUR - 36000, 20, None, "y")
    equal("10 x the budget: the sync repairs it", clock.estimate()[0], T + 10 * HOUR - 36000)
    equal("and says so", len(board.events), before + 1)
    text = board.events[-1]
    true("by how much", "36000 ms in 36000 s" in text and "100 ppm" in text and "y" in text, text)
    board.go(10 * HOUR)
    told(
        "100 x is no drift",
        ClockDisagreement,
        ("360 s", "said"),
        clock.set,
        T + 20 * HOUR + 324000,
        20,
        None,
        "z",
    )


def agreement_in_parts():
    board = Board()
    clock = board.clock
    clock.set(T, 1000, None, "x")
    clock.set(T + 1500, 1200, None, "wider")
    equal("what both have in common", clock.now(), (T + 298, T + 1004))
    clock.set(T + 800, 100, None, "narrower")
    equal("the narrower", clock.estimate(), (T + 800, 102))
    clock.set(T + 950, 80, None, "narrower still")
    equal("even where it reaches beyond", clock.now(), (T + 868, T + 1032))
    clock.set(T + 800, 100, None, "narrower")
    clock.anchor(T + 800, 100, "x", SNTP)
    equal("too soon to confirm", clock.confirmed, False)
    board.go(60000)
    clock.set(T + 60800, 100, None, "narrower")
    equal("later it does", clock.confirmed, True)
    board = Board()
    clock = board.clock
    clock.set(T, 1000, None, "x")
    board.go(60000)
    clock.set(T + 60000 + 20000, 1000, None, "y")
    equal("apart by less than the margin: both", (clock.estimate()[0] - T + 50) // 100, 700)
    true("and how unsure that is", 11000 <= clock.estimate()[1] <= 11020, clock.estimate())
    true("told", "both may be right" in board.events[-1])
    equal("proves nothing", clock.confirmed, False)
    board = Board()
    clock = board.clock
    clock.set(T, 1000, None, "x")
    clock.set(T - 20000, 2000, None, "y")
    equal("the other way", clock.now(), (T - 22002, T + 1004))


def disputes():
    def disputed(off=HOUR):
        board = Board()
        board.clock.set(T, 20, None, "3 of 3")
        board.go(HOUR)
        words = ("2 of 3 is %d s off what 3 of 3 said" % (off // 1000), "again")
        told(
            "dispute", ClockDisagreement, words, board.clock.set, T + HOUR + off, 30, None, "2 of 3"
        )
        told("no date", ClockDisagreement, words, board.clock.require, b"s3")
        told(
            "not fresh",
            ClockDisagreement,
            words,
            board.clock.check_fresh,
            "20270101T000000Z",
            b"s3",
        )
        return board, board.clock

    for off, zone in ((HOUR, "UTC+1 "), (-HOUR, "UTC-1 "), (-19800000, "UTC-5:30 ")):
        _, clock = disputed(off)
        told("a zone", ClockDisagreement, ("local time at " + zone,), clock.now)
    _, clock = disputed(500000)
    true("no zone", "local" not in str(raises("still", ClockDisagreement, clock.now)))
    # Settled for what was known ...
    board, clock = disputed()
    clock.set(T + HOUR, 20, None, "3 of 4")
    equal("by other servers", clock.estimate()[0], T + HOUR)
    true("told", "2 of 3 is outvoted: 3 of 4 stands by 3 of 3" in board.events)
    board, clock = disputed()
    equal("by a verified Date", clock.hear(T + HOUR, 1500, None, "h", True), False)
    equal(
        "as it was", (clock.estimate()[0], clock.rank, clock.confirmed), (T + HOUR, VERIFIED, True)
    )
    # ... or for the new.
    board, clock = disputed()
    equal("a verified Date stands by it", clock.hear(T + 2 * HOUR, 1500, None, "h", True), True)
    equal("moved", (clock.estimate()[0], clock.rank), (T + 2 * HOUR, VERIFIED))
    board, clock = disputed()
    board.go(59000)
    raises("too soon", ClockDisagreement, clock.set, T + 2 * HOUR + 59000, 20, None, "2 of 3")
    board.go(1000)
    clock.set(T + 2 * HOUR + 60000, 20, None, "2 of 3")
    equal("once more, a minute later", clock.estimate()[0], T + 2 * HOUR + 60000)
    true("told", "moved 3600 s: 2 of 3 stands by 2 of 3" in board.events[-1], board.events)
    board, clock = disputed()
    board.go(60000)
    raises("a third opinion", ClockDisagreement, clock.set, T + 9 * HOUR, 20, None, "other")
    board.go(60000)
    raises("a fourth", ClockDisagreement, clock.set, T + 2 * HOUR, 20, None, "2 of 3")
    board, clock = disputed()
    raises("it may be either", ClockDisagreement, clock.set, T + 3 * HOUR // 2, 3 * HOUR, None, "z")


def servers_words():
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "3 of 3")
    equal("over HTTP", clock.hear(T + HOUR, 500, None, "h", False), False)
    words = ("h says", "3600 s from this clock", "not verified")
    true("a diagnosis", [w for w in words if w in clock.diagnosis] == list(words), clock.diagnosis)
    equal("nothing moved", (clock.estimate()[0], clock.rank), (T, SNTP))
    equal("agrees", clock.hear(T + 700, 1000, None, "h", True), False)
    equal("confirmed", (clock.confirmed, clock.rank, clock.estimate()), (True, VERIFIED, (T, 22)))
    # Cross-check: who set us by SNTP colluded.
    board = Board()
    clock = board.clock
    clock.set(T + HOUR, 20, None, "2 of 3")
    words = ("h is -3600 s off what 2 of 3 said", "UTC-1 ", "another verified server")
    told("collusion", ClockDisagreement, words, clock.hear, T, 1000, None, "h", True)
    told("no date", ClockDisagreement, words, clock.require, b"s3")
    board.go(61000)
    told("nor by the same again", ClockDisagreement, words, clock.set, T + HOUR, 20, None, "2 of 3")
    told("nor h", ClockDisagreement, words, clock.hear, T + 61000, 1000, None, "h", True)
    equal("another verified server", clock.hear(T + 61000, 1000, None, "g", True), True)
    equal("moves it back", clock.estimate()[0], T + 61000)
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "3 of 3")
    for host in ("h", "g", "f"):
        told("days off", ClockDisagreement, (), clock.hear, T + 3 * DAY, 1000, None, host, True)
    board.go(HOUR)
    clock.set(T + 3 * DAY + HOUR, 20, None, "3 of 3")
    equal("it takes SNTP to go so far", clock.estimate()[0], T + 3 * DAY + HOUR)
    board = Board()
    clock = board.clock
    clock.set(T + HOUR, 20, None, "2 of 3")
    raises("collusion", ClockDisagreement, clock.hear, T, 1000, None, "h", True)
    board.go(DAY)
    clock.set(T + DAY, 20, None, "3 of 3")
    equal("honest SNTP servers, too", clock.estimate()[0], T + DAY)
    # A server that is wrong.
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "3 of 3")
    raises("against SNTP", ClockDisagreement, clock.hear, T + HOUR, 1000, None, "bad", True)
    clock.hear(T, 1000, None, "g", True)
    equal("outvoted", (clock.outvoted, clock.estimate()[0]), ("bad", T))
    equal("not asked again", clock.hear(T + HOUR, 1000, None, "bad", True), False)
    true("but noted", "outvoted" in clock.diagnosis and "bad" in clock.diagnosis)
    equal("it goes on", len(clock.require(b"s3")), 16)
    true("by how much", " 3600 s off" in clock.diagnosis, clock.diagnosis)
    for off, moved in ((998, False), (1000, True)):
        board = Board()
        board.clock.set(T, 2000, None, "x")
        equal("moved by %d ms" % off, board.clock.hear(T + off, 500, None, "h", True), moved)
        equal("narrower", board.clock.estimate(), (T + off, 502))
        true("told", "h moves it %d ms" % off in board.events[-1], board.events[-1])
    # Many words can't move it out of what SNTP said, nor a wrong one a little at a time.
    board = Board()
    clock = board.clock
    clock.set(T, 2000, None, "3 of 3")
    for step in range(1, 40):
        clock.hear(T + step * 500, 500, None, "h", True)
    true("dragged no further", clock.now()[1] <= T + 2004, clock.now()[1] - T)
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "3 of 3")
    equal("two minutes off", clock.hear(T + 121000, 1000, None, "lan", True), False)
    equal("are noted only", clock.estimate(), (T, 22))
    true("so", "lan is 121 s off what 3 of 3 said" in clock.diagnosis, clock.diagnosis)
    raises("no more", ClockDisagreement, clock.hear, T + 121100, 1000, None, "lan", True)
    board = Board(max_move_ms=0)
    clock = board.clock
    clock.set(T, 20, None, "3 of 3")
    equal("not asked for", clock.hear(T + HOUR, 500, None, "h", True), False)
    true("a diagnosis", "not asked" in clock.diagnosis and "3600 s" in clock.diagnosis)
    equal("no rank by it", (clock.rank, clock.confirmed), (SNTP, False))
    # Whose word confirms what.
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "3 of 3")
    clock.hear(T, 1000, None, "h", True)
    equal("a server confirms SNTP", clock.confirmed, True)
    clock.anchor(T, 1000, "h", VERIFIED)
    clock.hear(T, 900, None, "h", True)
    equal("not itself", clock.confirmed, False)
    clock.set(T, 20, None, "3 of 3")
    equal("SNTP confirms a server", clock.confirmed, True)
    clock.anchor(T, 1000, "the RTC", RTC)
    clock.hear(T, 1100, None, "h", True)
    equal("the RTC confirms nothing", clock.confirmed, False)
    # SNTP against what a verified server stood by: it takes a day.
    for wait, good in ((2 * HOUR, False), (DAY, True)):
        board = Board()
        clock = board.clock
        clock.set(T, 20, None, "3 of 3")
        clock.hear(T, 1000, None, "h", True)
        raises("against", ClockDisagreement, clock.set, T + HOUR, 20, None, "2 of 3")
        board.go(wait)
        if good:
            clock.set(T + HOUR + wait, 20, None, "2 of 3")
            equal("a day of it", clock.estimate()[0], T + HOUR + wait)
        else:
            raises("no", ClockDisagreement, clock.set, T + HOUR + wait, 20, None, "2 of 3")


def resumed_clock():
    """What may move a clock that rests on the RTC."""

    def resumed(off):
        board = Board()
        board.clock.set(T, 20, None, "3 of 3")
        record = board.clock.suspend(board.rtc)
        board.go(HOUR, HOUR + off)
        board.boot().resume(record, board.rtc)
        return board, board.clock

    board, clock = resumed(0)
    equal("rank", clock.rank, RTC)
    board, clock = resumed(1000000)
    equal("a Date corrects it", clock.hear(T + HOUR, 1000, None, "h", True), True)
    equal("to", (clock.estimate()[0], clock.rank), (T + HOUR, VERIFIED))
    true("told", "the RTC's time was 1000 s off" in board.events[-1], board.events[-1])
    true("and before", "resumed after 4600 s" in board.events[-2], board.events[-2])
    for off, good in ((DAY, True), (DAY + 1000, False), (30 * DAY, False)):
        board, clock = resumed(0)
        if good:
            equal("24 h", clock.hear(T + HOUR + off, 1000, None, "h", True), True)
        else:
            words = ("h is %d s off" % (off // 1000),)
            told(
                "further", ClockDisagreement, words, clock.hear, T + HOUR + off, 9, None, "h", True
            )
            told("and no date", ClockDisagreement, words, clock.require, b"s3")
            clock.set(T + HOUR + off, 20, None, "3 of 3")
            equal("SNTP stands by it", clock.estimate()[0], T + HOUR + off)
    board, clock = resumed(DAY)
    clock.set(T + HOUR, 20, None, "3 of 3")
    equal("SNTP corrects it", (clock.estimate()[0], clock.rank), (T + HOUR, SNTP))


def floors():
    board = Board()
    clock = board.clock
    equal("build date", clock.floor_ms, BUILT)
    words = ("liars says", BUILD_DATE[:4], "below the floor", "store")
    told("before it", ClockRollback, words, clock.set, BUILT - HOUR, 500, None, "liars")
    told("and 1970", ClockRollback, ("19700101",), clock.set, 5, 0, None, "liars")
    words = ("3600 s below",)
    told("how far", ClockRollback, words, clock.set, BUILT - HOUR - 1, 500, None, "liars")
    told("not set by it", ClockNotSet, ("evidence",), clock.now)
    clock.set(BUILT - 100, 400, None, "x")
    equal("partly above", clock.now(), (BUILT, BUILT + 302))
    clock = board.boot()
    clock.set(T, 20, None, "x")
    told("a server", ClockRollback, ("h says",), clock.hear, BUILT - HOUR, 9, None, "h", True)
    equal("is no reason to stop", clock.estimate()[0], T)
    clock.floor_ms = T + DAY
    told("risen above it", ClockRollback, ("86400 s below", "SNTP"), clock.require, b"s3")
    # One answer does not raise the floor; a second or a verified one does.
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "x")
    clock.suspend(board.rtc)
    equal("one answer", clock.floor_ms, BUILT)
    board.go(HOUR)
    clock.set(T + HOUR, 20, None, "x")
    clock.suspend(board.rtc)
    equal("two", clock.floor_ms, T + HOUR - 22)


def reset_and_sleep():
    board = Board()
    clock = board.clock
    clock.set(T, 20, None, "x")
    clock.hear(T, 900, None, "h", True)
    board.go(HOUR)
    record = clock.suspend(board.rtc)
    equal("size", len(record), SIZE)
    half = clock.estimate()[1]
    board.go(8 * HOUR)
    clock = board.boot(ticks=77)
    equal("deep sleep", clock.resume(record, board.rtc), True)
    middle, width = clock.estimate()
    equal("the time", middle, T + 9 * HOUR)
    equal("how sure", width, half + growth(8 * HOUR + 1000, 50000) + 1002)
    equal("the floor", clock.floor_ms, T + HOUR - half)
    equal("again", clock.resume(record, board.rtc), False)
    told("too far off", ClockUncertain, ("1518 s", "900"), clock.require, b"s3")
    # 1.05 x over deep sleep.
    for hours, services in ((1, (b"s3", b"sqs")), (4, (b"s3",))):
        slept = hours * HOUR
        clock = board.boot()
        board.rtc = T // 1000 + 3600
        board.go(slept, slept * 105 // 100)
        clock.resume(record, board.rtc)
        earliest, latest = clock.now()
        true("1.05 x for %d h" % hours, earliest <= T + HOUR + slept <= latest)
        for service in services:
            off = to_seconds(clock.require(service)) - (T + HOUR + slept) // 1000
            true("its date", abs(off) < 270 if service == b"sqs" else abs(off) < 870)
        if len(services) < 2:
            raises("not for sqs", ClockUncertain, clock.require, b"sqs")
    # Power was off: the RTC starts anew.
    for start in (946684800, 1609459200):
        clock = board.boot()
        equal("power was off", clock.resume(record, start), False)
        told("no time", ClockNotSet, ("SNTP",), clock.require, b"s3")
        equal("the floor holds", clock.floor_ms, T + HOUR - half)
        true("told", "power was off" in board.events[-1])
    clock = board.boot()
    words = ("set back", "UTC-2", "SNTP")
    told("set back", ClockRollback, words, clock.resume, record, T // 1000 - 3600)
    told("stays", ClockRollback, ("set back",), clock.require, b"s3")
    told("rollback below the floor", ClockRollback, ("floor",), clock.set, T, 9, None, "liars")
    clock.set(T + 2 * HOUR, 20, None, "x")
    equal("until evidence comes", clock.estimate()[0], T + 2 * HOUR)
    # Nothing of use.
    for name, what in (
        ("none", None),
        ("short", record[:-1]),
        ("foreign", b"\x00" + record[1:]),
        ("long", record + b"\x00"),
        ("the year 4000", record[:2] + b"\xff" * 8 + record[10:]),
    ):
        clock = board.boot()
        equal(name, clock.resume(what, board.rtc), False)
        equal("floor after " + name, clock.floor_ms, BUILT)
    # A rollback across a reboot without a record: only the build date stands against it.
    clock = board.boot()
    clock.set(BUILT + DAY, 20, None, "liars")
    equal("named in the docs", clock.estimate()[0], BUILT + DAY)


def marks():
    """An RTC that was not set to UTC is no clock to go on from."""
    for rtc in (946684800 + 500, T // 1000 + 7200, T // 1000 - 1):
        board = Board()
        board.rtc = rtc
        clock = board.clock
        clock.set(T, 20, None, "x")
        good = abs(rtc - T // 1000) < 2
        record = clock.suspend(rtc)
        clock = board.boot()
        equal("resumes from %d" % rtc, clock.resume(record, rtc + 60), good)
        if not good:
            true("told why", "not resumable: the RTC" in board.events[-1], board.events[-1])
    board = Board()
    record = board.clock.suspend(T // 1000)
    equal("no estimate, no mark", board.boot().resume(record, T // 1000), False)


def soft_reset():
    board = Board(ticks=1000)
    board.clock.set(T, 20, None, "x")
    record = board.clock.suspend(board.rtc)
    board.go(HOUR)
    clock = board.boot(ticks=board.count)
    equal("the ticks ran on", clock.resume(record, board.rtc, True), True)
    equal("so it is sure", clock.estimate(), (T + HOUR, 22 + growth(HOUR + 1000, 100) + 1002))
    for off in (170, -170):  # the RTC is no better than asleep_ppm says
        clock = board.boot(ticks=board.count)
        equal("RTC %d s beside the ticks" % off, clock.resume(record, board.rtc + off, True), True)
        equal("the ticks count", clock.estimate()[0], T + HOUR)
    for off, words in ((2 * HOUR, ("7200 s", "UTC+2")), (-600000, ("set back",))):
        clock = board.boot(ticks=board.count)
        error = ClockDisagreement if off > 0 else ClockRollback
        rtc = board.rtc + off // 1000 if off > 0 else T // 1000 - 600
        told("somebody set the RTC", error, words, clock.resume, record, rtc, True)
        told("no date", error, words, clock.require, b"s3")


def rtc_diagnoses():
    board = Board()
    clock = board.clock
    told("without a time", ClockNotSet, (), clock.diagnose_rtc, T // 1000)
    clock.set(T, 20, None, "x")
    for off in (0, 1, -1):
        equal("right", clock.diagnose_rtc(T // 1000 + off), None)
    for off, zone in (
        (7200, "UTC+2;"),
        (-19800, "UTC-5:30;"),
        (20700, "UTC+5:45;"),
        (50430, "UTC+14;"),
    ):
        text = clock.diagnose_rtc(T // 1000 + off) or ""
        true(zone, "local time, " + zone in text and "mpremote" in text and "UTC" in text, text)
    for seconds, words in (
        (946684800 + 90, "not set since power"),
        (1609459200, "20210101T000000Z"),
        (T // 1000 + 500, "500 s off"),
        (T // 1000 + 54000, "54000 s off"),
        (-5, "19700101T000000Z"),
    ):
        text = clock.diagnose_rtc(seconds) or ""
        true(words, words in text and "set it to UTC" in text and "local" not in text, text)


def years():
    for date in (
        "20360207T062814Z",  # the NTP era's last second is 06:28:15
        "20380119T031407Z",  # 2**31 - 1
        "20680120T031400Z",  # ticks of 2**30 - 1 seconds from 2034
        "20991231T235959Z",
        "21060207T062815Z",  # 2**32 - 1
        "21991231T000000Z",
    ):
        board = Board()
        at = to_seconds(date)
        board.rtc = at
        clock = board.clock
        clock.set(at * 1000, 20, None, "x")
        equal(date, clock.require(b"s3"), date.encode())
        board.go(HOUR)
        equal("an hour later", to_seconds(clock.require(b"s3")), at + 3600)
        clock.hear((at + 3600) * 1000, 999, None, "h", True)
        record = clock.suspend(board.rtc)
        board.go(HOUR)
        clock = board.boot()
        equal("asleep", clock.resume(record, board.rtc), True)
        equal("two hours later", to_seconds(clock.require(b"s3")), at + 7200)


def port_defaults():
    clock = TrustedClock()
    clock.set(T, 20, None, "x")
    earliest, latest = clock.now()
    true("its own ticks", earliest <= T + 60000 and latest - earliest < 60000)
    equal("and a date", len(clock.require(b"s3")), 16)


_section.run(
    evidence,
    tolerances,
    presigned_urls,
    freshness,
    ticks_wrap,
    two_sources,
    drifting,
    agreement_in_parts,
    disputes,
    servers_words,
    resumed_clock,
    floors,
    reset_and_sleep,
    marks,
    soft_reset,
    rtc_diagnoses,
    years,
    port_defaults,
)
