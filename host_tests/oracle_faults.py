"""Where the oracles are wrong or can't be asked: each case with a name, a reason, an example.

`of(oracle, case)` names the fault that a case would run into, so that a differential run leaves out
that oracle for it (and only that one). A test asks the oracle each example and fails when the fault
is gone. "Asked differently" marks what the adapters in `oracles` get round; nothing is left out.
"""

import re
from typing import Callable, NamedTuple

from host_tests import textbook

BASE = {
    "method": "GET",
    "target": "/",
    "headers": [["Host", "example.com"]],
    "region": "us-east-1",
    "service": "service",
    "amz_date": "20150830T123600Z",
    "access_key_id": "AKIDEXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}


class Fault(NamedTuple):
    """applies(case) -> whether a case runs into it; example: what to change in BASE to see it."""

    name: str
    oracle: str
    why: str
    applies: Callable
    example: dict


def _path(case):
    return case["target"].partition("?")[0]


def _pairs(case):
    return textbook.query_pairs(case["target"].partition("?")[2].encode())


def _headers(case):
    return [(name.lower(), value) for name, value in case["headers"]]


def crt_target(case):
    """Return the target to hand to awscrt: its path as it is to be signed (crt-verbatim-path)."""
    path, mark, query = case["target"].partition("?")
    if not textbook.policy_of(case)[1]:
        path = textbook.recode_path((path or "/").encode())
    return path + mark + query


def path_is_given(oracle, case):
    """Return whether oracle gets the path from the textbook: it then agrees with the rest only."""
    normalize, double = textbook.policy_of(case)
    if oracle == "botocore":
        return not (normalize and double)
    return crt_target(case) != case["target"]


def _query_auth(case):
    return case.get("auth") == "query"


def _repeats_a_name(case):
    names = [name for name, _ in _pairs(case)]
    return _query_auth(case) and len(names) != len(set(names))


def _encoded_dots(case):
    # A segment that is a dot segment only once it is decoded.
    normalize, double = textbook.policy_of(case)
    recoded = textbook.recode_path(_path(case).encode())
    dots = re.search(r"/\.{1,2}(/|$)", recoded) and "%2e" in _path(case).lower()
    return normalize and not double and bool(dots)


def _not_utf8(case):
    try:
        for name, value in _pairs(case):
            name.decode(), value.decode()
    except UnicodeDecodeError:
        return True
    return False


def _lists_differ(case):
    ours = ("accept-encoding", "forwarded", "via")
    return any(
        name in ours or name.startswith(textbook.NEVER_SIGNED_PREFIXES)
        for name, _ in _headers(case)
    )


FAULTS = (
    Fault(
        "crt-empty-path",
        "awscrt",
        "it refuses an empty target (not `?a=1`); RFC 9112 §3.2.1 and botocore make the path `/`",
        lambda case: not case["target"],
        {"target": ""},
    ),
    Fault(
        "crt-encoded-dots",
        "awscrt",
        "single encoding with normalisation: it has no decoding step, so handed the decoded form it"
        " drops the segment of `/%2e%2e/` that was none on the wire. No service signs like that",
        _encoded_dots,
        {"target": "/a/%2e%2E/b", "normalize_path": True, "double_encode": False},
    ),
    Fault(
        "crt-target-is-a-uri",
        "awscrt",
        "it parses the target as a URI and takes what stands before `:/` for a scheme: `/a:/b` is"
        " refused, `/a://b` loses its path. A target that starts with `/` is a path (RFC 9112)",
        lambda case: crt_target(case).partition(":")[2].startswith("/"),
        {"target": "/a:/b"},
    ),
    Fault(
        "crt-presigned-body-header",
        "awscrt",
        "presigning: it never adds x-amz-content-sha256, and refuses a caller's; S3 heeds a payload"
        " hash in a presigned request only through that header",
        lambda case: _query_auth(case) and textbook.adds_body_header(case),
        {"auth": "query", "expires": 60, "sign_body": True},
    ),
    Fault(
        "bc-urlsplit",
        "botocore",
        "it takes URLs apart with urlsplit, which drops CR, LF and TAB and ends the path at `#`",
        lambda case: any(char in _path(case) for char in "\r\n\t#"),
        {"target": "/a\nb"},
    ),
    Fault(
        "bc-query-dict",
        "botocore",
        "query signing puts the parameters into a dict: of a repeated name one value is left."
        " AWS's suite (get-vanilla-query-order-value) keeps both",
        _repeats_a_name,
        {"target": "/?a=1&a=2", "auth": "query", "expires": 60},
    ),
    Fault(
        "bc-always-expires",
        "botocore",
        "query signing always adds X-Amz-Expires; IoT's MQTT over WebSocket has none (awscrt can)",
        lambda case: _query_auth(case) and case["expires"] is None,
        {"auth": "query", "expires": None},
    ),
    Fault(
        "bc-params-are-text",
        "botocore",
        "parameters are str, so bytes that are not UTF-8 (`%FF`) can't be said to it",
        _not_utf8,
        {"target": "/?a=%FF"},
    ),
    Fault(
        "bc-unicode-space",
        "botocore",
        "`str.split()` takes U+00A0, U+0085, U+2003, … in a header value for white space;"
        " RFC 9110 §5.6.3 and awscrt know blank and tab only",
        lambda case: any(
            not value.replace("\t", "").isascii() and " ".join(value.split()) != _folded(value)
            for _, value in _headers(case)
        ),
        {"headers": [["Host", "example.com"], ["X-A", "a\u00a0b"]]},
    ),
    Fault(
        "bc-date-header",
        "botocore",
        "a `Date` header makes it drop X-Amz-Date and rewrite `Date`; AWS's PUT example signs both",
        lambda case: not _query_auth(case) and any(name == "date" for name, _ in _headers(case)),
        {"headers": [["Host", "example.com"], ["Date", "Fri, 24 May 2013 00:00:00 GMT"]]},
    ),
    Fault(
        "bc-deny-list",
        "botocore",
        "it signs accept-encoding, forwarded, via, x-forwarded-* and sec-websocket-*, which proxies"
        " change; its list is fixed (awscrt takes ours)",
        _lists_differ,
        {"headers": [["Host", "example.com"], ["Accept-Encoding", "gzip"]]},
    ),
    Fault(
        "bc-content-type",
        "botocore",
        "query signing deletes a Content-Type of exactly the value that botocore's own forms have",
        lambda case: (
            _query_auth(case)
            and ("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            in _headers(case)
        ),
        {
            "headers": [
                ["Host", "example.com"],
                ["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"],
            ],
            "auth": "query",
            "expires": 60,
        },
    ),
)

ASKED_DIFFERENTLY = (
    ("crt-verbatim-path", "awscrt", "single encoding: it signs the path as handed to it; S3 decodes"
     " and encodes once (`/a(b)` is `/a%28b%29`), so it gets the path in that form"),
    ("bc-verbatim-path", "botocore", "S3SigV4Auth likewise; and it has no mixed path policies"),
    ("bc-raw-query", "botocore", "a query in the URL is copied unencoded, `&&` becomes `=&=`, an"
     " escape in lower case stays: it gets decoded pairs"),
    ("crt-presign-hash", "awscrt", "presigning for s3 hashes the body by default; it is told the"
     " payload hash, as AWS's own callers do"),
)  # fmt: skip

# Cases that we refuse and an oracle signs: the rule is ours, or RFC 9110/9112's.
STRICTER = {
    "method": "neither oracle checks the method's characters",
    "host": "awscrt joins two Host values by a comma; a server answers 400 (RFC 9112 §3.2)",
    "headers": "awscrt signs a NUL or a folded line; both make another request on the wire",
    "region": "a `/` would move the boundaries of the credential scope",
    "service": "as region",
    "expires": "604800 s is AWS's limit; awscrt signs more, botocore anything",
    "target": "a path that S3 could not decode, or no path at all; awscrt signs them as they are",
    "access_key_id": "white space in credentials is a copying mistake",
    "secret_access_key": "as access_key_id",
    "session_token": "as access_key_id",
}


def of(oracle, case):
    """Return the name of the first fault that oracle ("awscrt", "botocore") has with a case."""
    for fault in FAULTS:
        if fault.oracle == oracle and fault.applies(case):
            return fault.name
    return None


def table():
    """Return all faults as text, one paragraph each."""
    left_out = [(fault.name, fault.oracle, fault.why) for fault in FAULTS]
    lines = ["Left out of the comparison with that oracle:"]
    lines += ["  %s (%s): %s." % row for row in left_out]
    lines += ["", "Asked differently, and compared:"]
    lines += ["  %s (%s): %s." % row for row in ASKED_DIFFERENTLY]
    lines += ["", "Refused by us, signed by an oracle (by field):"]
    lines += ["  %s: %s." % row for row in sorted(STRICTER.items())]
    return "\n".join(lines)


def _folded(value):
    return re.sub("[ \t]+", " ", value).strip(" ")
