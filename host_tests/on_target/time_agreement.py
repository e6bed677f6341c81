"""Which servers are believed, when they are asked, and what their words mean: the pure parts."""

import _section
from _check import equal, raises, true

from sigv4_mp.device.agreement import agree, agree_by_name
from sigv4_mp.device.poll import LEAST_MS, Peer, Poll
from sigv4_mp.errors import ClockDisagreement, ServiceError
from sigv4_mp.net import evidence
from sigv4_mp.net.httpdate import http_seconds

HOUR = 3600000
T = 1900000000000


def claim(name, off, half=50):
    return (name, T + off - half, T + off + half)


def found(claims, least=2):
    low, high, agreed, false = agree(claims, least)
    return low - T, high - T, sorted(agreed), sorted(false)


def agreement():
    three = [claim("a", 0), claim("b", 10), claim("c", -20)]
    equal("what two of three share", found(three), (-50, 50, ["a", "b", "c"], []))
    liar = [claim("a", 0), claim("b", HOUR), claim("c", -20)]
    equal("one liar is outvoted and named", found(liar), (-50, 30, ["a", "c"], ["b"]))
    equal("whatever the order", found(liar[::-1]), (-50, 30, ["a", "c"], ["b"]))
    equal("just touching is agreeing", found([claim("a", 0), claim("b", 100)])[:2], (50, 50))
    equal("one, if you say so", found([claim("a", 5)], 1), (-45, 55, ["a"], []))
    equal("a wide one spoils nothing", found(three + [claim("w", 900, 3000)])[:2], (-50, 50))
    equal("within another", found([claim("a", 0, 1000), claim("b", 10)])[:2], (-40, 60))
    chain = [claim("a", -80), claim("b", 0), claim("c", 80)]
    equal("two pairs: both places", found(chain), (-50, 50, ["a", "b", "c"], []))
    for name, claims, least in (
        ("two who disagree", [claim("a", 0), claim("b", HOUR)], 2),
        ("two who disagree, one would do", [claim("a", 0), claim("b", HOUR)], 1),
        ("two liars who disagree", [claim("a", 0), claim("b", HOUR), claim("c", -HOUR)], 2),
        ("half is no majority", [claim(n, o) for n, o in zip("abcd", (0, 1, HOUR, HOUR))], 2),
        ("fewer than must", three, 4),
        ("off by one ms", [claim("a", 0), claim("b", 101)], 2),
    ):
        error = raises(name, ClockDisagreement, agree, claims, least)
        true("all are named", error and all(claim[0] in str(error) for claim in claims))
    error = raises("an hour", ClockDisagreement, agree, [claim("a", 0), claim("b", HOUR)], 2)
    true("and how far apart", "b +3600 s" in str(error) and "a +0 s" in str(error), str(error))


_state = [1]


def random():
    """Return 1..2**31-2: a small generator that is the same everywhere."""
    _state[0] = (_state[0] * 16807) % 2147483647
    return _state[0]


def promise():
    """While more than half are honest the truth is inside, whatever the others claim."""
    bad = []
    widest = 0
    for _ in range(3000):
        count = 1 + random() % 7
        liars = random() % ((count + 1) // 2)
        claims = []
        for i in range(count - liars):
            half = random() % 300
            off = random() % (2 * half + 1) - half
            claims.append(("h%d" % i, T + off - half, T + off + half))
        for i in range(liars):  # somewhere near, so that they overlap with some
            start = T + random() % 1600 - 800
            claims.insert(random() % count, ("l%d" % i, start, start + random() % 400))
        low, high, agreed, false = agree(claims, 1)
        if not low <= T <= high or [name for name in false if name[0] == "h"]:
            bad.append(claims)
        widest = max(widest, high - T, T - low)
    equal("the truth is inside, no honest one is outvoted", bad, [])
    true("and nobody pulls further than an honest server is unsure", widest <= 600, widest)
    three = [claim("a", 0, 10), claim("b", 14, 6), claim("c", 14, 6)]
    low, high, _, _ = found(three + [claim("l", 15, 2), claim("m", 15, 2)])
    true("liars on the edge of honest ones", low <= 9 <= high, (low, high))


def names():
    pool = [claim("p%d" % i, 10 * i) for i in range(4)]
    low, high, agreed, false = agree_by_name({"p": pool}, 2)
    equal("one name, its addresses are servers", (len(agreed), false), (4, []))
    liars = [claim("l%d" % i, HOUR) for i in range(4)]
    groups = {"l": liars, "b": [claim("b", 0)], "c": [claim("c", 5)]}
    low, high, agreed, false = agree_by_name(groups, 2)
    equal("four addresses of one name have one vote", (agreed, false), (["b", "c"], ["l"]))
    mixed = {"p": pool[:2] + liars[:1], "b": [claim("b", 0)]}
    low, high, agreed, false = agree_by_name(mixed, 2)
    equal("a liar within a name", (agreed, false), (["b", "p"], ["l0"]))
    torn = {"p": [claim("x", 0), claim("y", HOUR)], "b": [claim("b", 0)], "c": [claim("c", 1)]}
    low, high, agreed, false = agree_by_name(torn, 2)
    equal("a name that contradicts itself has no vote", (agreed, false), (["b", "c"], ["p"]))
    del torn["c"]
    raises("so one is left", ClockDisagreement, agree_by_name, torn, 2)
    two = {"a": [claim("a", 0)], "b": [claim("b", 1), claim("b2", 2)]}
    equal("fewer names than must agree", len(agree_by_name(two, 3)[2]), 3)


def manners():
    peer = Peer("x")
    equal("a first question", peer.wait_ms(5), 0)
    peer.asked(0x3FFFFFFF)
    equal("15 s to wait", peer.wait_ms(0x3FFFFFFF), LEAST_MS)
    equal("over the turn of the ticks", peer.wait_ms(999), LEAST_MS - 1000)
    equal("then it may be asked", peer.wait_ms(LEAST_MS), 0)
    equal("a week later", peer.wait_ms(0x3FFFFFFF - 1000), 0)
    peer.kissed("RATE", 0)
    equal("RATE doubles", peer.rest_ms, 2 * LEAST_MS)
    peer.kissed("RATE", 900000)
    equal("what is done at present", peer.rest_ms, 1800000)
    for _ in range(20):
        peer.kissed("RATE", 900000)
    equal("up to a day", peer.rest_ms, 86400000)
    peer.kissed("STEP", 0)
    peer.kissed("?", 0)
    equal("others mean: not now", (peer.denied, peer.rest_ms), (None, 86400000))
    for code in ("DENY", "RSTR"):
        peer = Peer("x")
        peer.kissed(code, 0)
        equal("for good", peer.denied, code)


def polls():
    poll = Poll()
    equal("at first", poll.interval_ms, 900000)
    poll.learned(None)
    equal("nothing was measured", poll.interval_ms, 900000)
    for ppm, wanted in (
        (10, 1800000),
        (-10, 3600000),
        (50, 7200000),
        (300, 3333333),
        (10, 6666666),
    ):
        poll.learned(ppm)
        equal("after %d ppm" % ppm, poll.interval_ms, wanted)
    for _ in range(5):
        poll.learned(0)
    equal("at most 8 h", poll.interval_ms, 28800000)
    poll.learned(50000)
    equal("at least 15 min", poll.interval_ms, 900000)
    equal("not before", poll.next_ms(b"\x00\x00"), 810000)
    equal("in the middle", poll.next_ms(b"\x80\x00"), 900000)
    true("not after", 989900 < poll.next_ms(b"\xff\xff") <= 990000)
    poll.learned(0)
    poll.failed()
    equal("after a failure", poll.interval_ms, 900000)


def words():
    moment = 784111777000
    equal("Date", evidence.date("Sun, 06 Nov 1994 08:49:37 GMT"), (moment + 500, 500))
    for text in (
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    ):
        equal("no Date: %r" % text, evidence.date(text), None)
    equal("the same for Retry-After", http_seconds("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777)
    equal("ServerTime", evidence.iso("1994-11-06T08:49:37Z"), (moment + 500, 500))
    for text in ("", "1994-11-06 08:49:37Z", "1994-13-06T08:49:37Z", "19941106T084937Z", "x" * 20):
        equal("no ServerTime: %r" % text, evidence.iso(text), None)
    expired = "Signature expired: 19941106T083000Z is now earlier than %s (%s - %s min.)"
    early = "Signature not yet current: 19941106T090000Z is still later than %s (%s + %s min.)"
    for minutes, limit in (("5", "084437"), ("15", "083437"), ("0", "084937")):
        text = expired % ("19941106T%sZ" % limit, "19941106T084937Z", minutes)
        equal("expired, %s min" % minutes, evidence.spoken(text), (moment + 500, 500))
    text = early % ("19941106T085437Z", "19941106T084937Z", "5")
    equal("not yet current", evidence.spoken(text), (moment + 500, 500))
    equal("the rest is of no account", evidence.spoken("a: " + text + " b"), (moment + 500, 500))
    for text in (
        "",
        "Signature expired",
        expired % ("19941106T084437Z", "19941106T084937Z", "6"),
        expired % ("19941106T084437Z", "19941106T084937Z", "-5"),
        expired % ("x", "19941106T084937Z", "5"),
        expired % ("19941106T084437Z", "x", "5"),
        early % ("19941106T084437Z", "19941106T084937Z", "5"),
        "(19941106T084937Z - 5 min.)",
    ):
        equal("says nothing: %r" % text, evidence.spoken(text), None)


class Response:
    def __init__(self, **headers):
        self.headers = headers


def answers():
    date = "Sun, 06 Nov 1994 08:49:37 GMT"
    said = (784111777500, 500)
    equal("its Date", evidence.said(Response(date=date)), said)
    equal("out of a cache", evidence.said(Response(date=date, age="0")), None)
    error = ServiceError(403, "RequestTimeTooSkewed", "x")
    equal("nothing", evidence.said(Response(), error), None)
    error.server_time = "1994-11-06T08:49:37Z"
    equal("ServerTime", evidence.said(Response(), error), said)
    text = "Signature expired: 19941106T083000Z is now earlier than 19941106T084437Z "
    error = ServiceError(403, "InvalidSignatureException", text + "(19941106T084937Z - 5 min.)")
    equal("its message", evidence.said(Response(date="rubbish"), error), said)


_section.run(agreement, promise, names, manners, polls, words, answers)
