"""Whatever our signer signs is verified; whatever is changed then is refused, or means the same.

"The same" is judged by the textbook and a parser of this file's own; nothing of the library. The
library runs in this process. Garbage raises nothing but VerifyError, wherever it stands.
"""

import collections
import importlib
import json
import sys

import pytest
from hypothesis import strategies as st

from host_tests import differential, strategies, textbook, verify_lines
from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.verify import Verifier, VerifyError
from tools import sign

DATE = "20150830T123600Z"
KEYS = Credentials("AKID", "secret")
ONCE = set(
    """authorization content-encoding content-length content-md5 content-type date expect host
    range transfer-encoding""".split()
)


@pytest.fixture(scope="module")
def judge():
    """tools/verify.py, to be called with a line."""
    sys.modules.setdefault("sign", sign)  # by either name the same module
    sys.path.insert(0, str(textbook.ROOT / "tools"))
    try:
        verify = importlib.import_module("verify")
    finally:
        sys.path.pop(0)
    return lambda line: json.loads(verify.process(differential.line_of(line)))


def test_what_is_signed_is_verified(judge):
    counts = collections.Counter()

    def check(case):
        signed = differential.ours(case)
        line = verify_lines.of(case, signed)
        got = judge(line)
        wanted = expected(case, line)
        found = got.get("rule", got.get("field", got.get("verdict")))
        assert found == wanted, (line, got)
        counts[found] += 1
        if found == "accepted":
            counts[got["payload"]] += 1
            assert got["signed_headers"] == signed["signed_headers"]
            wrong = dict(line, secret_access_key=case["secret_access_key"] + "x")
            assert judge(wrong)["rule"] == "signature"

    strategies.drawn(strategies.requests(), 500, 1, check)
    assert counts["accepted"] > 250 and counts["hash"] > 50 and counts["empty"] > 50, counts


def expected(case, line):
    """Return the verdict that is due on what the signer signed: "accepted", a rule, or a field."""
    names = [name.lower() for name, _ in line["headers"]]
    by_query = case.get("auth") == "query"
    for name in names:
        if names.count(name) > 1 and (name in ONCE or name.startswith("x-amz-")):
            return "duplicate"
    if by_query and case["expires"] is None and case["service"] == "s3":
        return "expires"
    if "x-amz-content-sha256" in names:
        return "accepted"
    if by_query and case["service"] == "s3":  # then it stands for an unsigned body
        given = case.get("payload_hash", textbook.UNSIGNED)
        return "accepted" if given == textbook.UNSIGNED else "signature"
    if case["service"] == "s3":
        return "no-payload-hash"
    # Nobody says that the body is not signed: the receiver wants its hash.
    return "payload_hash" if case.get("payload_hash") == textbook.UNSIGNED else "accepted"


def signed_head(service, by_query=False):
    signer = Signer(KEYS, "us-east-1", service, FixedClock(DATE))
    url = "https://example.com/a%20b/~c?x=1&b=%2F&a"
    headers = [("Content-Type", "a/b"), ("User-Agent", "me"), ("X-Foo", 'a  "b"'), ("x-foo", "c")]
    if by_query:
        return signer.prepare_presigned("GET", url, 60, headers).seal().head, b""
    return signer.sign("PUT", url, headers, b"Param1=value1").head, b"Param1=value1"


REQUESTS = [(service, by_query) for service in ("s3", "sqs") for by_query in (False, True)]


def check_of(service):
    find = {b"AKID": KEYS}.get
    return Verifier(find, "us-east-1", service, FixedClock(DATE)).verify


def meaning(head, body, service):
    """Return what a request says, by the textbook: what must not change unseen."""
    text = head.decode()
    lines = text.split("\r\n")[:-2]
    method, target, _ = lines[0].split(" ")
    path, _, query = target.partition("?")
    fields = collections.defaultdict(list)
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name.lower()].append(" ".join(value.split()))
    signed = {name: values for name, values in fields.items() if name in COVERED}
    if "authorization" in signed:
        signed["authorization"] = signed["authorization"][0].replace(", ", ",")
    case = {"service": service, "target": path}
    path = textbook.canonical_path(case)
    return method, path, textbook.canonical_query(query.encode()), signed, body


COVERED = ("host", "content-type", "x-foo", "x-amz-date", "x-amz-content-sha256", "authorization")


@pytest.mark.parametrize(("service", "by_query"), REQUESTS)
def test_no_change_of_meaning_is_accepted(service, by_query):
    """A byte changed, removed or put in, a piece removed or doubled: of head and body."""
    counts = mutations(service, by_query, 800, 2)
    assert counts["refused"] > 500 and counts["accepted"], counts


@pytest.mark.soak
@pytest.mark.parametrize(("service", "by_query"), REQUESTS)
def test_no_change_of_meaning_is_accepted_for_long(service, by_query):
    counts = mutations(service, by_query, 20000, 5)
    assert counts["refused"] > 10000 and counts["accepted"], counts


def mutations(service, by_query, examples, number):
    """Change a signed request in so many ways, the same ones for a number; count the verdicts."""
    head, body = signed_head(service, by_query)
    check = check_of(service)
    wanted = meaning(head, body, service)
    assert check(head, body).access_key_id == "AKID"
    counts = collections.Counter()
    whole = head + body

    def mutate(draw):
        at, other, kind, byte = draw
        at, other = at % len(whole), other % len(whole)
        if kind == 0:
            return whole[:at] + bytes([byte]) + whole[at + 1 :]
        if kind == 1:
            return whole[:at] + whole[at + 1 :]
        if kind == 2:
            return whole[:at] + bytes([byte]) + whole[at:]
        low, high = min(at, other), max(at, other)
        if kind == 3:
            return whole[:low] + whole[high:]
        return whole[:high] + whole[low:high] + whole[high:]

    def attempt(draw):
        data = mutate(draw)
        end = data.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in data else len(data)
        try:
            check(data[:end], data[end:])
        except VerifyError:
            counts["refused"] += 1
            return
        counts["accepted"] += 1
        assert meaning(data[:end], data[end:], service) == wanted, data

    numbers = st.integers(0, 1 << 16)
    bytes_ = st.one_of(st.sampled_from(b' \t\r\n:,;=&%/?.-0aA"'), st.integers(0, 255))
    strategies.drawn(
        st.tuples(numbers, numbers, st.integers(0, 4), bytes_), examples, number, attempt
    )
    return counts


def test_every_byte_changed():
    """Each byte of head and body to each of eight others: none is taken with another meaning."""
    taken = 0
    for service, by_query in REQUESTS:
        head, body = signed_head(service, by_query)
        check = check_of(service)
        wanted = meaning(head, body, service)
        whole = bytearray(head + body)
        for at in range(len(whole)):
            kept = whole[at]
            for bit in range(0, 8, 1 + at % 2):
                whole[at] = kept ^ 1 << bit
                data = bytes(whole)
                try:
                    check(data[: len(head)], data[len(head) :])
                except VerifyError:
                    continue
                taken += 1
                assert meaning(data[: len(head)], data[len(head) :], service) == wanted, data
            whole[at] = kept
    assert taken > 100  # names in the other case, and what is not signed


@pytest.mark.parametrize("service", ["s3", "sqs"])
def test_garbage_raises_nothing_else(service):
    """Bytes of any kind, from nowhere or spliced into a good head."""
    head, body = signed_head(service)
    check = check_of(service)
    pieces = head.split(b" ") + [b"\r\n", b":", b"%", b"\xff", b"\x00", b"X-Amz-", b"&", b"="]

    def attempt(data):
        for text in (data, data + b"\r\n\r\n", b"PUT /" + data + b" HTTP/1.1\r\n\r\n"):
            try:
                check(text, data)
            except VerifyError:
                continue
            raise AssertionError("accepted: %r" % text)

    def splice(draw):
        at, indexes = draw
        text = b"".join([pieces[index % len(pieces)] for index in indexes])
        at %= len(head)
        for data in (head[:at] + text, head[:at] + text + head[at:], text + head[at:]):
            try:
                check(data, body)
            except VerifyError:
                continue
            assert meaning(data, body, service) == meaning(head, body, service), data

    strategies.drawn(st.binary(max_size=200), 200, 3, attempt)
    strategies.drawn(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=12)), 300, 4, splice)
