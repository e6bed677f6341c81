"""Hypothesis strategies for whole requests, as input of `tools/sign.py`.

Pieces come from small tables of what has gone wrong in some signer, so that a short example is
already a nasty one. A text is one drawn byte string, each byte an index into such a table, and the
switches are one drawn number: a choice costs hypothesis 0.1 ms, and CI draws 10,000 requests.
"""

import base64
import itertools
import time

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from host_tests import textbook

_UNRESERVED = list("abcXYZ019-._~")
_PRINTABLE = [chr(byte) for byte in range(0x21, 0x7F)]
_ESCAPES = "%2F %2f %41 %7E %7e %20 %25 %2B %C3%BC %c3%bc %00 %FF %2e %2E%2e %252F %3D %26".split()
_UNICODE = ["ü", "ሴ", "日本", "😀", "\u00a0", "e\u0301", "\u2028"]
_SEGMENTS = [".", "..", "...", "", "a", "a.b", "%2e", "%2E%2E", "my-object", "photo.user"]

_PATH_PIECES = _UNRESERVED * 4 + [c for c in _PRINTABLE if c not in "#?%"] + _ESCAPES + _UNICODE
_QUERY_PIECES = _UNRESERVED * 4 + [c for c in _PRINTABLE if c not in "#%&="] + _ESCAPES + _UNICODE
_VALUE_PIECES = _PRINTABLE + ["  ", "\t", " \t ", "\r\n ", "\n\t", '"a   b"', ",", ", "] + _UNICODE


def _text(pieces, max_size, min_size=0):
    def join(indexes):
        return "".join([pieces[index % len(pieces)] for index in indexes])

    return st.binary(min_size=min_size, max_size=max_size).map(join)


def _weighted(*pairs):
    return st.sampled_from([value for value, weight in pairs for _ in range(weight)])


SEGMENTS = st.one_of(st.sampled_from(_SEGMENTS), _text(_PATH_PIECES, 6))
PATHS = st.lists(SEGMENTS, max_size=6).map(lambda segments: "/" + "/".join(segments))

NAMES = st.one_of(
    st.sampled_from(["a", "A", "a-", "a.", "list-type", "X-Amz-Meta", "%61", "", "a%3D"]),
    _text(_QUERY_PIECES, 4),
)
VALUES = _text(_QUERY_PIECES + ["=", "%26"], 5)
PARAMETERS = st.one_of(NAMES, st.tuples(NAMES, VALUES).map("=".join), st.just(""))
QUERIES = st.lists(PARAMETERS, max_size=5).map("&".join)

HOSTS = _weighted(
    ("example.amazonaws.com", 6),
    ("bucket.s3.eu-central-1.amazonaws.com", 3),
    ("127.0.0.1:9000", 2),
    ("[::1]:8080", 1),
    ("my_host-1:65535", 1),
    ("EXAMPLE.com", 1),
    ("example.com:443", 1),
    (" example.com\t", 1),
)
_OTHER_NAMES = """Content-Type content-type My-Header1 my-header1 MY-HEADER1 X-Amz-Meta-A
    x-amz-meta-b X-Amz-Storage-Class X-Amz-Target Range Cache-Control If-None-Match Content-MD5
    A A-B A1 A_B Accept x-amz-meta-a0
    X!#$&'*+.^`|~ Date Cookie X-Amz-Acl Content-Encoding""".split()
_HOP_NAMES = sorted(textbook.NEVER_SIGNED - {"transfer-encoding"}) + [
    "X-Forwarded-For",
    "Sec-WebSocket-Key",
    "User-Agent",
    "Accept-Encoding",
]
HEADER_NAMES = st.one_of(st.sampled_from(_OTHER_NAMES), st.sampled_from(_OTHER_NAMES + _HOP_NAMES))
HEADER_VALUES = st.one_of(
    st.sampled_from(["", " ", "v", "value1", "a,b", "text/plain; charset=utf-8", "bytes=0-9"]),
    _text(_VALUE_PIECES, 8),
)
HEADERS = st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES).map(list), max_size=5)

SERVICES = _weighted(("s3", 5), ("service", 2), ("dynamodb", 1), ("iotdata", 1), ("execute-api", 1))
REGIONS = st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1", "auto", "garage", "R_1.x"])
DATES = st.integers(0, 4102444799).map(
    lambda now: time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
)
ACCESS_KEYS = st.sampled_from(["AKIDEXAMPLE", "ASIAIOSFODNN7EXAMPLE", "test:tester", "a"])
SECRETS = st.one_of(
    st.just("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    st.integers(1, 130).map(lambda size: "s" * size),  # past a hash block, "AWS4" included
    _text(_PRINTABLE, 20, 1),
)
TOKENS = st.one_of(
    st.none(),
    st.just("AQoDYXdzEPT//////////wEXAMPLE=="),
    st.sampled_from([255, 256, 257, 700, 4096]).map(lambda size: ("Tk+/%=" * size)[:size]),
    _text(_PRINTABLE, 12, 1),
)
METHODS = _weighted(
    ("GET", 4), ("PUT", 3), ("POST", 2), ("HEAD", 1), ("DELETE", 1), ("M-SEARCH", 1)
)
BODIES = st.one_of(st.just(b""), st.just(b"Param1=value1"), st.binary(max_size=70))


PAYLOADS = st.one_of(
    st.sampled_from(
        [
            {},
            {"payload_hash": textbook.UNSIGNED},
            {"payload_hash": textbook.EMPTY},
            {"payload_hash": "0123456789abcdef" * 4},
        ]
    ),
    _text(_PRINTABLE + _UNICODE + ["\n"], 6).map(lambda text: {"body": text}),
    st.binary(max_size=70).map(lambda data: {"body_base64": base64.b64encode(data).decode()}),
)
_SWITCH_NAMES = ("normalize_path", "double_encode", "sign_body", "token_after_signing")
_SWITCHES = [
    {name: choice for name, choice in zip(_SWITCH_NAMES, choices) if choice is not None}
    for choices in itertools.product([None, None, False, True], repeat=4)
]
AUTHS = _weighted(
    ({}, 8),
    ({"auth": "header"}, 1),
    ({"auth": "query", "expires": 1}, 1),
    ({"auth": "query", "expires": 3600}, 2),
    ({"auth": "query", "expires": 604800}, 1),
    ({"auth": "query", "expires": None}, 1),
)


@st.composite
def requests(draw):
    """Draw one request that is fit to be signed."""
    headers = draw(HEADERS)
    headers.insert(draw(st.integers(0, len(headers))), ["Host", draw(HOSTS)])
    query = draw(QUERIES)
    case = {
        "method": draw(METHODS),
        "target": draw(PATHS) + ("?" + query if query else ""),
        "headers": headers,
        "region": draw(REGIONS),
        "service": draw(SERVICES),
        "amz_date": draw(DATES),
        "access_key_id": draw(ACCESS_KEYS),
        "secret_access_key": draw(SECRETS),
    }
    for part in (PAYLOADS, AUTHS, st.sampled_from(_SWITCHES)):
        case.update(draw(part))
    token = draw(TOKENS)
    return dict(case, session_token=token) if token else case


_WILD_PIECES = list('aZ0%#?&=/ +~:;,@[]\\"') + [
    "\r",
    "\n",
    "\x00",
    "\t",
    "\x7f",
    "%z",
    "%4",
    "ü",
    "\r\n ",
]
_WILD_PLACES = """target path query header value method region service access_key_id
    secret_access_key session_token host""".split()


@st.composite
def wild_requests(draw):
    """Draw a request with arbitrary text in one place; some are still fit to be signed."""
    case = draw(requests())
    text = draw(_text(_WILD_PIECES, 5))
    place = draw(st.sampled_from(_WILD_PLACES))
    if place in ("target", "path", "query"):
        case["target"] = {"target": text, "path": "/" + text, "query": "/?" + text}[place]
    elif place == "host":
        case["headers"] = [["Host", text]]
    elif place in ("header", "value"):
        case["headers"].append([text, "v"] if place == "header" else ["X-A", text])
    else:
        case[place] = text
    return case


def drawn(strategy, examples, number, work):
    """Call work(value) for so many drawn values; the same ones for the same number (the seed).

    hypothesis shrinks what makes work fail, and raises its error for the smallest such value.
    """
    options = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(options(given(strategy)(lambda value: work(value))))()


def sample(strategy, examples, number):
    """Return a list of drawn values, the same for the same number."""
    found = []
    drawn(strategy, examples, number, found.append)
    return found
