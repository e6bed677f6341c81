"""What a server, or something between, may answer instead of the truth: each has its error class.

A proxy answers in the server's place, once; the next connection reaches the real server. So with
one attempt the error is seen, and with four what is worth another try ends well.
"""

import itertools
from typing import Callable, NamedTuple, Optional

import pytest

from e2e_tools import boto_client
from fault_grid import Way, outcome_of
from fault_tools import BODY
from tools.servers.fault_proxy import Answer

pytestmark = pytest.mark.targets("cpython", "unix32")
OK = b"HTTP/1.1 200 OK\r\n"
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>"
CLOSE = b"Connection: close\r\n"


def answer(status, body=b"", headers=b""):
    """Return a whole response. status: bytes, with the reason."""
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)


def endless(first, rest):
    """What has no end."""
    return itertools.chain([first], itertools.repeat(rest))


REFUSAL = answer(b"403 Forbidden", b"<Error><Code>AccessDenied</Code></Error>")
HELD = {"then": "hold"}

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
RETRY_AFTER = b"Retry-After: %d\r\n"


class Case(NamedTuple):
    """make() -> Answer; error: with one attempt, one or several; again: whether it is tried again,
    None where that hangs on what the client could send before; operations: those it is for."""

    make: Callable
    error: tuple
    again: Optional[bool]
    operations: tuple = ("put", "get")


def bad(error, *arguments, again=True, only=("put", "get"), **options):
    """Return a Case whose Answer has these arguments. error: str, names with spaces between."""
    return Case(lambda: Answer(*arguments, **options), tuple(error.split()), again, only)


def bad_http(data, **options):
    """Return a Case that is a ProtocolError, and worth another try."""
    return bad("ProtocolError", data, **options)


def told(*arguments, again=True, **options):
    """Return a Case that is the service's own word."""
    return bad("ServiceError", answer(*arguments), again=again, **options)


class Endless:
    """An iterable that starts anew each time."""

    def __init__(self, first, rest):
        self._pieces = first, rest

    def __iter__(self):
        return endless(*self._pieces)


PUT, GET = {"only": ("put",)}, {"only": ("get",)}
EITHER = "ServiceError OSError"  # the answer, if it came before the broken pipe
ANSWERS = {
    "500": told(b"500 Oops"),
    "502": told(b"502 Bad", b"<html>gateway</html>"),
    "503 SlowDown": told(b"503 Slow", SLOW_DOWN),
    "503 Retry-After": told(b"503 Slow", SLOW_DOWN, RETRY_AFTER % 7),
    "503 Retry-After too long": told(b"503 Slow", b"", RETRY_AFTER % 86400, again=False),
    "429": told(b"429 Too Many"),
    "429 Retry-After": told(b"429 Too Many", b"", RETRY_AFTER % 7),
    "400": told(b"400 Bad Request", again=False),
    "403": told(b"403 Forbidden", again=False),
    "307 elsewhere": told(b"307 Go", b"", b"Location: http://elsewhere.example/\r\n", again=False),
    "no answer": bad_http(b""),
    "truncated head": bad_http(OK + b"Content-Type: text/pl"),
    "reset amid the head": bad("OSError ProtocolError", OK + b"Content-Le", then="reset"),
    "too many headers": bad_http(Endless(OK, b"X-A: 1\r\n")),
    "oversized head": bad_http(Endless(OK, b"X-A: " + b"a" * 1000 + b"\r\n")),
    "oversized head of many names": bad_http(
        OK + b"".join(b"X-%d: %s\r\n" % (at, b"a" * 1000) for at in range(40))
    ),
    "line without end": bad_http(Endless(OK + b"X-A: ", b"a" * 999)),
    "103 without end": bad_http(Endless(b"", HINTS)),
    "garbage status line": bad_http(b"\x16\x03\x01\x02garbage\r\n\r\n"),
    "HTTP/2": bad_http(b"HTTP/2 200\r\n\r\n"),
    "bare LF": bad_http(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
    "two Content-Lengths": bad_http(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "Content-Length and chunked": bad_http(OK + b"Content-Length: 3\r\n" + CHUNKED[len(OK) :]),
    "negative Content-Length": bad_http(OK + b"Content-Length: -1\r\n\r\n"),
    "Content-Length too long": bad_http(OK + b"Content-Length: 99\r\n\r\nabc"),
    "bad chunk size": bad_http(CHUNKED + b"xyz\r\n", **PUT),
    "cut chunks": bad_http(CHUNKED + b"5\r\nabc", **PUT),
    # Nothing bounds it, so it never becomes a file; another try would bring the same.
    "chunks into a file": bad_http(CHUNKED + b"5\r\nabc", again=False, **GET),
    "silence after the request": bad("ETIMEDOUT", b"", then="hold"),
    "silence amid the body": bad("ETIMEDOUT", OK + b"Content-Length: 9\r\n\r\nabc", then="hold"),
    "early 403, then silence": bad("ServiceError", REFUSAL, "head", "hold", again=False, **PUT),
    "early 403, then read on": bad("ServiceError", REFUSAL, "head", "read", again=False, **PUT),
    "early 403, then closed": bad(EITHER, REFUSAL, 2000, again=None, **PUT),
    "early 403, then reset": bad(EITHER, REFUSAL, 2000, "reset", again=None, **PUT),
    # All may be on its way before the answer is heard; then it is not early for the client.
    "early 200": bad("ProtocolError ok", answer(b"200 OK"), "head", "hold", **PUT),
    "early 503": bad("ServiceError", answer(b"503 Slow", b"", CLOSE), "head", "hold", **PUT),
    "no length": bad("ProtocolError", OK + b"\r\nabc", again=False, **GET),
    "HTTP/1.0 without length": bad(
        "ProtocolError", b"HTTP/1.0 200 OK\r\n\r\nabc", again=False, **GET
    ),
}

# Answers that are right, if odd.
ODD = {
    "100-continue first": b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"200 OK", b"abc"),
    "some 103s first": b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" * 5
    + answer(b"200 OK", b"abc"),
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "two equal Content-Lengths": OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "more than Content-Length": OK + b"Content-Length: 3\r\n\r\nabcdef",
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc",
}


@pytest.fixture(params=["http", "aio"])
def way(request, target, swift):
    with Way("plain", target, swift, boto_client(swift, "s3"), request.param) as found:
        yield found


def check(way, name, attempts):
    """Return what is wrong with how a target takes the answer `name`, a list of str."""
    make, error, again, operations = ANSWERS[name]
    for do in operations:
        wanted = ("ok",) if attempts > 1 and again else error
        patience = 20
        if "ETIMEDOUT" in error:
            patience = 0.25 if attempts == 1 else 1
        found, outer, _ = way.ask(make(), do, attempts=attempts, timeout=patience)
        wrong = []
        outcome = outcome_of(found)
        if outcome not in wanted and not (attempts > 1 and again is None and outcome == "ok"):
            wrong.append("%s, wanted %s" % (outcome, wanted))
        if again is False and len(outer) != 1:
            wrong.append("%d connections" % len(outer))
        if found["open"]:
            wrong.append("left %d descriptors open" % found["open"])
        if outer[0].received > 1 << 22:
            wrong.append("took %d bytes" % outer[0].received)
        if outcome == "ok" and do == "get" and way.client.content(found["command"]["into"]) != BODY:
            wrong.append("another file")
        yield from ("%s, %s: %s; %r" % (name, do, why, found) for why in wrong)


@pytest.mark.parametrize("attempts", [1, 4])
def test_each_answer(way, attempts):
    assert [why for name in ANSWERS for why in check(way, name, attempts)] == []


def test_odd_answers_are_taken(way):
    for name, data in ODD.items():
        found, _, _ = way.ask(Answer(data, then="hold"), "read", into="")
        assert found.get("body") == "abc", (name, found)
        assert not found["open"]


def test_retry_after_is_heeded(way):
    for headers, least, most in ((b"", 0, 250), (b"Retry-After: 7\r\n", 7000, 7250)):
        found, _, _ = way.ask(Answer(answer(b"503 Slow", b"", headers)), "get", attempts=4)
        assert found.get("ok"), found
        assert len(found["slept"]) <= 1  # a random wait may be none
        assert least <= sum(found["slept"]) <= most, found


def test_it_gives_up(way):
    """Four attempts, each refused: the error says so, and nothing more is tried."""
    way.outer.script(*[Answer(answer(b"503 Slow", SLOW_DOWN, CLOSE)) for _ in range(9)])
    found = way.client.ask(
        do="get", endpoint=way.outer.url, key="whole", into="x", attempts=4, shell=way.shell
    )
    assert len(way.outer.settle()) == 4
    assert (found["error"], found["code"]) == ("ServiceError", "SlowDown")


def test_a_body_without_end_ends(way):
    """In RAM at the limit; into a file when the total time is up, with nothing under its name."""
    forever = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    found, outer, _ = way.ask(Answer(endless(forever, chunk)), "read", into="", limit=4096)
    assert (found["error"], found["field"]) == ("ProtocolError", "limit")
    assert not found["open"]
    more = {"total_timeout": 0.5, "timeout": 5}
    long = OK + b"Content-Length: 99999999999\r\n\r\n"
    found, _, _ = way.ask(Answer(endless(long, chunk)), "get", **more)
    assert outcome_of(found) == "ETIMEDOUT", found
    assert not found["open"]
    name = found["command"]["into"]
    assert way.client.content(name) == b"what was there before"
    assert not (way.client.folder / (name + ".part")).exists()
    error = b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n"
    found, outer, _ = way.ask(Answer(endless(error, chunk)), "get")
    assert outcome_of(found) == "ServiceError", found
    assert outer[0].received < 1 << 23
