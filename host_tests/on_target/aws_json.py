"""JSON out and in, forms, limits: what is written is JSON, what is read is what stands there."""

import json

import _check

from sigv4_mp.errors import ProtocolError, RequestError
from sigv4_mp.services.checks import check, check_body, size_of
from sigv4_mp.services.form import write_form
from sigv4_mp.services.jsonin import JsonReader
from sigv4_mp.services.jsonout import Full, JsonBuffer

TEXT = 'a"b\\c\b\f\n\r\t\x00\x1f\x7f ü€😀/'


def written(value, size=600):
    buffer = JsonBuffer(size)
    buffer.value(value)
    return bytes(buffer.view())


def check_out():
    for value in (
        {},
        [],
        {"a": [1, -2, True, False, None, "x", {"b": []}], "c": {"d": {}}},
        TEXT,
        [0, 1 << 62, -(1 << 40)],
        [0.5, -20.25, 1e10, 1e-3],
        "",
        (1, (2,)),
    ):
        wanted = json.loads(json.dumps(value))
        _check.equal("write %r" % (value,), json.loads(written(value)), wanted)
    _check.equal("bytes", written([b"\x00\xff" * 100]), b'["' + b"AP8A/wD/" * 33 + b'AP8="]')
    _check.equal("view", written(memoryview(b"abc")), b'"YWJj"')
    for label, value in (
        ("a set", {1, 2}),
        ("nan", float("nan")),
        ("inf", float("inf")),
        ("a name", {1: 2}),
        ("half a pair", b"\xed\xa0\x80".decode("utf-8", "surrogatepass") if FULL else {1}),
    ):
        _check.raises("refuse " + label, RequestError, written, value)


try:
    FULL = bool(b"\xed\xa0\x80".decode("utf-8", "surrogatepass"))
except (UnicodeError, TypeError, ValueError):
    FULL = False


def check_full():
    value = {"text": TEXT, "data": b"\x01" * 300, "list": [1, "ab", None, 2.5]}
    whole = written(value, 1000)
    for size in range(len(whole)):
        buffer = JsonBuffer(size)
        try:
            buffer.value(value)
        except Full:
            if buffer.end <= size == len(buffer.data):
                continue
        _check.report("full at %d" % size, False)
        return
    _check.equal("full at any size", written(value, len(whole)), whole)
    buffer = JsonBuffer(20)
    _check.raises("not UTF-8", RequestError, buffer.text, b"a\xff")
    _check.raises("cut UTF-8", RequestError, buffer.text, b"a\xc3")
    _check.equal("nothing of it stays", buffer.end, 0)
    buffer.text(memoryview("ü".encode()))
    _check.equal("text of a view", bytes(buffer.view()), b"\xc3\xbc")


def read(document, wanted=("a", "n"), block=4096, max_text=64):
    found = []

    def on_value(path, text):
        found.append((list(path), text))

    reader = JsonReader(on_value, wanted, max_text)
    for start in range(0, len(document), block):
        reader.feed(document, start, min(start + block, len(document)))
    reader.close()
    return found


GOOD = (
    (b'{"a":"x","b":"y"}', [(["a"], "x")]),
    (b' { "a" : 12 , "n":[ ] } ', [(["a"], "12")]),
    (b'{"r":[{"a":"1"},{},{"b":{"a":true}}],"n":null}', None),
    (b'{"a":"\\"\\\\\\u00fc\\ud83d\\ude00\\n"}', [(["a"], '"\\ü😀\n')]),
    (b'{"\\u0061":-1.5e+3}', [(["a"], "-1.5e+3")]),
    (b"[]", []),
    (b"[[[1,2],[3]],{}]", []),
    (b'"a"', []),
    (b"12", []),
    (b"true", []),
    (b'{"a":{"a":"in"},"' + b"x" * 500 + b'":"' + b"y" * 500 + b'"}', [(["a", "a"], "in")]),
    (b'{"a":"' + b"z" * 65 + b'"}', [(["a"], "")]),
    (b'{"a":"' + b"z" * 64 + b'"}', [(["a"], "z" * 64)]),
    ('{"a":"ü"}'.encode(), [(["a"], "ü")]),
)
THIRD = [(["r", 0, "a"], "1"), (["r", 2, "b", "a"], "true"), (["n"], "null")]

BAD = (
    b"",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b'{"a"',
    b'{"a":',
    b'{"a":1',
    b'{"a":1,',
    b'{"a":1,}',
    b"[1,]",
    b"[,1]",
    b"[1 2]",
    b'{"a" 1}',
    b'{"a":1 "b":2}',
    b"{a:1}",
    b"{1:1}",
    b'{"a":1]',
    b"[1}",
    b'{"a":1}}',
    b"{} {}",
    b"{}x",
    b"truth",
    b"nan",
    b"'a'",
    b'"a',
    b'"a\\',
    b'["a":1]',
    b'{"a":"\\x"}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\ud800\\u0041"}',
    b'{"a":"\\ude00"}',
    b'{"a":"\\u12"}',
    b'{"a":"\\u12g4"}',
    b'{"a":"\\u+123"}',
    b'{"a":"\xff"}',
    b"[" * 17 + b"]" * 17,
    b'{"a":' * 17 + b"1" + b"}" * 17,
    b"1" * 33,
    b"<html>",
    b"\xef\xbb\xbf{}",
    b",",
    b":",
    b"[1:2]",
    b'{"a"::1}',
    b'{"a","b"}',
)


def check_in():
    for document, wanted in GOOD:
        wanted = THIRD if wanted is None else wanted
        found = [read(document, block=block) == wanted for block in (1, 2, 3, 7, 256, 4096)]
        _check.equal("read %r" % document[:40], found, [True] * 6)
    for document in BAD:
        for block in (1, 4096):
            _check.raises("refuse %r" % document[:20], ProtocolError, read, document, block=block)
    whole = b'{"r":[{"a":"1","x":"\\u0041\\\\"},-1.5,true],"n":null}'
    for size in range(len(whole)):
        try:
            read(whole[:size])
        except ProtocolError:
            continue
        _check.report("cut at %d" % size, False)
        return
    _check.equal("cut anywhere", len(read(whole)), 2)


def check_cut():
    """A text that is cut is the beginning of the whole one, nearly as long as there is room."""
    whole = 'x\\"y€😀' * 6 + "\\\\\\" * 5
    written = json.dumps(whole)[1:-1].encode()
    plain = (
        b'"'
        + b"\\\\".join([part.replace(b'"', b'\\"') for part in whole.encode().split(b"\\")])
        + b'"'
    )
    bad = []
    for text in (b'"' + written + b'"', plain):
        for size in range(1, len(text)):
            found = []
            reader = JsonReader(lambda path, value, to=found: to.append(value), ("a",), size, True)
            document = b'{"a":' + text + b"}"
            reader.feed(document, 0, len(document))
            reader.close()
            if not whole.startswith(found[0]) or len(json.dumps(found[0]).encode()) < size - 24:
                bad.append(size)
    _check.equal("cut at any length", bad, [])


def form(parameters, size=400):
    buffer = JsonBuffer(size)
    write_form(buffer, "Act", "2010-03-31", parameters)
    return bytes(buffer.view())


def check_form():
    start = b"Action=Act&Version=2010-03-31"
    for parameters, wanted in (
        ({}, b""),
        ({"A": "x y&=ü~"}, b"&A=x%20y%26%3D%C3%BC~"),
        ({"A": True}, b"&A=true"),
        ({"A": -5}, b"&A=-5"),
        ({"A": b"\xff"}, b"&A=%2Fw%3D%3D"),
        ({"L": ["a", "b"]}, b"&L.member.1=a&L.member.2=b"),
        ({"S": {"T": "u"}}, b"&S.T=u"),
        ({"M": {"entry": [{"key": "k", "value": "v"}]}}, b"&M.entry.1.key=k&M.entry.1.value=v"),
        ({"L": [{"A": "1"}]}, b"&L.member.1.A=1"),
    ):
        _check.equal("form %r" % parameters, form(parameters), start + wanted)
    _check.raises("full", Full, form, {"A": "x" * 400})
    _check.raises("a float", RequestError, form, {"A": 1.5})


def check_limits():
    event = {"timestamp": 5, "message": "x" * 1000}
    for label, service, name, parameters, field in (
        ("500", "kinesis", "PutRecords", {"Records": [{"Data": b"x"}] * 500}, None),
        ("501", "kinesis", "PutRecords", {"Records": [{"Data": b"x"}] * 501}, "Records"),
        ("25", "dynamodb", "BatchWriteItem", {"RequestItems": {"t": [{}] * 25}}, None),
        ("20+6", "dynamodb", "BatchWriteItem", {"RequestItems": TABLES}, "RequestItems"),
        ("sorted", "logs", "PutLogEvents", {"logEvents": [{"timestamp": 5}] * 2}, None),
        ("unsorted", "logs", "PutLogEvents", {"logEvents": [event, {"timestamp": 4}]}, "logEvents"),
        ("a day", "logs", "PutLogEvents", {"logEvents": [event, {"timestamp": 86400005}]}, None),
        (
            "more",
            "logs",
            "PutLogEvents",
            {"logEvents": [event, {"timestamp": 1 << 60}]},
            "logEvents",
        ),
        ("11", "sqs", "SendMessageBatch", {"Entries": [{}] * 11}, "Entries"),
        ("unknown", "sqs", "CreateQueue", {"QueueName": "x" * 3000}, None),
    ):
        try:
            check(service, name, parameters)
            found = None
        except RequestError as error:
            found = error.field
        _check.equal("limits, " + label, found, field)
    _check.equal("size", size_of({"a": "ü", "b": [b"123", 5, {"c": "x"}]}), 6)
    _check.equal("size, names", size_of({"a": "ü", "b": [b"123", 5, {"c": "x"}]}, True), 9)
    check_body("iotdata", 131072)
    _check.raises("iot", RequestError, check_body, "iotdata", 131073)
    kind = [("X-Amz-Invocation-Type", "Event")]
    check_body("lambda", 1048577)
    _check.raises("lambda, queued", RequestError, check_body, "lambda", 1048577, kind)
    _check.raises("lambda", RequestError, check_body, "lambda", 6291457)


TABLES = {"t": [{}] * 20, "u": [{}] * 6}

check_out()
check_full()
check_in()
check_cut()
check_form()
check_limits()
_check.done()
