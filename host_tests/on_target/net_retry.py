"""Retries: the policy alone, then whole operations driven from a script, on a target."""

import io

import _check
from net_script import Peer, Sealed

from sigv4_mp.errors import (
    ClockError,
    CredentialsError,
    ProtocolError,
    RequestError,
    ServiceError,
    TamperError,
)
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.retry import Policy, retriable, retry_after_ms
from sigv4_mp.net.steps import CONNECT, SLEEP, drive

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BODY = b"0123456789" * 10
CODES = (
    "RequestTimeout RequestTimeoutException PriorRequestNotComplete Throttling "
    "ThrottlingException ThrottledException RequestThrottled RequestThrottledException "
    "TooManyRequestsException ProvisionedThroughputExceededException RequestLimitExceeded SlowDown "
    "LimitExceededException BandwidthLimitExceeded EC2ThrottledException "
    "TransactionInProgressException"
)


def refusal(status, more=""):
    text = "HTTP/1.1 %d No\r\n%sContent-Length: 3\r\n\r\nerr" % (status, more)
    return text.encode()


class Body:
    """A body as Exchange.run wants it; opened: how often it was."""

    def __init__(self, data=BODY, rewindable=True):
        self.data = data
        self.rewindable = rewindable
        self.opened = 0

    def open(self, sealed):
        self.opened += 1
        return io.BytesIO(self.data)


class Line:
    """Peers for one attempt after another. answers: bytes, or an exception that connect raises.

    used: the connection of these attempts (counted from 0) is an old one. waits: what was slept.
    """

    def __init__(self, *answers, used=(), fail=None, no_time=False):
        self.answers = answers
        self.used = used
        self.fail = fail or {}
        self.no_time = no_time
        self.peers = []
        self.waits = []
        self.closed = []

    def run(self, operation):
        return drive(operation, self.perform)

    def perform(self, step):
        if step.op == SLEEP:
            if self.no_time:
                raise OSError(110)
            self.waits.append(step.ms)
            return None
        if step.op == CONNECT:
            at = len(self.peers)
            answer = self.answers[min(at, len(self.answers) - 1)]
            failing = isinstance(answer, Exception)
            self.peers.append(Peer(b"" if failing else answer, fail=self.fail.get(at)))
            if failing:
                raise answer
            self.peers[-1].perform(step)
            return at in self.used
        if step.op == 4:
            self.closed.append(step.keep)
        return self.peers[-1].perform(step) if self.peers else None


class Make:
    """Seals a request for each attempt; notes how many there were."""

    def __init__(self, method="PUT", length=100, fail=None):
        self.method = method
        self.length = length
        self.fail = fail
        self.count = 0

    def __call__(self):
        self.count += 1
        if self.fail and self.count == self.fail[0]:
            raise self.fail[1]
        sealed = Sealed(self.method, self.length)
        sealed.head = sealed.head[:-2] + b"X-Try: %d\r\n\r\n" % self.count
        return sealed


def most(count):
    return b"\xff" * count


def exchange(**settings):
    return Exchange(64, 32, entropy=most, policy=Policy(base_ms=100, cap_ms=1000, **settings))


def check_policy():
    policy = Policy(attempts=99, base_ms=100, cap_ms=1000, max_wait_ms=5000, budget=20)
    for failed, top in ((1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (60, 1000)):
        _check.equal("jitter, least, %d" % failed, policy.delay_ms(failed, 0, b"\0\0"), 0)
        _check.equal("jitter, most, %d" % failed, policy.delay_ms(failed, 0, b"\xff\xff"), top)
        half = policy.delay_ms(failed, 0, b"\x80\0")
        _check.true("jitter, middle, %d" % failed, abs(half - top // 2) <= 1, str(half))
        _check.equal("asked to wait, %d" % failed, policy.delay_ms(failed, 70, b"\0\0"), 70)
    _check.equal("too long a wait", "60 s" in policy.refusal(1, 60000), True)
    _check.equal("nothing taken for it", policy.tokens, 20)
    _check.equal("four retries", [policy.refusal(1, 0) for _ in range(4)], [None] * 4)
    _check.true("the budget", "budget" in (policy.refusal(1, 5000) or ""))
    policy.succeeded(0)
    _check.equal("a success gives 1", policy.tokens, 1)
    policy.succeeded(2)
    _check.equal("one after a retry 5", policy.tokens, 6)
    for _ in range(40):
        policy.succeeded(0)
    _check.equal("never above the budget", policy.tokens, 20)
    _check.equal("the last attempt", policy.refusal(99, 0), "")
    for field in ("attempts", "base_ms", "cap_ms"):
        for value in (0, -1, 1.5, True, "3"):
            error = _check.raises("%s=%r" % (field, value), RequestError, Policy, **{field: value})
            _check.equal("%s=%r: field" % (field, value), error and error.field, field)


def check_retriable():
    for code in CODES.split():
        _check.true(code, retriable(ServiceError(400, code, "m")))
    for status in (429, 500, 502, 503, 504):
        _check.true(str(status), retriable(ServiceError(status, str(status), "m")))
    for status, code in (
        (400, "BadDigest"),
        (400, "Timeout"),
        (400, "Slow"),
        (400, ""),
        (403, "SignatureDoesNotMatch"),
        (403, "RequestTimeTooSkewed"),
        (404, "NoSuchKey"),
        (409, "409"),
        (412, "PreconditionFailed"),
        (501, "NotImplemented"),
        (505, "505"),
        (301, "PermanentRedirect"),
    ):
        _check.true("not %d %s" % (status, code), not retriable(ServiceError(status, code, "m")))
    for error in (
        ClockError("c"),
        TamperError("f", "m"),
        RequestError("f", "m"),
        CredentialsError("f", "m"),
        ProtocolError("m", "ca_file"),
        ValueError("v"),
        MemoryError(),
    ):
        _check.true("not %r" % error, not retriable(error))
    _check.true("OSError", retriable(OSError(104)))
    _check.true("ProtocolError", retriable(ProtocolError("cut")))


def check_retry_after():
    date = "Sun, 06 Nov 1994 08:49:37 GMT"
    later = "Sun, 06 Nov 1994 08:50:07 GMT"
    for value, wanted in (
        ("0", 0),
        ("1", 1000),
        ("120", 120000),
        ("9" * 50, 999999999000),
        (later, 30000),
        (date, 0),
        ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
        ("Mon, 07 Nov 1994 08:49:37 GMT", 86400000),
        ("Tue, 06 Dec 1994 08:49:37 GMT", 30 * 86400000),
        ("", 0),
        ("-1", 0),
        ("1.5", 0),
        ("soon", 0),
        ("\xb2", 0),
        ("Sun, 06 Foo 1994 08:49:37 GMT", 0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
    ):
        headers = {"retry-after": value, "date": date}
        _check.equal("Retry-After: %r" % value[:32], retry_after_ms(headers), wanted)
    _check.equal("a date without Date", retry_after_ms({"retry-after": later}), 0)
    _check.equal("no Retry-After", retry_after_ms({"date": date}), 0)


def bytes_of(answer):
    return answer if isinstance(answer, bytes) else b""


def check_success_after(label, *answers, fail=None):
    """However often it fails before: the whole request comes again, sealed anew each time."""
    line = Line(*(answers + (OK,)), fail=fail)
    make = Make()
    one = exchange()
    body = Body()
    response = line.run(one.run(make, body))
    count = len(answers) + 1
    _check.equal(label + ": status", response.status, 200)
    _check.equal(label + ": sealed", make.count, count)
    _check.equal(label + ": waits", line.waits, [100, 200, 400][: count - 1])
    sent = bytes(line.peers[-1].sent)
    _check.true(label + ": the whole request", sent.endswith(b"X-Try: %d\r\n\r\n" % count + BODY))
    kept = [answer[-3:] == b"err" for answer in map(bytes_of, answers)]  # a whole answer, each
    _check.equal(label + ": kept", line.closed, kept + [True])
    _check.true(label + ": free again", not one._busy)


def check_runs():
    for status in (429, 500, 502, 503, 504):
        check_success_after("%d" % status, refusal(status))
        check_success_after("%d, thrice" % status, *([refusal(status)] * 3))
    check_success_after("refused connection", OSError(111), OSError(113))
    check_success_after("no name", OSError(-2))
    check_success_after("closed at once", b"")
    check_success_after("cut head", OK[:20])
    check_success_after("cut body", OK[:-1])
    check_success_after("garbage", b"\x15\x03\x01\x00\x02\x02\x50")
    check_success_after("cut error", refusal(503)[:-1])
    for step in range(8):
        fail = {0: {step: OSError(104)}}
        check_success_after("reset at step %d" % step, OK, fail=fail)


def gives_up(label, wanted, make, body, *answers, attempts=4, tries=1, **settings):
    line = Line(*answers, **settings)
    one = exchange(attempts=attempts)
    error = _check.raises(label, wanted, line.run, one.run(make, body))
    _check.equal(label + ": attempts", make.count, tries)
    _check.true(label + ": free again", not one._busy)
    return error, line


def check_giving_up():
    error, _ = gives_up("503 for ever", ServiceError, Make(), Body(), refusal(503), tries=4)
    _check.equal("503 for ever: status", (error.status, error.code), (503, "503"))
    gives_up("attempts=1", ServiceError, Make(), Body(), refusal(503), attempts=1)
    error, _ = gives_up("reset for ever", OSError, Make(), Body(), OSError(104), tries=4)
    _check.equal("reset for ever: errno", error.args[0], 104)
    for status in (301, 307, 304, 400, 403, 404, 409, 412, 501):
        error, _ = gives_up("%d at once" % status, ServiceError, Make(), Body(), refusal(status))
        _check.equal("%d: status" % status, error.status, status)
    gives_up("certificate", ProtocolError, Make(), Body(), ProtocolError("no", "ca_file"))
    error, line = gives_up(
        "Retry-After too long", ServiceError, Make(), Body(), refusal(503, "Retry-After: 99\r\n")
    )
    _check.true("Retry-After too long: said", "99 s" in str(error) and not line.waits)
    error, _ = gives_up("no time", ServiceError, Make(), Body(), refusal(500), no_time=True)
    _check.true("no time: first cause", error.status == 500 and "no time" in str(error), str(error))
    error, _ = gives_up("403, cut", ServiceError, Make(), Body(), refusal(403)[:-1])
    _check.equal("403, cut: status", error.status, 403)


def check_never_again():
    """What is wrong here stays wrong."""
    for error in (ClockError("c"), CredentialsError("f", "m"), RequestError("f", "m")):
        name = type(error).__name__
        gives_up(name + " in make", type(error), Make(fail=(1, error)), Body(), OK)
        make = Make(fail=(2, error))
        gives_up(name + " in a later make", type(error), make, Body(), refusal(503), tries=2)
    for body, label in ((Body(BODY[:-1]), "short"), (Body(BODY + b"x"), "long")):
        gives_up("a body too " + label, TamperError, Make(), body, OK)

    class Broken(Body):
        def open(self, sealed):
            raise OSError(5)

        readinto = open

    error, _ = gives_up("a file that fails to open", OSError, Make(), Broken(), OK)
    _check.equal("its errno", error.args[0], 5)

    class Failing(Body):
        def open(self, sealed):
            return Broken()

    gives_up("a file that fails to be read", OSError, Make(), Failing(), OK)


def check_one_pass():
    """A body that can't be read twice: fine until it was opened."""
    line = Line(OSError(111), OSError(111), OK)
    body = Body(rewindable=False)
    _check.equal("before it was opened", line.run(exchange().run(Make(), body)).status, 200)
    _check.equal("opened once", body.opened, 1)
    for label, answer, wanted, cause in (
        ("503", refusal(503), ServiceError, "No"),
        ("cut", b"", ProtocolError, "cut short"),
    ):
        body = Body(rewindable=False)
        error, line = gives_up("one pass, " + label, wanted, Make(), body, answer)
        text = str(error)
        _check.true("one pass, %s: why" % label, "second time" in text and cause in text, text)
    body = Body(rewindable=False)
    error, line = gives_up(
        "one pass, reset", OSError, Make(), body, OK, fail={0: {3: OSError(104, "first cause")}}
    )
    text = str(error)
    _check.true("one pass, reset: why", "second time" in text and "first cause" in text, text)
    _check.equal("one pass, reset: errno", error.errno, 104)
    error, _ = gives_up("one pass, 404", ServiceError, Make(), Body(rewindable=False), refusal(404))
    _check.true("one pass, 404: as it is", "second time" not in str(error))


def check_stale():
    """An old connection that breaks before a byte has come: again on a new one, at no cost."""
    for label, fail in (
        ("closed", None),
        ("reset", {0: {1: OSError(104)}}),
        ("silent", {0: {2: OSError(110)}}),
    ):
        line = Line(b"", OK, used=(0,), fail=fail)
        one = exchange(attempts=1)
        _check.equal("stale, " + label, line.run(one.run(Make(), Body())).status, 200)
        _check.equal(
            "stale, %s: no wait, no token" % label, (line.waits, one.policy.tokens), ([], 500)
        )
    gives_up("a byte had come", ProtocolError, Make(), Body(), b"H", attempts=1, used=(0,))
    gives_up("a new one", ProtocolError, Make(), Body(), b"", attempts=1)
    gives_up(
        "always an old one", ProtocolError, Make(), Body(), b"", attempts=1, tries=2, used=range(9)
    )
    body = Body(rewindable=False)
    error, _ = gives_up("stale, one pass", ProtocolError, Make(), body, b"", used=(0,))
    _check.true("stale, one pass: why", "second time" in str(error))


def check_hooks():
    got = []
    ends = []

    def sink(buffer, start, end):
        got.append(bytes(buffer[start:end]))

    def on_head(response):
        got.append("head")
        return sink

    def on_end(response):
        ends.append(response.status)
        if len(ends) == 1:
            raise ServiceError(200, "InternalError", "inside a 200")

    line = Line(refusal(503), OK[:-1], OK, OK)
    make = Make("GET", None)
    line.run(exchange().run(make, None, on_head, None, None, on_end))
    _check.equal("on_head: successes only", got, ["head", b"o"] + ["head", b"ok"] * 2)
    _check.equal("on_end: whole ones only", ends, [200, 200])
    operation = exchange().run(Make("GET", None), None, on_head, restartable=False)
    error = _check.raises("not restartable", ProtocolError, Line(OK[:-1], OK).run, operation)
    _check.true("not restartable: why", "cut short" in str(error) and "handed on" in str(error))
    operation = exchange().run(Make("GET", None), None, on_head, restartable=False)
    line = Line(refusal(503), OK[:-2], OK)
    _check.equal("nothing handed on yet", line.run(operation).status, 200)


def check_mend():
    asked = []

    def mend(error, response):
        asked.append((error.status, response.status))
        return True

    line = Line(refusal(301), refusal(400), OK)
    one = exchange()
    _check.equal("mended twice", line.run(one.run(Make(), Body(), mend=mend)).status, 200)
    _check.equal("mended: asked", (asked, line.waits), ([(301, 301), (400, 400)], []))
    operation = exchange().run(Make(), Body(), mend=mend)
    _check.raises("no third time", ServiceError, Line(refusal(301)).run, operation)
    operation = exchange().run(Make(), Body(), mend=lambda *_: False)
    _check.raises("nothing to mend", ServiceError, Line(refusal(301), OK).run, operation)


def check_starving_reader():
    """A reader that has nothing yet is asked again; it is no end."""

    class Slow:
        def __init__(self):
            self.left = list(b"abc")
            self.turn = 0

        def readinto(self, buffer):
            self.turn += 1
            if self.turn % 3:
                return None
            if not self.left:
                return 0
            buffer[0] = self.left.pop(0)
            return 1

    peer = Peer(OK)
    sealed = Sealed("PUT", 3)
    peer.run(Exchange(64, 32).perform(sealed, Slow()))
    _check.true("slow reader", bytes(peer.sent).endswith(b"\r\n\r\nabc"))
    _, length = Peer(b"").run(Exchange(64, 32).hash(Slow()))
    _check.equal("slow reader, hashed", length, 3)


def main():
    check_policy()
    check_retriable()
    check_retry_after()
    check_runs()
    check_giving_up()
    check_never_again()
    check_one_pass()
    check_stale()
    check_hooks()
    check_mend()
    check_starving_reader()
    _check.done()


main()
