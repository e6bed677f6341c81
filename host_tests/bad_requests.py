"""Every way we know to make a request unfit to be signed, as changes to a good one.

A row: (name, change, error class, field). change: keys to set in the input of `tools/sign.py`; a
value of MISSING takes the key away. Shared by the table test, the secrets test and the
differential run, which spoils random requests with random rows.
"""

MISSING = object()
HOST = ["Host", "example.com"]
GOOD = {
    "method": "GET",
    "target": "/",
    "headers": [HOST],
    "region": "us-east-1",
    "service": "service",
    "amz_date": "20150830T123600Z",
    "access_key_id": "AKIDEXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
_QUERY = {"auth": "query", "expires": 60}


def _rows(kind, field, key, values, error="RequestError", base=None):
    label = kind + " "
    return [
        (label + repr(value)[:50], dict(base or {}, **{key: value}), error, field)
        for value in values
    ]


def _header(name, value, field):
    return (
        "header %r: %r" % (name, value),
        {"headers": [HOST, [name, value]]},
        "RequestError",
        field,
    )


def _credentials(key, values):
    return _rows(key, key, key, values, "CredentialsError")


_LINE_ENDS = ["\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1f", "\x7f"]
_OWN_PARAMETERS = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "x-amz-expires",
    "X-AMZ-SIGNEDHEADERS",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    "%58-Amz-Date",
]

METHODS = _rows(
    "method",
    "method",
    "method",
    ["", " ", "get", "G ET", "GET ", "GET\r\nX: y", "G\x00T", "GÉT", "G/T"],
)
HEADERS = (
    [_header("X-A", "v%sX-Injected: 1" % end, "x-a") for end in _LINE_ENDS]
    + [_header("X-A", "v" + end, "x-a") for end in ("\r", "\n", "\x00")]
    + [_header("X-A", "v\r\n\r\nbody", "x-a"), _header("X-A", "a\r\n b\r\nc", "x-a")]
    + [
        _header(name, "v", "headers")
        for name in ("", " ", "a b", "a:b", "a\r\nb", "ä", "a\x00", "(a)", "a ")
    ]
    + [
        _header("Authorization", "AWS4-HMAC-SHA256 …", "authorization"),
        _header("AUTHORIZATION", "Bearer x", "authorization"),
        _header("X-Amz-Date", "20150830T123600Z", "x-amz-date"),
        _header("x-amz-date", "", "x-amz-date"),
        (
            "a payload hash of the caller's that is not the body's",
            {"headers": [HOST, ["X-Amz-Content-Sha256", "0" * 64]], "body": "a"},
            "RequestError",
            "x-amz-content-sha256",
        ),
        _header("X-Amz-Content-Sha256", "E3B0" * 16, "payload_hash"),
        _header("Content-Length", "x", "content-length"),
        _header("Content-Length", "-1", "content-length"),
        _header("Content-Length", "5", "content-length"),
        _header("HOST", "example.com", "host"),
        _header("host", "other.com", "host"),
    ]
)
HOSTS = [
    ("host %r" % value, {"headers": [["Host", value]]}, "RequestError", field)
    for value, field in (
        ("", "host"),
        (" ", "host"),
        ("a b", "host"),
        ("user@example.com", "target"),
        ("user:pass@example.com", "target"),
        ("example.com/x", "host"),
        ("example.com\\x", "host"),
        ("exämple.com", "host"),
        ("a\x00b", "host"),
        ("a\r\nX: y", "host"),
        ("example.com:0", "target"),
        ("example.com:65536", "target"),
        ("example.com:", "target"),
        ("example.com:-1", "target"),
        ("example.com:8o", "target"),
        ("example.com:1:2", "target"),
        (":80", "target"),
        ("[::1", "host"),
        ("::1", "target"),
    )
] + [("no host", {"headers": []}, "RequestError", "host")]
TARGETS = (
    _rows("target", "target", "target", ["", "a", "*", "?a=1", "http://x/", "\\x"])
    + _rows("query", "target", "target", ["/?a=%", "/?%zz=1", "/?a=%2", "/?a=1&b=%G0"])
    + _rows(
        "S3 path", "target", "target", ["/%", "/a%2", "/%zz/b", "/100%"], base={"service": "s3"}
    )
    + _rows(
        "own parameter",
        "target",
        "target",
        ["/?%s=1" % name for name in _OWN_PARAMETERS] + ["/?a=1&x-amz-date"],
        base=_QUERY,
    )
)
SCOPES = [
    row
    for key in ("region", "service")
    for row in _rows(
        key, key, key, ["", " ", "a/b", "a b", "a\n", "ü", "a:b", "a%2F", "a,b", "\x00"]
    )
]
CREDENTIALS = (
    _credentials(
        "access_key_id",
        ["", " ", "AKID EXAMPLE", "AKID\n", "\tAKID", "AK/ID", "AKÏD", "A,B", "A=B"],
    )
    + _credentials(
        "secret_access_key", ["", " ", "se cret", "secret\n", "\tsecret", "\x00", "secret\x7f"]
    )
    + _credentials(
        "session_token", ["", " ", "to ken", "token\n", "token\r\nX: y", "tokén", "\x00"]
    )
)
DATES = _rows(
    "amz_date",
    "amz_date",
    "amz_date",
    """20150830t123600z 20150830T123600z 20150830T123600 20150830123600Z 20151330T123600Z
    20150030T123600Z 20150800T123600Z 20150831T240000Z 20150830T126000Z 20150830T123660Z
    20150229T000000Z 21000229T000000Z 20150431T000000Z 2015-08-30T12:36:00Z 00000000T000000Z
    19691231T235959Z ２0150830T123600Z 20150830T123600ZZ +2150830T123600Z
    2015083 T123600Z""".split()
    + ["", " 20150830T123600Z", "20150830T123600Z\n", "20150830T1236\x000Z", "2015 830T123600Z"],
)
EXPIRES = _rows(
    "expires",
    "expires",
    "expires",
    [0, -1, 604801, 2**31, 2**70, "60", "", True, False, 60.0, 1.5, [60], {}],
    base=_QUERY,
) + [("no expires", {"auth": "query"}, "RequestError", "expires")]
PAYLOADS = (
    _rows(
        "payload_hash",
        "payload_hash",
        "payload_hash",
        [
            "",
            "abc",
            "E3B0" * 16,
            "g" * 64,
            "1" * 63,
            "22" + "1" * 63,
            "unsigned-payload",
            "UNSIGNED",
            " " * 64,
        ]
        + ["STREAMING-\n", "0" * 63 + "\n", "ü" * 32],
    )
    + _rows(
        "body_base64",
        "body_base64",
        "body_base64",
        ["a", "YQ", "Y", "@@@@", "YQ=", "ü", "YQ==YQ=="],
    )
    + [
        ("two payloads", {"body": "a", "body_base64": "YQ=="}, "RequestError", "body"),
        ("body and hash", {"body": "a", "payload_hash": "0" * 64}, "RequestError", "body"),
    ]
)
_TYPED = {
    "method": "GET",
    "target": "/",
    "region": "us-east-1",
    "service": "s3",
    "amz_date": "20150830T123600Z",
    "access_key_id": "AKID",
    "secret_access_key": "secret",
}
TYPES = (
    [
        row
        for key in _TYPED
        for row in _rows(
            "type of " + key, key, key, [None, 1, 0, True, 1.5, [], ["a"], {}, MISSING]
        )
    ]
    + _rows(
        "type of headers", "headers", "headers", ["", "Host: a", 1, {}, True, [1], ["Host"], [[]]]
    )
    + _rows(
        "pair",
        "headers",
        "headers",
        [[["Host"]], [["Host", "a", "b"]], [["Host", 1]], [[None, "a"]]],
    )
    + [
        row
        for key in ("body", "body_base64", "payload_hash", "session_token", "auth")
        for row in _rows("type of " + key, key, key, [1, 0, True, False, 1.5, [], {}])
    ]
    + [
        row
        for key in ("normalize_path", "double_encode", "sign_body", "token_after_signing")
        for row in _rows("type of " + key, key, key, [1, 0, "true", "", [], {}])
    ]
    + _rows("auth", "auth", "auth", ["", "Query", "headers"])
)
_SURROGATES = ["\ud800", "a\udfffb", "\ude00\ud83d", "\ud83d"]
SURROGATES = [
    row
    for key, error in (
        ("target", "RequestError"),
        ("body", "RequestError"),
        ("region", "RequestError"),
        ("method", "RequestError"),
        ("amz_date", "RequestError"),
        ("payload_hash", "RequestError"),
        ("access_key_id", "CredentialsError"),
        ("secret_access_key", "CredentialsError"),
        ("session_token", "CredentialsError"),
    )
    for row in _rows(
        "surrogate in " + key,
        key,
        key,
        ["/" + text if key == "target" else text for text in _SURROGATES],
        error,
    )
] + [_header("X-A", text, "x-a") for text in _SURROGATES]

ROWS = (
    METHODS
    + HEADERS
    + HOSTS
    + TARGETS
    + SCOPES
    + CREDENTIALS
    + DATES
    + EXPIRES
    + PAYLOADS
    + TYPES
    + SURROGATES
)

# Lines that are no request at all.
NOT_REQUESTS = (
    b"nonsense",
    b'"text"',
    b"[]",
    b"1",
    b"null",
    b"{}{}",
    b"\x00",
    b"\xff\xfe",
    b'{"method": "\xff"}',
    b"[" * 5000,
    b'{"a":' * 2000,
    b"}" * 100,
)


def spoiled(case, change):
    """Return the case with a row's change applied."""
    merged = dict(case, **change)
    return {key: value for key, value in merged.items() if value is not MISSING}
