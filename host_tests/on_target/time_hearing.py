"""What an exchange does with the server's word: the clock hears it, and a skewed request is sealed
anew exactly once; over plain HTTP it is only told. No socket: the peer is a script.
"""

import _section
from _check import equal, raises, true
from time_world import HOUR, TRUTH, World, http_date

from sigv4_mp import Credentials, Signer
from sigv4_mp.amzdate import from_seconds, iso8601
from sigv4_mp.device.clock import FixedClock
from sigv4_mp.device.trusted import RTC, TrustedClock
from sigv4_mp.errors import ClockDisagreement, ClockError, ServiceError
from sigv4_mp.net import steps
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.retry import Policy
from sigv4_mp.services.fault import Fault

KEYS = Credentials("AKID", "secret")
S3_SKEW = (
    "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message>"
    "<ServerTime>%s</ServerTime></Error>"
)


class Service:
    """Answers each request by its x-amz-date, as a service would. off: of its own clock, ms."""

    def __init__(self, off=0, tolerance=900, dated=True, code=None, extra=""):
        self.world = World()
        self.off = off
        self.tolerance = tolerance
        self.dated = dated
        self.code = code
        self.extra = extra
        self.heads = []
        self._answer = b""

    def perform(self, step):
        if step.op == steps.SEND:
            self.world.now += 20
            head = bytes(memoryview(step.buffer)[step.start : step.length])
            self.heads.append(head)
            self._answer = self.answer(head)
        elif step.op == steps.RECV:
            count = min(step.length, len(self._answer))
            step.buffer[:count] = self._answer[:count]
            self._answer = self._answer[count:]
            return count
        elif step.op == steps.RECV_NOW:
            return -1
        elif step.op in (steps.TICKS, steps.SLEEP):
            return self.world.perform(step)

    def answer(self, head):
        now = (self.world.now + self.off) // 1000
        at = head.find(b"X-Amz-Date: ") + 12
        sent = head[at : at + 16]
        low, high = from_seconds(now - self.tolerance), from_seconds(now + self.tolerance)
        if self.code or not low <= sent <= high:
            status = "403 Forbidden"
            body = S3_SKEW % iso8601(from_seconds(now))
            body = body.replace("RequestTimeTooSkewed", self.code or "RequestTimeTooSkewed")
        else:
            status, body = "200 OK", "fine"
        date = "Date: %s\r\n" % http_date(now) if self.dated else ""
        head = "HTTP/1.1 %s\r\n%s%sContent-Length: %d\r\n\r\n" % (
            status,
            date,
            self.extra,
            len(body),
        )
        return (head + body).encode()

    def dates(self):
        return [head[head.find(b"X-Amz-Date: ") + 12 :][:16] for head in self.heads]


def clock_of(service, off, rank):
    """Return a clock that is off ms off; rank: what it rests on."""
    clock = TrustedClock(ticks=service.world.ticks, wall=False)
    clock.anchor(TRUTH + off, 1000, "test", rank)
    return clock


def ask(service, clock, scheme="https", attempts=4):
    signer = Signer(KEYS, "us-east-1", "s3", clock)
    exchange = Exchange(insecure_http=True, policy=Policy(attempts), entropy=bytes)
    url = scheme + "://s3.example.com/b/k"
    operation = exchange.run(lambda: signer.sign("GET", url), fault=Fault)
    return steps.drive(operation, service.perform)


def sealed_anew():
    for off in (HOUR, -HOUR, 20 * HOUR):
        service = Service()
        clock = clock_of(service, off, RTC)
        equal("off by %d s: mended" % (off // 1000), ask(service, clock).status, 200)
        equal("with two requests", len(service.heads), 2)
        true("the second one has another date", len(set(service.dates())) == 2, service.dates())
        true("it is logged", clock.log and "s3.example.com" in clock.log[-1][1], clock.log)
        equal("the next one is right at once", ask(service, clock).status, 200)
        equal("", len(service.heads), 3)
    service = Service(dated=False)
    equal("by ServerTime alone", ask(service, clock_of(service, HOUR, RTC)).status, 200)
    for code in ("RequestExpired", "RequestInTheFuture", "AuthFailure", "SignatureDoesNotMatch"):
        service = Service(code=code)
        error = raises(code, ServiceError, ask, service, clock_of(service, HOUR, RTC))
        equal("%s: once, not for ever" % code, len(service.heads), 2)
        true("both clocks are told, if they differ", error.code == code)
    service = Service(code="AccessDenied")
    raises("not a matter of time", ServiceError, ask, service, clock_of(service, HOUR, RTC))
    equal("is not sealed anew", len(service.heads), 1)


def bounds():
    """What a server may not do to a clock, verified or not."""
    service = Service(off=48 * HOUR)
    clock = clock_of(service, 0, RTC)
    error = raises("a Date two days off", ServiceError, ask, service, clock)
    true("the error says why it was not followed", "s3.example.com" in str(error), str(error))
    equal("not sealed anew", len(service.heads), 1)
    raises("nothing is signed until it is decided", ClockDisagreement, ask, service, clock)
    equal("nor sent", len(service.heads), 1)
    service = Service(off=HOUR)
    clock = clock_of(service, 0, 2)
    error = raises("against SNTP", ServiceError, ask, service, clock)
    equal("one request", len(service.heads), 1)
    raises("a dispute stops signing", ClockError, ask, service, clock)
    service = Service(off=-(TRUTH - 1600000000000))
    clock = clock_of(service, 0, RTC)
    raises("a Date below the floor", ServiceError, ask, service, clock)
    equal("moves nothing", clock.own()[0] // 100000, service.world.now // 100000)
    service = Service(extra="Age: 5\r\n", off=HOUR, tolerance=9000)
    clock = clock_of(service, 0, RTC)
    equal("out of a cache", ask(service, clock).status, 200)
    true("is not heard", abs(clock.own()[0] - service.world.now) < 100)
    service = Service(off=HOUR, tolerance=9000)
    clock = clock_of(service, 0, 2)
    equal("a success stays one", ask(service, clock).status, 200)
    raises("but the contradiction is not forgotten", ClockError, ask, service, clock)


def plain_http():
    """A man in the middle of plain HTTP says what he likes: it is told, and moves nothing."""
    for off in (HOUR, -HOUR):
        for rank in (RTC, 2):
            service = Service(off=off)
            clock = clock_of(service, 0, rank)
            error = raises("a Date over HTTP", ServiceError, ask, service, clock, "http")
            equal("no second request", len(service.heads), 1)
            true("the clock stays", abs(clock.own()[0] - service.world.now) < 10)
            theirs = from_seconds((service.world.now + off) // 1000).decode()[:13]
            ours = clock.require("s3").decode()[:13]
            true("both are told", theirs in str(error) and ours in str(error), str(error))
    service = Service()
    clock = FixedClock(from_seconds((TRUTH - HOUR) // 1000))
    error = raises("a clock that can't hear", ServiceError, ask, service, clock)
    true("is told as well", from_seconds(TRUTH // 1000).decode()[:13] in str(error), str(error))
    equal("once", len(service.heads), 1)
    service = Service(code="SignatureDoesNotMatch")
    clock = FixedClock(from_seconds(TRUTH // 1000))
    error = raises("a wrong secret", ServiceError, ask, service, clock)
    true("is no matter of clocks", "clock" not in str(error), str(error))


def never_after_a_clock_error():
    service = Service()
    clock = TrustedClock(ticks=service.world.ticks, wall=False)
    raises("no evidence", ClockError, ask, service, clock)
    equal("nothing was sent", service.heads, [])
    service = Service(code="SlowDown")
    clock = clock_of(service, 0, 2)
    made = []

    def make():
        made.append(1)
        service.world.now += 2000000  # the request is dated, and then grows old before it goes out
        return signer.sign("GET", "https://s3.example.com/b")

    signer = Signer(KEYS, "us-east-1", "s3", clock)
    real = signer.sign

    def slow(*arguments):
        sealed = real(*arguments)
        service.world.now += 2000000
        return sealed

    signer.sign = slow
    operation = Exchange(entropy=bytes).run(make, fault=Fault)
    raises("too old to be sent", ClockError, steps.drive, operation, service.perform)
    equal("not tried again", (len(made), service.heads), (1, []))


_section.run(sealed_anew, bounds, plain_http, never_after_a_clock_error)
