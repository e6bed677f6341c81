"""Write `generated.json`: vectors for what AWS publishes no example of.

    python -m host_tests.vectors.generate

Each vector names what it changes in the base request; the results come from `host_tests.textbook`.
`verify.py` has awscrt and botocore check every one of them. The file is committed, so that a change
of textbook or generator shows up as a change of facts.
"""

import json
from pathlib import Path

from host_tests import textbook

FILE = Path(__file__).with_name("generated.json")
BASE = {
    "method": "GET",
    "target": "/",
    "headers": [["Host", "examplebucket.s3.amazonaws.com"]],
    "region": "us-east-1",
    "service": "s3",
    "amz_date": "20130524T000000Z",
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
OTHER = {"service": "execute-api", "headers": [["Host", "example.amazonaws.com"]]}
_KEYS = (
    """photos/2024/a.jpg a%20b a+b a%2Bb a~b //a//b ./a/../b .. . a%2Fb a%2fb %25 100%25 %2525
    %2E%2E/x a(b)!*' a%28b%29%21%2A%27 @:$,;=&[]|^`{}"<>\\ %C3%BC %c3%bc ü %F0%9F%98%80 😀 日本語
    e%CC%81 %FF%FE %00 trailing/ a%0D%0Ab ?q ??a=?b /""".split()
    + ["", "k" * 900, "%F0%9F%98%80" * 100]
)
_QUERIES = """a a= =v = a=b=c a=b+c a=b%20c a=%2f a=%2F a=~ a=%7E a=b%3Dc b=1&a=2&a=1 a=2&a-=1
    a-=1&a=2 a=2&a%3D=1 &&a=1 a=1& A=1&a=2&B=3&_=4&~=5&%5E=6 a=1&a=&a&a=%20 %61=1&a=0
    x*y'=(1)! a;b=1
    a=/x?y a=@:$, ü=ü %C3%BC=%c3%bc 😀=日本 prefix=a/b&delimiter=/&list-type=2&max-keys=2
    uploads partNumber=1&uploadId=VCVsb2FkIElE a=%FF a=%00&a=%0A a=1&a=2&a=10&a=11
    a1=1&a=2&a.=3&a_=4 X-Amz-Meta=1&x-amz-meta=2 a=%252F""".split()
_VALUES = [
    "",
    " ",
    "v",
    "  v  ",
    "a   b",
    "a \t b",
    '"a   b"',
    ",",
    "a, b",
    "ü",
    "日本 😀",
    "\u00a0a\u00a0",
]
_TOKEN_SIZES = (1, 255, 256, 257, 700, 1024, 4096)


def vectors():
    """Yield (name, case) of every generated vector; case: the changes to BASE."""
    for byte in range(0x21, 0x7F):
        char = chr(byte)
        if char not in "?#%":
            yield from _both("key byte %02X" % byte, {"target": "/x%sy" % char})
        if char not in "#%&":
            yield "query byte %02X" % byte, {"target": "/?x%sy=%s" % (char, char)}
    for byte in range(256):
        yield "key escape %02X" % byte, {"target": "/x%%%02xy" % byte}
        yield "query escape %02X" % byte, {"target": "/?%%%02x=%%%02X" % (byte, byte)}
    for key in _KEYS:
        yield from _both("key " + key[:40], {"target": "/" + key})
        yield "mixed policies, key " + key[:40], dict(OTHER, target="/" + key, normalize_path=False)
    for query in _QUERIES:
        yield "query " + query, {"target": "/?" + query}
        yield "presigned query " + query, {"target": "/?" + query, "auth": "query", "expires": 60}
    yield from _headers()
    yield from _tokens()
    yield from _payloads()
    yield from _secrets()


def _both(name, change):
    yield "s3 " + name, change
    yield "other " + name, dict(OTHER, **change)


def _headers():
    host = BASE["headers"][0]
    for value in _VALUES:
        yield "header value %r" % value, {"headers": [host, ["X-Amz-Meta-A", value]]}
    repeated = [["X-B", "2"], host, ["x-a", "1"], ["X-b", " 1  3 "], ["x-A", ""]]
    yield "headers repeated in other case", {"headers": repeated}
    order = [["A-B", "1"], ["A", "2"], ["A_B", "3"], ["A1", "4"], host, ["B", "5"]]
    yield "headers sorted by bytes", {"headers": order}
    hops = sorted(textbook.NEVER_SIGNED - {"transfer-encoding"}) + ["X-Forwarded-For"]
    yield "headers of hops", {"headers": [host] + [[name, "v"] for name in hops]}
    for name in ("127.0.0.1:9000", "[::1]:8080", "a"):
        yield "host " + name, {"headers": [["Host", name]]}


def _tokens():
    for size in _TOKEN_SIZES:
        token = ("FwoGZXIvYXdzE+/=" * 256)[:size]
        for after in (False, True):
            change = {"session_token": token, "token_after_signing": after}
            name = "token of %d bytes%s" % (size, ", after signing" if after else "")
            yield name, change
            yield "presigned, " + name, dict(change, auth="query", expires=604800)


def _secrets():
    for size in (1, 40, 59, 60, 61, 124, 200):  # with "AWS4", a hash block is 64 bytes
        yield "secret of %d bytes" % size, {"secret_access_key": ("secret/+" * 25)[:size]}


def _payloads():
    for name, change in (
        ("text", {"body": "Welcome to Amazon S3.\n"}),
        ("bytes", {"body_base64": "AP/+gIE="}),
        ("hash", {"payload_hash": "0123456789abcdef" * 4}),
        ("unsigned", {"payload_hash": textbook.UNSIGNED}),
    ):
        yield from _both("payload " + name, dict(change, method="PUT"))
        yield (
            "other, body header, payload " + name,
            dict(OTHER, sign_body=True, method="PUT", **change),
        )
        yield "s3, no body header, payload " + name, dict(change, sign_body=False, method="PUT")


def expected(case):
    """Return the facts that a vector keeps of its signing."""
    signed = textbook.sign(case)
    lines = signed.canonical_request.split("\n")
    facts = {"canonical_uri": lines[1]}
    if case.get("auth") != "query":  # else it holds the whole credential and token
        facts["canonical_query_string"] = lines[2]
    return dict(facts, signed_headers=signed.signed_headers, signature=signed.signature)


def build():
    """Return the file's whole content, text: one vector a line."""
    lines = []
    for name, change in vectors():
        vector = {"name": name, "case": change}
        vector.update(expected(dict(BASE, **change)))
        lines.append(json.dumps(vector, ensure_ascii=False))
    head = '{"source": "host_tests/vectors/generate.py; verified by verify.py",\n"base": %s,\n'
    return head % json.dumps(BASE) + '"vectors": [\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    FILE.write_text(build())
    print("%d vectors in %s" % (len(json.loads(build())["vectors"]), FILE.name))
