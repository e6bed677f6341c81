"""A random request through the library and through everybody else: they agree, or a fault is named.

`check` is what both the test (20,000 requests in CI) and `fuzz.py` (as long as you like) run. The
library runs in this process, by the entry that `tools/sign.py` has for one line.
"""

import json

from host_tests import bad_requests, oracle_faults, oracles, server_view, textbook
from tools import sign

ORACLES = (("awscrt", oracles.awscrt_sign), ("botocore", oracles.botocore_sign))


class Disagreement(AssertionError):
    """The library and somebody else differ; the message holds the line to repeat it with."""


def line_of(case):
    """Return a case as the line that goes into the filter, bytes: raw UTF-8 where possible."""
    try:
        return json.dumps(case, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(case).encode()


def ours(case):
    """Return the filter's answer to a case, a dict."""
    return json.loads(sign.process(line_of(case)))


def check(case, counts):
    """Compare the library on a good request with the textbook, a server's view, and the oracles.

    counts: collections.Counter, told what was compared. Raises: Disagreement.
    """
    got = ours(case)
    expected = textbook.sign(case)
    counts["requests"] += 1
    if "error" in got:
        _fail(case, "refused", got, expected.canonical_request)
    for name in expected._fields:
        if got[name] != getattr(expected, name):
            _fail(case, name, got[name], getattr(expected, name))
    _check_output(case, got, counts)
    for name, ask in ORACLES:
        fault = oracle_faults.of(name, case)
        if fault:
            counts[fault] += 1
            continue
        answer = ask(case)
        if answer.signature != expected.signature:
            _fail(case, name, got["canonical_request"], answer.canonical_request or answer.refused)
        counts["agreed with " + name] += 1
        counts[name + " worked out the path"] += not oracle_faults.path_is_given(name, case)


def _check_output(case, got, counts):
    """What is sent must be what was signed, seen from the server's end."""
    unsendable = any(not 0x20 < byte < 0x7F or byte == 0x23 for byte in case["target"].encode())
    if unsendable:
        counts["unsendable"] += 1
        if got["head"] is not None or not got.get("unsendable"):
            _fail(case, "head of an unsendable target", got["head"], None)
        return
    try:
        server_view.verify(got["head"], case)
    except server_view.Refused as refusal:
        _fail(case, "a server refuses the head", got["head"], str(refusal))
    counts["verified as a server does"] += 1
    if got["head"].split(" ")[1] != got["target"]:
        _fail(case, "target", got["target"], got["head"])
    added = [line for line in got["head"].split("\r\n")[1:] if line]
    for name, value in got["headers"]:
        if "%s: %s" % (name, value) not in added:
            _fail(case, "headers", got["headers"], got["head"])


def check_wild(case, counts):
    """Compare the library on any request: signed alike, or refused by both, or by us with a reason.

    A refusal that awscrt does not share must be of a kind that oracle_faults.STRICTER explains.
    """
    got = ours(case)
    if "error" not in got:
        check(case, counts)
        return
    counts["refused"] += 1
    if oracles.awscrt_sign(case).refused:
        counts["refused by awscrt too"] += 1
        return
    names = [name.strip().lower() for name, _ in case["headers"]]
    kind = "headers" if got["field"] in names and got["field"] != "host" else got["field"]
    if kind not in oracle_faults.STRICTER:
        _fail(case, "refused by us alone", got, "a signature, as awscrt")
    counts["stricter: " + kind] += 1


def check_spoiled(case, row, counts):
    """Check that a good request spoiled by a row of `bad_requests` is refused as the row says."""
    name, change, error, field = row
    base = {key: value for key, value in case.items() if key in bad_requests.GOOD}
    spoiled = bad_requests.spoiled(dict(base, session_token="AQoD=="), change)
    got = ours(spoiled)
    counts["spoiled"] += 1
    if (got.get("error"), got.get("field")) != (error, field):
        _fail(spoiled, name, got, (error, field))


def twin(case):
    """Return the same request signed the other way: in the query, or in the headers."""
    other = {key: value for key, value in case.items() if key not in ("auth", "expires")}
    if case.get("auth") != "query":
        other.update(auth="query", expires=86400)
    return other


def _fail(case, what, got, expected):
    text = "%s\n     got: %s\nexpected: %s\n    line: %s"
    raise Disagreement(text % (what, got, expected, line_of(case).decode()))
