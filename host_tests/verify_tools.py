"""Every single mutation of a recorded request, and what a request means: parsed by others.

    for one in mutations(head, body): one.field, one.what, one.head, one.body
    meaning(head, body, signed)     what must not change in a request that is still accepted

The parsers here are CPython's http.client and urllib: nothing of lib/ has a part in the judgement.
"""

import http.client
import io
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

# With x-amz-*: what must be signed wherever it is sent, so that a new one is a new meaning.
COVERED = ("host", "content-type", "content-md5")


class Mutation(NamedTuple):
    """field: str, where it was done ("path", "value:host", "auth:date", …). what: str, how."""

    field: str
    what: str
    head: bytes
    body: bytes


def take_apart(head):
    """Return (method, target, [(name, value)]) of a head, all str. Raises: ValueError."""
    line, _, rest = head.partition(b"\r\n")
    words = line.decode("latin-1").split(" ")
    if len(words) != 3 or words[2] != "HTTP/1.1":
        raise ValueError("request line")
    message = http.client.parse_headers(io.BytesIO(rest))
    if message.defects:
        raise ValueError("headers")
    return words[0], words[1], message.items()


def meaning(head, body, signed):
    """Return what a request asks for, as far as a signature protects it: compare it with ==.

    Method; path, segment by segment, each decoded; the set of query pairs, decoded ("+" is a plus);
    each header of `signed` (names), of COVERED and x-amz-*, its white space folded as AWS
    documents; who signed, and for what scope; the content.
    body: bytes, the content; None if the signature leaves it out.
    """
    method, target, headers = take_apart(head)
    path, _, query = target.partition("?")
    pairs = []
    for piece in filter(None, query.split("&")):
        name, _, value = piece.partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    kept, who = [], None
    for name, value in headers:
        name = name.lower()
        if name == "authorization":
            who = re.findall(r"(?:Credential|SignedHeaders)=([^, ]+)", value)
        elif name in signed or name in COVERED or name.startswith("x-amz-"):
            kept.append((name, " ".join(value.split())))
    segments = [unquote_to_bytes(segment) for segment in path.split("/")]
    return method, segments, sorted(pairs), sorted(kept), who, body


def spans(head):
    """Return [(field, start, end)] that cover a head: what stands where."""
    found, at = [], 0
    for field, text in (("method", rb"\S+"), ("path", rb"[^? ]+"), ("query", rb"(\?\S*)?")):
        end = at + len(re.compile(text).match(head, at).group())
        found.append((field, at, end))
        at = end
        if field == "method":
            at += 1
    end = head.index(b"\r\n") + 2
    found.append(("version", at, end))
    while head[end : end + 2] != b"\r\n":
        at, colon, end = end, head.index(b":", end), head.index(b"\r\n", end) + 2
        name = head[at:colon].decode().lower()
        found.append(("name:" + name, at, colon + 1))
        if name == "authorization":
            found.extend(_of_authorization(head, colon + 1, end))
        else:
            found.append(("value:" + name, colon + 1, end - 2))
        found.append(("end:" + name, end - 2, end))
    return found


def _of_authorization(head, start, end):
    pattern = rb" (\S+) Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/(aws4_request), ?"
    pattern += rb"SignedHeaders=([^,]+), ?Signature=(\w+)"
    match = re.compile(pattern).match(head, start)
    names = ("algorithm", "key", "date", "region", "service", "end", "signed", "signature")
    for number, name in enumerate(names, 1):
        if match.start(number) > start:
            yield "auth:form", start, match.start(number)
        yield "auth:" + name, match.start(number), match.end(number)
        start = match.end(number)
    assert start == end - 2


def field_at(found, at):
    """Return the field of spans() in which a position lies."""
    for field, start, end in found:
        if start <= at < end:
            return field
    return "frame"


def mutations(head, body):
    """Yield each Mutation of a request: bytes first, then what clients and proxies really do."""
    yield from _bytes_of(head, body)
    yield from _headers_of(head, body)
    yield from _lines_of(head, body)
    yield from _dates_and_scopes(head, body)
    yield from _bodies(head, body)


def _bytes_of(head, body):
    """Each byte of the head: two bits flipped, left out, doubled, replaced by a space and a NUL."""
    found = spans(head)
    for at in range(len(head)):
        field, old = field_at(found, at), head[at]
        for what, new in (
            ("flip 1", bytes([old ^ 1])),
            ("flip 32", bytes([old ^ 32])),
            ("left out", b""),
            ("doubled", bytes([old, old])),
            ("space", b" "),
            ("NUL", b"\0"),
        ):
            changed = head[:at] + new + head[at + 1 :]
            if changed != head:
                yield Mutation(field, "%s at %d" % (what, at), changed, body)


def _headers_of(head, body):
    lines = head[:-4].split(b"\r\n")

    def made(kept):
        return b"\r\n".join(kept) + b"\r\n\r\n"

    for at in range(1, len(lines)):
        name, _, value = lines[at].partition(b":")
        lower = name.decode().lower()
        before, after, other = lines[:at], lines[at + 1 :], name + b": other"
        for what, kept in (
            ("removed", before + after),
            ("doubled", [*before, lines[at], *lines[at:]]),
            ("added in front", [*before, other, *lines[at:]]),
            ("added behind", [*lines, other]),
        ):
            yield Mutation("lines:" + lower, what, made(kept), body)
        yield Mutation("order", "moved to the end", made([*before, *after, lines[at]]), body)
        field = "value:" + lower
        folded = name + b":\r\n " + value.strip()
        yield Mutation(field, "folded", made([*before, folded, *after]), body)
        for what, text in (
            ("no space", name + b":" + value.strip()),
            ("more space", name + b": \t " + value.strip() + b"  "),
            ("upper-case name", name.upper() + b":" + value),
            ("space before colon", name + b" :" + value),
            ("runs", name + b":" + value.replace(b" ", b"   ")),
        ):
            yield Mutation(field, what, made([*before, text, *after]), body)
    for text in (
        "x-amz-acl: public-read|x-amz-copy-source: /b/other|x-amz-meta-more: 1|X-AMZ-DATE: 1"
        "|x-evil: 1|Range: bytes=0-1|Transfer-Encoding: chunked|Content-Length: 3|Host: evil"
        "|Authorization: Basic eDp5|Content-Type: text/html|x-amz-security-token: t|Date: now"
        "|Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==|x-http-method-override: DELETE|Expect: other"
    ).split("|"):
        yield Mutation("added", text, made([*lines, text.encode()]), body)
        yield Mutation(
            "added", text + " in front", made([lines[0], text.encode(), *lines[1:]]), body
        )


def _lines_of(head, body):
    line, _, rest = head.partition(b"\r\n")
    method, target, version = line.split(b" ")
    path, _, query = target.partition(b"?")
    rest = b"\r\n" + rest
    mark = b"?" + query if query else b""

    def made(field, what, method=method, target=target):
        return Mutation(field, what, method + b" " + target + b" " + version + rest, body)

    for other in b"GET PUT POST DELETE HEAD OPTIONS PATCH CONNECT".split() + [method.lower()]:
        if other != method:
            yield made("method", other.decode(), other)
    decoded = unquote_to_bytes(path)
    for what, text in (
        ("encoded again", path.replace(b"%", b"%25")),
        ("decoded", decoded),
        ("decoded twice", unquote_to_bytes(decoded)),
        ("dot", path[:1] + b"./" + path[1:]),
        ("dots", b"/x/.." + path),
        ("dots encoded", b"/x/%2e%2e" + path),
        ("double slash", b"/" + path),
        ("slash inside", path.replace(b"/", b"//")),
        ("slash behind", path + b"/"),
        ("slash encoded", path[:1] + path[1:].replace(b"/", b"%2F")),
        ("backslash", path[:1] + path[1:].replace(b"/", b"\\")),
        ("all encoded", b"/" + b"".join(b"%%%02X" % byte for byte in path[1:] if byte != 47)),
        ("a letter encoded", path[:1] + b"%%%02x" % path[1] + path[2:]),
        ("lower-case hex", re.sub(rb"%..", lambda one: one.group().lower(), path)),
        ("plus for space", path.replace(b"%20", b"+")),
        ("space for plus", path.replace(b"%2B", b"+")),
        ("parameters", path + b";x=1"),
        ("absolute", b"http://evil" + path),
        ("fragment", path + b"#x"),
        ("empty query", path + (mark or b"?")),
    ):
        if text + mark != target:
            yield made("path", what, target=text + mark)
    yield from _queries(made, path, query)


def _escape(match):
    return b"%%%02x" % ord(match.group())


def _queries(made, path, query):
    pairs = query.split(b"&") if query else []

    def of(what, kept):
        return made("query", what, target=path + b"?" + b"&".join(kept))

    for extra in (b"versionId=x", b"acl", b"X-Amz-Expires=9", b"X-Amz-Signature=0", b"%00=1"):
        yield of("added " + extra.decode(), [*pairs, extra])
        yield of("added in front " + extra.decode(), [extra, *pairs])
    if len(pairs) > 1:
        yield of("reversed", pairs[::-1])
        yield of("semicolons", [b";".join(pairs)])
        yield of("empty pieces", [b"", *pairs, b""])
    for at, pair in enumerate(pairs):
        name, _, value = pair.partition(b"=")
        before, after = pairs[:at], pairs[at + 1 :]
        for what, texts in (
            ("removed", []),
            ("doubled", [pair, pair]),
            ("another value", [pair, name + b"=other"]),
            ("other value", [name + b"=other"]),
            ("no value", [name]),
            ("encoded again", [name + b"=" + value.replace(b"%", b"%25")]),
            ("decoded", [name + b"=" + unquote_to_bytes(value)]),
            (
                "all encoded",
                [name + b"=" + b"".join(b"%%%02x" % byte for byte in unquote_to_bytes(value))],
            ),
            ("name encoded", [b"%%%02X" % name[0] + name[1:] + b"=" + value]),
            ("plus for space", [pair.replace(b"%20", b"+")]),
            ("upper-case name", [name.upper() + b"=" + value]),
        ):
            if texts != [pair]:
                yield of("%s: %s" % (name.decode(), what), [*before, *texts, *after])


def _dates_and_scopes(head, body):
    """The date and the scope moved, together and alone: as a replay would need it."""
    date = re.search(rb"(?i)x-amz-date[:=] ?(\d{8})T(\d{6})Z", head)
    day, clock = date.groups()
    for what, new in (
        ("a second on", day + b"T" + b"%06d" % ((int(clock) + 1) % 240000) + b"Z"),
        ("a year back", b"%04d" % (int(day[:4]) - 1) + day[4:] + b"T" + clock + b"Z"),
        ("no date", b"x"),
    ):
        yield Mutation("date", what, head.replace(day + b"T" + clock + b"Z", new), body)
    other = b"%04d" % (int(day[:4]) - 1) + day[4:]
    yield Mutation("date", "a year back everywhere", head.replace(day, other), body)
    for mark in (b"/", b"%2F"):
        start = mark + day + mark
        if start in head:
            scope = re.search(re.escape(start) + rb"[^, &]*?aws4_request", head).group()
            parts = scope.split(mark)
            for at, what in ((1, "date"), (2, "region"), (3, "service"), (4, "end")):
                for new in (b"", b"x", b"20150830", parts[at] + b"x", parts[at].upper()):
                    if new != parts[at]:
                        changed = mark.join([*parts[:at], new, *parts[at + 1 :]])
                        what_else = "%s %s" % (what, new.decode())
                        yield Mutation("scope", what_else, head.replace(scope, changed), body)


def _bodies(head, body):
    for at in range(min(len(body), 200)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        yield Mutation("body", "flip 1 at %d" % at, head, changed)
    yield Mutation("body", "longer", head, body + b"x")
    if body:
        yield Mutation("body", "shorter", head, body[:-1])
        yield Mutation("body", "empty", head, b"")
        yield Mutation("body", "two bytes swapped", head, body[1:2] + body[:1] + body[2:])
