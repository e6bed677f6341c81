"""Mistakes made one by one before Swift and MiniStack, and the cause that `explain` must name.

    .venv/bin/python -m host_tests.explain_cases --write

runs them all, then writes the table of docs/debugging.md and the answers that the servers gave
(vectors/server_answers.json, "recorded"), for interpreters without a socket. Proxy mistakes are
those of tools/servers/mistake_proxy.py; client mistakes are made here, by signing wrongly.
"""

import argparse
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import socket
import sys
from urllib.parse import urlsplit

ROOT = pathlib.Path(__file__).resolve().parents[1]
if __package__ in (None, "", "host_tests"):
    sys.path[:0] = [os.fspath(ROOT / part) for part in ("lib", "host_tests", "tools", ".")]

from e2e_tools import amz_date, boto_client  # noqa: E402
from sigv4_mp import Credentials, Signer  # noqa: E402
from sigv4_mp.checksum import Crc32  # noqa: E402
from sigv4_mp.chunked import ROOM, SIGNED, SIGNED_TRAILER, TAIL, ChunkEncoder, encoded_length  # noqa: E402
from sigv4_mp.explain_ours import Ours, of  # noqa: E402
from sigv4_mp.explain_remedies import remedy  # noqa: E402
from sigv4_mp.explain_words import causes, meaning  # noqa: E402
from tools.servers.mistake_proxy import Mistake, MistakeProxy  # noqa: E402

VECTORS = ROOT / "host_tests" / "vectors" / "server_answers.json"
PAGE = ROOT / "docs" / "debugging.md"
BEGIN, END = "<!-- causes: explain_cases -->\n", "<!-- end of causes -->\n"
MEANINGS, MEANINGS_END = "<!-- meanings: explain_cases -->\n", "<!-- end of meanings -->\n"
_WRONG = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS's documented example
BODY = b"what a sensor says"
BUCKET = "explained"
HEADERS = [("Content-Type", "text/plain"), ("x-amz-meta-colour", "dark blue")]
# A path with all that is encoded differently by different hands.
PATH = "/" + BUCKET + "/depot/a%20b%28c%29"


class Case:
    """A mistake. made: by whom and how, for the table. make: called with a Client; returns
    (Ours, bytes to send). mistake: of the proxy. cause, field, certainty: what must come out.
    among: where the server's answer fits several causes, the one that must be named as well.
    silent: the server gives nothing: without the head that arrived, it is one of several."""

    def __init__(self, server, made, make, wanted, mistake="none", among=None, silent=False):
        self.server, self.made, self.make, self.mistake = server, made, make, mistake
        self.cause, self.field, self.certainty = wanted
        self.among, self.silent = among, silent

    def judge(self, cause, field, certainty, also, arrived=False):
        """Return whether an explanation is right; arrived: it was given the head that arrived."""
        if self.silent and not arrived:
            named = self.cause in [other for other, _ in also]
            return named and (cause, field, certainty) == ("unexplained", None, "possible")
        named = self.among is None or self.among in [other for other, _ in also]
        return named and (cause, field, certainty) == (self.cause, self.field, self.certainty)

    @property
    def name(self):
        words = "%s: %s" % (self.server, self.made)
        return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


class Client:
    """Signs for a server behind a proxy."""

    def __init__(self, server, url):
        self.server, self.url = server, url
        self.key, self.secret = server.access_key_id, server.secret_access_key

    def signer(self, service="s3", region=None, key=None, secret=None, token=None, **rules):
        credentials = Credentials(key or self.key, secret or self.secret, token)
        return Signer(credentials, region or self.server.region, service, **rules)

    def session(self, service="dynamodb", **rules):
        """Return a signer with temporary credentials."""
        one = self.server.session
        keys = (one["access_key_id"], one["secret_access_key"], one["session_token"])
        return self.signer(service, None, *keys, **rules)


def whole(sealed, body=b""):
    return of(sealed), sealed.head + body


def put(client, path=PATH, shift_s=0, headers=HEADERS, signer=None, **rules):
    """A PUT with a hashed body."""
    signer = signer or client.signer(**rules)
    sealed = signer.sign("PUT", client.url + path, headers, BODY, amz_date=amz_date(shift_s))
    return whole(sealed, BODY)


def listing(client, query="list-type=2&prefix=a%20b&start-after=a%2Bb", signer=None):
    """A GET with a query that can be encoded in several ways."""
    url = client.url + "/" + BUCKET + "?" + query
    return whole((signer or client.signer()).sign("GET", url, amz_date=amz_date()))


def chunked(client, mode=SIGNED, **rules):
    """A PUT in signed chunks."""
    checksum = Crc32() if mode == SIGNED_TRAILER else None
    length = encoded_length(len(BODY), 8192, mode, checksum)
    headers = [
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", str(len(BODY))),
    ]
    if checksum:
        headers.append(("x-amz-trailer", "x-amz-checksum-crc32"))
    sealed = client.signer(**rules).sign(
        "PUT", client.url + PATH, headers, None, mode, length, amz_date=amz_date()
    )
    encoder = ChunkEncoder(sealed, len(BODY), 8192, mode, checksum)
    buffer = bytearray(ROOM + 8192 + TAIL)
    buffer[ROOM : ROOM + len(BODY)] = BODY
    start, end = encoder.wrap(buffer, len(BODY))
    return whole(sealed, bytes(buffer[start:end]) + encoder.end())


def presigned(client, method="GET", expires=600, shift_s=0, send=None, **rules):
    """A GET by presigned URL."""
    prepared = client.signer(**rules).prepare_presigned(method, client.url + PATH, expires)
    sealed = prepared.seal(amz_date=amz_date(shift_s))
    ours, head = whole(sealed)
    return ours, head.replace(method.encode(), (send or method).encode(), 1)


def dynamo(client, shift_s=0, signer=None, **rules):
    """A call of a service that answers in JSON."""
    headers = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("X-Amz-Target", "DynamoDB_20120810.ListTables"),
    ]
    signer = signer or client.signer("dynamodb", **rules)
    body = b"{}"
    sealed = signer.sign("POST", client.url + "/", headers, body, amz_date=amz_date(shift_s))
    return whole(sealed, body)


def forged(client, made, old, new):
    """Sign a changed canonical request, as a signer with a mistake in it would.

    old, new: bytes, or a function of the canonical request. made: what a maker above returned.
    """
    ours, data = made
    text = ours.canonical_request
    changed = old(text) if callable(old) else text.replace(old, new)
    if changed == text:
        raise ValueError("nothing to change")
    lines = ours.string_to_sign.split(b"\n")
    lines[3] = hashlib.sha256(changed).hexdigest().encode()
    key = b"AWS4" + client.secret.encode()
    for piece in lines[2].split(b"/"):
        key = hmac.new(key, piece, hashlib.sha256).digest()
    to_sign = b"\n".join(lines)
    signature = hmac.new(key, to_sign, hashlib.sha256).hexdigest().encode()
    data = data.replace(ours.signature, signature)
    sent = [(name, value.replace(ours.signature, signature)) for name, value in ours.sent]
    return Ours(changed, to_sign, signature, ours.access_key_id, None, sent), data


def unsorted(text):
    """Return a canonical request with its query the other way round."""
    lines = text.split(b"\n")
    lines[2] = b"&".join(reversed(lines[2].split(b"&")))
    return b"\n".join(lines)


def without_port(text):
    return re.sub(rb"(\nhost:[^:\n]+):\d+", rb"\1", text)


def dated(client, made, day):
    """Put another day into the credential scope, and sign for it."""
    ours, data = made
    today = ours.amz_date[:8]
    old, new = today + b"/", day + b"/"
    to_sign = ours.string_to_sign.replace(b"\n" + old, b"\n" + new)
    key = b"AWS4" + client.secret.encode()
    for piece in to_sign.split(b"\n")[2].split(b"/"):
        key = hmac.new(key, piece, hashlib.sha256).digest()
    signature = hmac.new(key, to_sign, hashlib.sha256).hexdigest().encode()
    data = data.replace(ours.signature, signature).replace(b"/" + old, b"/" + new)
    return Ours(ours.canonical_request, to_sign, signature, ours.access_key_id), data


def proxy_cases(server):
    """Return the proxy's mistakes with requests to S3."""
    rows = (
        ("host-port", "takes the port off Host", put, ("host-port", "host")),
        ("host", "rewrites Host", put, ("host", "host")),
        ("header-changed", "rewrites a header", put, ("header-changed", "x-amz-meta-colour")),
        ("content-type", "adds a charset", put, ("header-changed", "content-type")),
        ("header-joined", "sends a header twice", put, ("header-changed", "x-amz-meta-colour")),
        (
            "hash-header-changed",
            "unsigns the payload",
            put,
            ("payload-hash", "x-amz-content-sha256"),
        ),
        ("date-changed", "changes x-amz-date", put, ("header-changed", "x-amz-date")),
        ("method", "changes the method", listing, ("method", "method")),
        ("path-prefix-off", "takes a prefix off the path", put, ("path-prefix", "path")),
        ("path-prefix-on", "puts a prefix on the path", put, ("path-prefix", "path")),
        ("path-encoded-again", "encodes the path again", put, ("path-encoded-twice", "path")),
        ("path-decoded", "decodes the path", decoding, ("path-encoded-twice", "path")),
        ("path-slashes", "merges slashes", slashes, ("path-normalized", "path")),
        (
            "signed-headers-changed",
            "drops a header and its name",
            put,
            ("header-dropped", "x-amz-meta-colour"),
        ),
        ("query-added", "adds a query parameter", listing, ("query", "utm_source")),
        ("query-dropped", "drops a query parameter", listing, ("query", "prefix")),
        ("query-plus", "turns %2B into +", listing, ("query-encoding", "start-after")),
        ("query-encoded-again", "encodes the query again", listing, ("query-encoding", "prefix")),
        ("signature-changed", "changes the signature", put, ("signature-changed", "Signature")),
        (
            "authorization-holed",
            "damages Authorization",
            put,
            ("authorization-malformed", "authorization"),
        ),
        ("expires-changed", "lengthens a URL's life", presigned, ("url-altered", "X-Amz-Expires")),
    )
    for mistake, made, make, wanted in rows:
        silent = server == "ministack" and make in (listing, presigned)
        yield Case(server, "proxy " + made, make, (*wanted, "certain"), mistake, silent=silent)


def swift_cases():
    """Return what only Swift answers like that."""
    sure, likely = "certain", "likely"
    dropped = "content-type or x-amz-meta-colour"
    rows = (
        ("header-dropped", "proxy drops a header", put, ("header-dropped", dropped, likely)),
        (
            "header-added",
            "proxy adds an x-amz- header",
            put,
            ("header-added", "x-amz-meta-proxied-by", sure),
        ),
        (
            "authorization-dropped",
            "proxy drops Authorization",
            put,
            ("not-signed", "authorization", likely),
        ),
        (
            "hash-header-dropped",
            "proxy drops x-amz-content-sha256",
            put,
            ("header-dropped", "x-amz-content-sha256", sure),
        ),
        ("body-changed", "proxy changes the body", put, ("body-changed", "body", sure)),
        ("body-cut", "proxy cuts the body", put, ("body-changed", "body", sure)),
        (
            "chunk-changed",
            "proxy changes a signed chunk",
            chunked,
            ("chunk-signature", "body", sure),
        ),
        (
            "trailer-changed",
            "proxy changes a signed trailer",
            lambda client: chunked(client, SIGNED_TRAILER),
            ("trailer-signature", "body", sure),
        ),
        (
            "chunk-framing-off",
            "proxy takes the chunks apart",
            chunked,
            ("framing", "body", sure),
        ),
    )
    for mistake, made, make, wanted in rows:
        yield Case("swift", made, make, wanted, mistake)
    yield Case(
        "swift",
        "proxy cuts the signature off",
        put,
        ("permission", None, likely),
        "authorization-cut",
        "authorization-malformed",
    )
    yield Case(
        "swift",
        "client has an unknown key",
        lambda client: put(client, key="test:nobody"),
        ("secret", None, sure),
        among="unknown-key",
    )
    yield Case(
        "swift",
        "client sends chunks with the wrong secret",
        lambda client: chunked(client, secret=_WRONG),
        ("secret", None, likely),
        among="chunk-signature",
    )
    for made, make, wanted in (
        (
            "client signs for another region",
            lambda client: put(client, region="eu-west-1"),
            ("scope-region", "region", sure),
        ),
        (
            "client signs for another service",
            lambda client: put(client, signer=client.signer("sqs", sign_body=True)),
            ("scope-service", "service", sure),
        ),
        (
            "client presigns for another region",
            lambda client: presigned(client, region="eu-west-1"),
            ("scope-region", "region", sure),
        ),
        (
            "answer to a HEAD, wrong secret",
            lambda client: headed(client),
            ("secret", None, sure),
        ),
    ):
        yield Case("swift", made, make, wanted, silent="HEAD" in made)


def headed(client):
    """Return a HEAD with the wrong secret: its answer has no body."""
    signer = client.signer(secret=_WRONG)
    return whole(signer.sign("HEAD", client.url + PATH, amz_date=amz_date()))


def ministack_cases():
    """Return what only MiniStack answers like that, and calls of a JSON service."""
    sure, likely = "certain", "likely"
    token = "x-amz-security-token"
    rows = (
        (
            "header-dropped",
            "proxy drops a header",
            put,
            ("header-dropped", "x-amz-meta-colour", sure),
        ),
        (
            "authorization-cut",
            "proxy cuts the signature off",
            put,
            ("authorization-malformed", "authorization", sure),
        ),
        (
            "authorization-dropped",
            "DynamoDB: proxy drops Authorization",
            dynamo,
            ("not-signed", "authorization", sure),
        ),
        (
            "token-dropped",
            "DynamoDB: proxy drops the session token",
            lambda client: dynamo(client, signer=client.session()),
            ("unknown-key", "access_key_id", sure),
        ),
        (
            "token-cut",
            "DynamoDB: proxy cuts the session token",
            lambda client: dynamo(client, signer=client.session()),
            ("unknown-key", "access_key_id", sure),
        ),
        (
            "none",
            "S3: client leaves the session token out",
            lambda client: put(client, signer=bare(client)),
            ("token-missing", token, likely),
        ),
        (
            "none",
            "DynamoDB: client has an unknown key",
            lambda client: dynamo(client, key="AKIAIOSFODNN7EXAMPLE"),
            ("unknown-key", "access_key_id", sure),
        ),
        (
            "none",
            "DynamoDB: client's clock shows local time, UTC-5",
            lambda client: dynamo(client, -18000),
            ("clock", "x-amz-date", sure),
        ),
        (
            "none",
            "DynamoDB: client's clock shows local time, UTC+5:30",
            lambda client: dynamo(client, 19800),
            ("clock", "x-amz-date", sure),
        ),
        (
            "none",
            "DynamoDB: client dates the scope a day off",
            lambda client: dated(client, dynamo(client), b"20200101"),
            ("scope-date", "date", sure),
        ),
        (
            "none",
            "client has an unknown key",
            lambda client: put(client, key="AKIAIOSFODNN7EXAMPLE"),
            ("unknown-key", "access_key_id", sure),
        ),
    )
    for mistake, made, make, wanted in rows:
        yield Case("ministack", made, make, wanted, mistake)
    yield Case(
        "ministack",
        "proxy changes a signed chunk",
        chunked,
        ("secret", None, likely),
        "chunk-changed",
        "chunk-signature",
    )
    for mistake, made, make, wanted in (
        (
            "none",
            "client has the wrong secret",
            lambda client: dynamo(client, secret=_WRONG),
            ("secret", None, sure),
        ),
        ("content-type", "proxy adds a charset", dynamo, ("header-changed", "content-type", sure)),
        ("host-port", "proxy takes the port off Host", dynamo, ("host-port", "host", sure)),
        ("host", "proxy rewrites Host", dynamo, ("host", "host", sure)),
    ):
        yield Case("ministack", "DynamoDB: " + made, make, wanted, mistake, silent=True)


def bare(client):
    """Return a signer with temporary credentials whose token was forgotten."""
    one = client.server.session
    return client.signer("s3", None, one["access_key_id"], one["secret_access_key"])


def decoding(client):
    return put(client, "/" + BUCKET + "/a%2520b")


def slashes(client):
    return put(client, "/" + BUCKET + "/a//b")


def forging(make, old, new=None):
    return lambda client: forged(client, make(client), old, new)


def client_cases(server):
    """Return the client's own mistakes with requests to S3."""
    sure = "certain"
    yield Case(
        server,
        "client has the wrong secret",
        lambda client: put(client, secret=_WRONG),
        ("secret", None, sure),
    )
    yield Case(
        server,
        "client encodes the path twice",
        lambda client: put(client, double_encode=True),
        ("path-encoded-twice", "path", sure),
    )
    yield Case(
        server,
        "client does not encode the path",
        forging(put, b"a%20b%28c%29", b"a b(c)"),
        ("path-not-encoded", "path", sure),
    )
    yield Case(
        server,
        "client does not sort the query",
        forging(listing, unsorted),
        ("query-order", "query", "likely" if server == "ministack" else sure),
    )
    yield Case(
        server,
        "client signs Host without its port",
        forging(put, without_port),
        ("host-port", "host", sure),
    )
    yield Case(
        server,
        "client hashes another body",
        forging(put, _other_hash),
        ("payload-hash", "x-amz-content-sha256", sure),
    )
    yield Case(
        server,
        "client's clock shows local time, UTC+2",
        lambda client: put(client, shift_s=7200),
        ("clock", "x-amz-date", sure),
    )
    yield Case(
        server,
        "client's clock is an hour late",
        lambda client: put(client, shift_s=-3600),
        ("clock", "x-amz-date", sure),
    )
    yield Case(
        server,
        "client dates the scope a day off",
        lambda client: dated(client, put(client), b"20200101"),
        ("scope-date", "date", sure),
    )
    yield Case(
        server,
        "presigned URL has expired",
        lambda client: presigned(client, expires=60, shift_s=-600),
        ("url-expired", "X-Amz-Expires", sure),
    )
    yield Case(
        server,
        "presigned URL used with another method",
        lambda client: presigned(client, send="PUT"),
        ("url-altered", "method", sure),
        silent=server == "ministack",
    )


def _other_hash(text):
    return text[:-64] + hashlib.sha256(b"another body").hexdigest().encode()


def cases():
    """Return all cases, list of Case."""
    out = []
    for server in ("swift", "ministack"):
        out.extend(proxy_cases(server))
        out.extend(client_cases(server))
        out.extend(swift_cases() if server == "swift" else ministack_cases())
    return out


def send(port, data):
    """Send bytes; return (status, [(name, value)], body)."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(data)
        answer = http.client.HTTPResponse(connection, method=data.split(b" ")[0].decode())
        answer.begin()
        return answer.status, answer.getheaders(), answer.read()


def run(case, servers, proxies):
    """Make a case's mistake; return (Ours, status, headers, body, head that arrived)."""
    proxy = proxies[case.server]
    proxy.script(Mistake(case.mistake))
    ours, data = case.make(Client(servers[case.server], proxy.url))
    answer = send(urlsplit(proxy.url).port, data)
    (seen,) = proxy.settle()
    if not seen.fired or seen.error:
        raise AssertionError("%s: the proxy failed: %s" % (case.name, seen.error))
    return (ours, *answer, seen.passed.split(b"\r\n\r\n")[0])


def line_of(ours, status, headers, body, arrived=None):
    """Return what on_target/explain_lines.py reads, a dict."""
    fields = {
        name: None if getattr(ours, name) is None else getattr(ours, name).decode()
        for name in (
            "canonical_request",
            "string_to_sign",
            "signature",
            "access_key_id",
            "session_token",
        )
    }
    fields["sent"] = ours.sent and [[name.decode(), value.decode()] for name, value in ours.sent]
    line = {"ours": fields, "status": status, "headers": headers, "body": body.decode()}
    return line if arrived is None else dict(line, arrived=arrived.decode())


def prepare(server):
    """Make what the requests expect to be there."""
    s3 = boto_client(server, "s3")
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET)


def record(case, servers, proxies):
    """Make a case's mistake; return (case, line for explain_lines.py, head that arrived as str)."""
    ours, status, headers, body, arrived = run(case, servers, proxies)
    return case, line_of(ours, status, headers, body), arrived.decode()


def verdict(answer):
    """Return what Case.judge wants, of an answer of explain_lines.py."""
    return answer["cause"], answer["field"], answer["certainty"], answer["also"]


def check_leaks(ours, text):
    """Raise unless a text is free of the token and of more than 8 digits of the signature."""
    token, signature = ours["session_token"], ours["signature"]
    for secret, usable in ((token, 12), (signature, 16)):
        for at in range(len(secret or "") - usable + 1):
            if secret[at : at + usable] in text:
                raise AssertionError("%d characters of a secret are shown" % usable)
    key = ours["access_key_id"]
    if key and len(key) >= 16 and key in text:
        raise AssertionError("the whole access key id is shown")


_NAMES = {"swift": "Swift", "ministack": "MiniStack"}


def table(cases):
    """Return the Markdown table of all cases."""
    out = ["| mistake | before | cause that is named | about | how sure |", "|---|---|---|---|---|"]
    for case in cases:
        sure = case.certainty
        if case.silent:
            sure = "one of several; %s with the head that arrived" % case.certainty
        cause = "`%s`" % case.cause
        if case.among:
            cause += ", also `%s`" % case.among
        field = case.field or ""
        out.append(
            "| %s | %s | %s | %s | %s |" % (case.made, _NAMES[case.server], cause, field, sure)
        )
    return "\n".join(out) + "\n"


def meanings():
    """Return the Markdown table of what each cause means."""
    out = ["| cause | what it means | what to do |", "|---|---|---|"]
    for cause in causes():
        out.append("| `%s` | %s | %s |" % (cause, meaning(cause, "..."), remedy(cause)))
    return "\n".join(out) + "\n"


def page(text):
    """Return the page with its two tables made anew."""
    for begin, end, content in (
        (MEANINGS, MEANINGS_END, meanings()),
        (BEGIN, END, table(cases())),
    ):
        before, _, rest = text.partition(begin)
        text = before + begin + content + end + rest.partition(end)[2]
    return text


def _masked(line, server):
    """Return a line with the server's key ids and tokens made AWS's examples."""
    text = json.dumps(line)
    for name, example in (("access_key_id", "AKIAIOSFODNN7EXAMPLE"), ("session_token", _TOKEN)):
        for value in (
            getattr(server, name, None),
            (getattr(server, "session", None) or {}).get(name),
        ):
            if value and value.startswith(("AKIA", "ASIA")) or value and name == "session_token":
                text = text.replace(value, example.replace("AKIA", value[:4]))
    return json.loads(text)


_TOKEN = "AQoDYXdzEJr1EXAMPLEtokenOfDocumentationOnly/+=="


def write():
    """Run all cases, then write the table and the recorded answers: one of each kind."""
    from tools.servers.ministack import Ministack
    from tools.servers.swift import Swift

    rows, kinds = [], set()
    with Swift() as swift, Ministack() as ministack:
        servers = {"swift": swift, "ministack": ministack}
        for server in servers.values():
            prepare(server)
        with MistakeProxy(swift.http_url) as first, MistakeProxy(ministack.http_url) as second:
            for case in cases():
                case, line, _ = record(case, servers, {"swift": first, "ministack": second})
                kind = (case.server, case.cause)
                if kind not in kinds:
                    kinds.add(kind)
                    line = _masked(line, servers[case.server])
                    rows.append({"name": case.name, "line": line})
    answers = json.loads(VECTORS.read_text(encoding="utf-8"))
    answers["recorded"] = rows
    VECTORS.write_text(_json(answers), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print("%d cases, %d answers recorded" % (len(cases()), len(rows)))


def _json(answers):
    """Return the file's text: one answer a line."""
    parts = ['"about": ' + json.dumps(answers["about"])]
    for name in ("public", "recorded"):
        rows = ",\n".join([json.dumps(row) for row in answers[name]])
        parts.append('"%s": [\n%s\n]' % (name, rows))
    return "{\n%s\n}\n" % ",\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="renew the table and the answers")
    if parser.parse_args().write:
        write()
    else:
        print(table(cases()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
