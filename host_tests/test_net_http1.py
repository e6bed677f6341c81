"""The response parser: whatever the bytes and however they are cut, one result or ProtocolError."""

import email.message
import http.client
import io
import sys
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigv4_mp.errors import ProtocolError
from sigv4_mp.net import http1
from sigv4_mp.net.http1 import BODY, END, HEAD, NEED_DATA, ResponseParser
from targets import ON_TARGET

sys.path.insert(0, str(ON_TARGET))
import net_cases
import net_http1

OK = b"HTTP/1.1 200 OK\r\n"


def test_cases_on_target(target):
    target.run("net_http1.py", heap="512k").check()


def outcome(data, method="GET", cuts=(), size=4096):
    """(status, reason, headers, body), or ProtocolError. cuts: where the bytes are cut."""
    parser = ResponseParser(bytearray(size), method)
    body = bytearray()
    edges = [*sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    at = 0
    try:
        while True:
            event = parser.next()
            if event == END:
                return parser.status, parser.reason, parser.headers, bytes(body)
            if event == BODY:
                assert 0 <= parser.body_start < parser.body_end <= size
                body += parser.buffer[parser.body_start : parser.body_end]
            elif event == NEED_DATA:
                edge = next((edge for edge in edges if edge > at), at)
                piece = data[at : min(edge, at + size)]
                parser.buffer[: len(piece)] = piece
                parser.received(len(piece))
                at += len(piece)
    except ProtocolError:
        return ProtocolError


TOKEN = st.text("abcXYZ019-_.!~", min_size=1, max_size=12)
VALUE = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
HEADERS = st.lists(st.tuples(TOKEN.map(lambda name: "x-" + name), VALUE), max_size=6)


@st.composite
def responses(draw):
    """(bytes, method, status, headers, body) of a good response."""
    status = draw(st.sampled_from([200, 204, 206, 304, 400, 403, 404, 503]))
    method = draw(st.sampled_from(["GET", "PUT", "HEAD", "DELETE"]))
    headers = draw(HEADERS)
    body = draw(st.binary(max_size=300))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    if method == "HEAD" or status in (204, 304):
        body = b""
        framing = draw(st.sampled_from(["length", "close"]))
    lines = [("%s: %s\r\n" % pair).encode() for pair in headers]
    wire = body
    if framing == "length":
        lines.append(b"Content-Length: %d\r\n" % len(body))
    elif framing == "chunked":
        lines.append(b"Transfer-Encoding: chunked\r\n")
        wire = draw(chunks(body))
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    lines = draw(st.permutations(lines))
    data = interim + b"HTTP/1.1 %d Reason\r\n" % status + b"".join(lines) + b"\r\n" + wire
    return data, method, status, headers, body


@st.composite
def chunks(draw, body):
    wire = b""
    at = 0
    while at < len(body):
        size = draw(st.integers(1, len(body) - at))
        extension = draw(st.sampled_from([b"", b";a", b' ;a="b c"']))
        wire += b"%x%b\r\n%b\r\n" % (size, extension, body[at : at + size])
        at += size
    return wire + b"0\r\n" + draw(st.sampled_from([b"", b"X-T: 1\r\n"])) + b"\r\n"


@settings(max_examples=500, deadline=None)
@given(responses(), st.lists(st.integers(0, 2000), max_size=30), st.integers(1, 600))
def test_any_split_gives_the_same_result(response, cuts, size):
    data, method, status, _, body = response
    whole = outcome(data, method)
    assert whole[0] == status
    assert whole[3] == body
    assert outcome(data, method, cuts, size) == whole
    assert outcome(data, method, range(len(data)), size) == whole


class FakeSocket(io.BytesIO):
    def makefile(self, *_):
        return self


@settings(max_examples=300, deadline=None)
@given(responses())
def test_agrees_with_the_standard_library(response):
    """http.client, an independent parser, sees the same status, headers and body."""
    data, method, _, _, _ = response
    oracle = http.client.HTTPResponse(FakeSocket(data), method=method)
    oracle.begin()
    status, reason, headers, body = outcome(data, method)
    assert (status, reason, body) == (oracle.status, oracle.reason, oracle.read())
    assert headers == joined(oracle.headers)


def joined(message: email.message.Message):
    names = [name.lower() for name in message]
    return {name: ", ".join(message.get_all(name)) for name in names}


@settings(max_examples=300, deadline=None)
@given(responses(), st.integers(16, 300))
def test_least_never_asks_for_more_than_comes(response, size):
    """Fed exactly `least` bytes each time, the parser ends with the last byte of the response."""
    data, method, _, _, body = response
    closes = outcome(data, method) == outcome(data + b"x", method)
    parser = ResponseParser(bytearray(size), method)
    got = bytearray()
    at = 0
    event = parser.next()
    while event != END:
        if event == NEED_DATA:
            least = parser.least()
            assert 1 <= least <= size
            assert at + least <= len(data) or not closes
            piece = data[at : at + least]
            parser.buffer[: len(piece)] = piece
            parser.received(len(piece))
            at += len(piece)
        elif event == BODY:
            got += parser.buffer[parser.body_start : parser.body_end]
        event = parser.next()
    assert (bytes(got), at) == (body, len(data))


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=10))
@example(b"HTTP/1.1 200\r\n\r\n", [])
def test_garbage_is_protocol_error_or_a_response(data, cuts):
    assert outcome(data, cuts=cuts) == outcome(data)


@settings(max_examples=1000, deadline=None)
@given(responses(), st.data())
def test_damage_is_protocol_error_or_a_response(response, draw):
    """Some bytes of a good response replaced: no other exception, and no dependence on cuts."""
    data, method, *_ = response
    at = draw.draw(st.integers(0, len(data)))
    cut = draw.draw(st.integers(0, 4))
    damage = draw.draw(
        st.one_of(st.binary(max_size=4), st.sampled_from([b"\n", b"\r", b"\0", b":"]))
    )
    damaged = data[:at] + damage + data[at + cut :]
    assert outcome(damaged, method, range(len(damaged))) == outcome(damaged, method)


@pytest.mark.parametrize("name,data", net_cases.BAD, ids=[name for name, _ in net_cases.BAD])
def test_bad_cases_say_why(name, data):
    with pytest.raises(ProtocolError) as caught:
        net_http1.parse(data, "GET", 64, 7)
    assert len(str(caught.value)) > 15


def endless(start, piece):
    """Feed `piece` for ever, in blocks; return how many bytes were taken before ProtocolError."""
    parser = ResponseParser(bytearray(1024), "GET")
    block = (piece * 1024)[: 1024 // len(piece) * len(piece)]
    fed = 0
    data = start
    with pytest.raises(ProtocolError):
        while fed < 1 << 22:
            event = parser.next()
            if event == NEED_DATA:
                parser.buffer[: len(data)] = data
                parser.received(len(data))
                fed += len(data)
                data = block
            assert event != END
    return fed


@pytest.mark.parametrize(
    "start,piece",
    [
        (b"HTTP/1.1 200 ", b"x"),
        (OK + b"A: ", b"x"),
        (OK + b"A", b"x"),
        (OK, b"A: b\r\n"),
        (b"HTTP/1.1 100 C\r\n\r\n", b"HTTP/1.1 100 C\r\n\r\n"),
        (b"HTTP/1.1 100 C\r\n", b"A: b\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;abcdefghijk\r\nx\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_endless_heads_end_soon_and_hold_little(start, piece):
    tracemalloc.start()
    fed = endless(start, piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fed <= http1.MAX_HEAD + 2048 if b"1;abc" not in piece else fed <= 40000
    assert peak < 100000


def test_limits_are_reached_from_below():
    headers = b"".join(b"H%d: v\r\n" % i for i in range(http1.MAX_HEADERS))
    good = OK + headers + b"\r\n"
    assert len(outcome(good)[2]) == http1.MAX_HEADERS
    assert outcome(OK + b"More: v\r\n" + headers + b"\r\n") is ProtocolError
    line = b"A: " + b"x" * (http1.MAX_LINE - 3)
    assert len(outcome(OK + line + b"\r\n\r\n")[2]["a"]) == http1.MAX_LINE - 3
    assert outcome(OK + line + b"x\r\n\r\n") is ProtocolError
    interim = b"HTTP/1.1 102 P\r\n\r\n"
    assert outcome(interim * http1.MAX_INTERIM + OK + b"\r\n")[0] == 200
    assert outcome(interim * (http1.MAX_INTERIM + 1) + OK + b"\r\n") is ProtocolError


def test_the_whole_head_is_bounded():
    """Few headers and short lines each, but too much in all; the trailer counts as well."""
    big = b"".join(b"H%d: %s\r\n" % (i, b"v" * 2015) for i in range(4))
    assert len(big) < http1.MAX_HEAD - 100
    assert outcome(OK + big + b"\r\n")[0] == 200
    assert outcome(OK + big + b"More: " + b"v" * 400 + b"\r\n\r\n") is ProtocolError
    chunked = OK + big + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    assert outcome(chunked + b"\r\n")[0] == 200
    assert outcome(chunked + b"More: " + b"v" * 400 + b"\r\n\r\n") is ProtocolError


def test_a_header_repeated_without_end_is_no_long_string():
    """Each join is one piece of RAM; a heap in holes breaks there before MAX_HEAD is reached."""
    value = b"v" * 100
    twice = OK + b"A: " + value + b"\r\nA: " + value + b"\r\n\r\n"
    assert outcome(twice)[2]["a"] == ", ".join([value.decode()] * 2)
    assert outcome(OK + (b"A: " + value + b"\r\n") * 6 + b"\r\n") is ProtocolError


def test_any_number_of_chunks_is_no_head():
    body = b"a" * 5000
    data = OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"00001\r\na\r\n" * 5000 + b"0\r\n\r\n"
    assert outcome(data)[3] == body


@pytest.mark.parametrize("digits", [b"9" * 15, b"0" * 15])
def test_the_longest_length(digits):
    assert outcome(OK + b"Content-Length: " + digits + b"\r\n\r\n", "HEAD")[0] == 200
    expected = (
        ProtocolError if digits[:1] == b"9" else (200, "OK", {"content-length": "0" * 15}, b"")
    )
    assert outcome(OK + b"Content-Length: " + digits + b"\r\n\r\n") == expected
    assert outcome(OK + b"Content-Length: 0" + digits + b"\r\n\r\n") is ProtocolError


@pytest.mark.parametrize("status", [200, 299, 300, 599])
def test_every_status_has_its_length(status):
    for method, length in (("GET", 7), ("HEAD", 0)):
        parser = ResponseParser(bytearray(64), method)
        data = b"HTTP/1.1 %d X\r\nContent-Length: 7\r\n\r\n" % status
        parser.buffer[: len(data)] = data
        parser.received(len(data))
        assert parser.next() == HEAD
        assert (parser.status, parser.length, parser.unbounded) == (status, length, False)


def test_head_comes_before_the_body_and_once():
    events = []
    parser = ResponseParser(bytearray(64), "GET")
    data = OK + b"Content-Length: 3\r\n\r\nabc"
    parser.buffer[: len(data)] = data
    parser.received(len(data))
    while not events or events[-1] != END:
        events.append(parser.next())
    assert events == [HEAD, BODY, END]
    assert parser.length == 3
    assert parser.next() == END


def test_surplus_bytes_spoil_the_connection():
    parser = ResponseParser(bytearray(64), "GET")
    data = OK + b"Content-Length: 0\r\n\r\nX"
    parser.buffer[: len(data)] = data
    parser.received(len(data))
    assert [parser.next(), parser.next(), parser.reusable] == [HEAD, END, False]
