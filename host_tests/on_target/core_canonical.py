"""Floor 0's pure parts: canonical forms, and slots."""

import _section
from _check import equal, true
from _section import refuses

from sigv4_mp import Credentials, Signer, canonical, layout
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


SLOTS = (
    layout.AMZ_DATE,
    layout.SCOPE_DATE,
    layout.SIGNATURE,
    layout.CONTENT_LENGTH,
)


def slots():
    """Each slot is where the layout says, and sealing leaves none of them open."""
    equal("widths", [len(slot) for slot in SLOTS], [16, 8, 64, 10])
    url = "https://h/a?X-Amz-A=1&x=1"
    for token in (None, "T" * 300):
        who = Signer(Credentials("AKID", "secret", token), "eu-west-1", "s3")
        hashed = {"payload_hash": "0" * 64}
        for name, prepared in (
            ("header", who.prepare("PUT", url, [("X-A", "1"), ("Zeta", "z" * 256)])),
            ("query", who.prepare_presigned("PUT", url, 60, [("X-A", "1")], **hashed)),
        ):
            name += " with a token" if token else ""
            canonical, to_sign, date, day, body, head, _, _ = prepared._layout
            head, hash_slot, date_slot, signature_slot, day_at, length_at, _, _ = head
            equal(name + ": date", bytes(head[date_slot]), layout.AMZ_DATE)
            equal(name + ": day", bytes(head[day_at : day_at + 8]), layout.SCOPE_DATE)
            equal(name + ": signature", bytes(head[signature_slot]), layout.SIGNATURE)
            equal(name + ": payload hash", bytes(head[hash_slot]), canonical[-1])
            if length_at:
                length = bytes(head[length_at : length_at + 10])
                equal(name + ": length", length, layout.CONTENT_LENGTH)
            equal(name + ": date, hashed", (canonical[date], to_sign[1]), (layout.AMZ_DATE,) * 2)
            equal(name + ": payload hash, hashed", canonical[body], canonical[-1])
            true(name + ": its name before it", canonical[body - 1].endswith(SHA))
            if day:
                equal(name + ": day, hashed", canonical[day], layout.SCOPE_DATE)
            for date in ("20150830T123600Z", "20160101T000000Z"):
                sealed = prepared.seal(payload_hash="1" * 64, content_length=5, amz_date=date)
                for text in (sealed.head, sealed.canonical_request, sealed.string_to_sign):
                    open_slots = [slot for slot in SLOTS if slot in text]
                    equal(name + ": none is left", open_slots, [])
                for text in (sealed.head, sealed.canonical_request):
                    equal(name + ": days", text.count(date[:8].encode()) >= 1, True)
                    true(name + ": hashes", b"1" * 64 in text and b"0" * 64 not in text)
                equal(name + ": checked", sealed.check(), None)


SHA = b"x-amz-content-sha256:"


_section.run(canonical_forms, signed_header_names, slots)
