"""Floor 0's pure parts: canonical forms, and slots."""

import _section
from _check import equal, true
from _section import refuses

from sigv4_mp import canonical, layout
from sigv4_mp.errors import RequestError

PATHS = (
    # path, (normalised, encoded twice), (normalised, once), (kept, twice), (kept, once: S3)
    (b"", b"/", b"/", b"/", b"/"),
    (b"/", b"/", b"/", b"/", b"/"),
    (b"//a//b", b"/a/b", b"/a/b", b"//a//b", b"//a//b"),
    (b"/./a/../b", b"/b", b"/b", b"/./a/../b", b"/./a/../b"),
    (b"/a/b/..", b"/a", b"/a", b"/a/b/..", b"/a/b/.."),
    (b"/a/b/../", b"/a/", b"/a/", b"/a/b/../", b"/a/b/../"),
    (b"/a/.", b"/a", b"/a", b"/a/.", b"/a/."),
    (b"/../..", b"/", b"/", b"/../..", b"/../.."),
    (b"/a/../../b", b"/b", b"/b", b"/a/../../b", b"/a/../../b"),
    (b"/a/...", b"/a/...", b"/a/...", b"/a/...", b"/a/..."),
    (b"/%2e%2e/x", b"/%252e%252e/x", b"/../x", b"/%252e%252e/x", b"/../x"),
    (b"/a%2fb", b"/a%252fb", b"/a%2Fb", b"/a%252fb", b"/a%2Fb"),
    (b"/a(b)+%7E", b"/a%28b%29%2B%257E", b"/a%28b%29%2B~", b"/a%28b%29%2B%257E", b"/a%28b%29%2B~"),
    (b"/\xc3\xbc", b"/%C3%BC", b"/%C3%BC", b"/%C3%BC", b"/%C3%BC"),
)
QUERIES = (
    (b"", b""),
    (b"a", b"a="),
    (b"=v", b"=v"),
    (b"=", b"="),
    (b"&&a=1&", b"a=1"),
    (b"a=b=c", b"a=b%3Dc"),
    (b"a=b+c", b"a=b%2Bc"),
    (b"a=%2f&%61=%7e", b"a=%2F&a=~"),
    (b"b=1&a=2&a=1&a", b"a=&a=1&a=2&b=1"),
    (b"a-=1&a=2", b"a=2&a-=1"),  # as whole texts, "a-=1" would come first
    (b"a=2&a%00=1", b"a=2&a%00=1"),
    (b"a=1&A=1&_=1&~=1&%5e=1", b"%5E=1&A=1&_=1&a=1&~=1"),
    (b"\xc3\xa9=1&z=1", b"%C3%A9=1&z=1"),
    (b"a=/x?y;@:$,*'", b"a=%2Fx%3Fy%3B%40%3A%24%2C%2A%27"),
)


def canonical_forms():
    for path, *wanted in PATHS:
        found = [canonical.canonical_uri(path, n, d) for n, d in ((1, 1), (1, 0), (0, 1), (0, 0))]
        equal("path %r" % path, found, wanted)
    for query, wanted in QUERIES:
        pairs = canonical.query_pairs(query)
        equal("query %r" % query, canonical.canonical_query_string(pairs), wanted)
        equal("%r untouched by sorting" % query, pairs, canonical.query_pairs(query))
    for bad in (b"%", b"a%2", b"%zz", b"%41%4"):
        refuses(RequestError, "url", canonical.canonical_uri, b"/" + bad, False, False)
        refuses(RequestError, "url", canonical.query_pairs, b"a=" + bad)
        true(
            "but %r is encoded twice" % bad,
            b"%25" in canonical.canonical_uri(b"/" + bad, False, True),
        )
    for value, wanted in (
        (b"", b""),
        (b"  ", b""),
        (b" a ", b"a"),
        (b"a   b", b"a b"),
        (b"a\tb", b"a b"),
        (b"a \t b", b"a b"),
        (b'"a   b"', b'"a b"'),
        (b"a b", b"a b"),
        (b"\xc2\xa0a\xc2\xa0", b"\xc2\xa0a\xc2\xa0"),
        (b"\x85\xa0  x", b"\x85\xa0 x"),
    ):
        equal("value %r" % value, canonical.canonical_header_value(value), wanted)
    pairs = [
        (b"b", b"1"),
        (b"a-b", b" x "),
        (b"b", b""),
        (b"a1", b"3"),
        (b"a_b", b"4"),
        (b"b", b"0"),
        (b"a", b"5"),
    ]
    given = list(pairs)
    wanted = [(b"a", b"5"), (b"a-b", b"x"), (b"a1", b"3"), (b"a_b", b"4"), (b"b", b"1,,0")]
    equal("headers", canonical.canonical_headers(pairs), wanted)
    equal("pairs untouched", pairs, given)


def signed_header_names():
    hops = "accept-encoding baggage connection expect forwarded keep-alive proxy-authenticate te"
    hops += " proxy-authorization traceparent tracestate trailer transfer-encoding upgrade via"
    hops += " user-agent x-amzn-trace-id x-forwarded-for x-forwarded- sec-websocket-key"
    for name in hops.encode().split():
        true("%s is a hop's" % name.decode(), not canonical.is_signed(name, ()))
        true("%s insisted on" % name.decode(), canonical.is_signed(name, [b"other", name]))
    for name in (
        b"host content-type content-length x-amz-date date range x-amz-meta-via x-forwarded".split()
    ):
        true("%s is signed" % name.decode(), canonical.is_signed(name, ()))


def slots():
    filled = layout.Slots()
    text = bytearray()
    for piece in (
        b"<",
        layout.AMZ_DATE,
        b"|",
        b"",
        layout.SCOPE_DATE,
        b"/",
        layout.SCOPE_DATE,
        b">",
    ):
        filled.write(text, piece)
    other = bytearray()
    filled.write_mixed(other, layout.AMZ_DATE + layout.SIGNATURE + b"=" + layout.CONTENT_LENGTH)
    filled.fill(layout.AMZ_DATE, b"20150830T123600Z")
    filled.fill(layout.SCOPE_DATE, b"20150830")
    equal("one text", bytes(text), b"<20150830T123600Z|20150830/20150830>")
    equal("both texts", bytes(other[:16]), b"20150830T123600Z")
    filled.fill(layout.SIGNATURE, b"s" * 64)
    filled.fill(layout.CONTENT_LENGTH, b"%10d" % 5)
    equal("neighbours", bytes(other[16:]), b"s" * 64 + b"=         5")
    filled.fill(layout.SCOPE_DATE, b"20160101")
    equal("again", bytes(text), b"<20150830T123600Z|20160101/20160101>")
    filled.fill(layout.REQUEST_HASH, b"h" * 64)
    equal("a slot that is nowhere", (len(text), len(other)), (36, 91))
    plain = bytearray(b"a")
    filled.write_mixed(plain, b"")
    filled.write_mixed(plain, b"t" * 300)
    filled.write_mixed(plain, b"t" + layout.PAYLOAD_HASH)
    filled.fill(layout.PAYLOAD_HASH, b"p" * 64)
    equal("mixed", bytes(plain), b"a" + b"t" * 301 + b"p" * 64)
    widths = [len(slot) for slot in layout._ALL]
    equal("widths", widths, [16, 8, 64, 64, 64, 10])
    equal("slots differ", len({slot[0] for slot in layout._ALL}), len(widths))


_section.run(canonical_forms, signed_header_names, slots)
