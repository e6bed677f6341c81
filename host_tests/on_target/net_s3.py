"""S3 operations on a target, driven from a script: what is asked, what comes of the answers."""

import io
import os

import _check
from net_script import Peer

from sigv4_mp import S3, UNSIGNED_PAYLOAD, Credentials, FixedClock, Signer
from sigv4_mp.errors import ProtocolError, RequestError, ServiceError, TamperError
from sigv4_mp.net.retry import Policy

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: "e"\r\n\r\n'
SHA_ABC = b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
ERROR = (
    "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>No \u00fc &amp; no</Message>"
    "<Key>k</Key><RequestId>R1</RequestId></Error>"
).encode()


def answer(status, body=b"", headers=""):
    head = "HTTP/1.1 %d Reason\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), headers)
    return head.encode() + body


def signer(token=None):
    keys = Credentials("AKID", "secret", token)
    return Signer(keys, "us-east-1", "s3", FixedClock("20260101T000000Z"))


def client(endpoint="https://s3.example", **options):
    options.setdefault("policy", Policy(attempts=1))
    return S3(signer(), endpoint, options.pop("bucket", "bucket"), **options)


def request_of(peer):
    """Return (request line, {lower-case name: value}, body) of what was sent, bytes."""
    head, _, body = bytes(peer.sent).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(b": ")
        headers[name.lower()] = value
    return lines[0], headers, body


def exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def content(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def check_signed_headers():
    """Before a server that nobody knows, proxies may change headers: few are signed."""
    for endpoint, profile, wanted in (
        ("https://s3.example", None, b"host;x-amz-content-sha256;x-amz-date"),
        ("https://s3.example", "swift", b"host;range;x-amz-content-sha256;x-amz-date"),
        ("https://s3.us-east-1.amazonaws.com", None, b"host;range;x-amz-content-sha256;x-amz-date"),
    ):
        peer = Peer(answer(206, b"ab", "Content-Range: bytes 0-1/3\r\n"))
        one = client(endpoint, profile=profile)
        given = one.signer.sign_only
        peer.run(one.get_object("k", range_start=0, range_length=2))
        headers = request_of(peer)[1]
        _check.equal("range of %s is sent" % endpoint, headers[b"range"], b"bytes=0-1")
        found = headers[b"authorization"].split(b"SignedHeaders=")[1].split(b",")[0]
        _check.equal("signed before %s, %s" % (endpoint, profile), found, wanted)
        _check.equal("the first signer", given is None, b"range" in wanted)
    mine = Signer(Credentials("AKID", "secret"), "r", "s3", sign_only=["range"])
    _check.true("the user's word", S3(mine, "https://s3.example", "bucket").signer is mine)


def check_put():
    write("put.bin", b"abc")
    reader = io.BytesIO(b"skipped abc")
    reader.seek(8)
    for label, body in (
        ("bytes", b"abc"),
        ("bytearray", bytearray(b"abc")),
        ("memoryview", memoryview(b"abc")),
        ("path", "put.bin"),
        ("reader from where it stands", reader),
    ):
        peer = Peer(OK)
        response = peer.run(client().put_object("k", body))
        line, headers, sent = request_of(peer)
        _check.equal("put %s: line" % label, line, b"PUT /bucket/k HTTP/1.1")
        _check.equal("put %s: body" % label, sent, b"abc")
        _check.equal("put %s: length" % label, headers[b"content-length"], b"3")
        _check.equal("put %s: hash" % label, headers[b"x-amz-content-sha256"], SHA_ABC)
        _check.equal("put %s: etag" % label, response.etag, '"e"')
    os.remove("put.bin")


def check_put_options():
    peer = Peer(OK)
    operation = client(profile="swift").put_object(
        "k", b"", "text/plain", {"Name": "v"}, [("Cache-Control", "no-cache")]
    )
    peer.run(operation)
    _, headers, body = request_of(peer)
    _check.equal("empty body", (headers[b"content-length"], body), (b"0", b""))
    _check.equal("content-type", headers[b"content-type"], b"text/plain")
    _check.equal("metadata", headers[b"x-amz-meta-name"], b"v")
    _check.equal("more headers", headers[b"cache-control"], b"no-cache")
    signed = headers[b"authorization"]
    for name in (b"content-type", b"x-amz-meta-name", b"cache-control", b"host"):
        _check.true("%s is signed" % name.decode(), name in signed)


class OnePass:
    """A reader that can't go back."""

    def __init__(self, data):
        self.readinto = io.BytesIO(data).readinto


def check_put_one_pass():
    error = _check.raises(
        "no seek", RequestError, Peer(OK).run, client().put_object("k", OnePass(b"abc"))
    )
    _check.equal("no seek: field", error and error.field, "body")
    operation = client().put_object(
        "k", OnePass(b"abc"), payload_hash=UNSIGNED_PAYLOAD, content_length=3
    )
    peer = Peer(OK)
    peer.run(operation)
    _, headers, body = request_of(peer)
    _check.equal(
        "one pass", (headers[b"x-amz-content-sha256"], body), (b"UNSIGNED-PAYLOAD", b"abc")
    )
    peer = Peer(OK)
    peer.run(client().put_object("k", io.BytesIO(b"abc"), payload_hash=SHA_ABC.decode()))
    _check.equal("length found out", request_of(peer)[2], b"abc")
    reader = io.BytesIO(b"skipped abc")
    reader.seek(8)
    peer = Peer(OK)
    peer.run(client().put_object("k", reader, payload_hash=UNSIGNED_PAYLOAD))
    _check.equal("length from where it stands", request_of(peer)[2], b"abc")
    operation = client().put_object("k", b"abd", payload_hash=SHA_ABC.decode())
    _check.raises("not what its hash says", TamperError, Peer(OK).run, operation)


class Changing(io.BytesIO):
    """A file that somebody writes to between being hashed and being sent."""

    def seek(self, offset, whence=0):
        at = super().seek(offset, whence)
        if whence == 0:
            super().write(b"X")
            super().seek(at)
        return at


def check_put_refusals():
    for label, body in (("None", None), ("a number", 5), ("a list", [1])):
        error = _check.raises(
            "body is " + label, RequestError, Peer(OK).run, client().put_object("k", body)
        )
        _check.equal("body is %s: field" % label, error and error.field, "body")
    _check.raises("no such file", OSError, Peer(OK).run, client().put_object("k", "not.there"))
    peer = Peer(answer(403, ERROR))
    error = _check.raises("put refused", ServiceError, peer.run, client().put_object("k", b"abc"))
    _check.equal("put refused: code", error and error.code, "NoSuchKey")


def check_put_changing():
    peer = Peer(OK)
    body = Changing(b"abc") if hasattr(io.BytesIO, "getbuffer") else ChangingReader(b"abc")
    _check.raises("changed under way", TamperError, peer.run, client().put_object("k", body))
    _check.equal("changed under way: nothing of it was sent", request_of(peer)[2], b"")


class ChangingReader:
    """Changing, for MicroPython, whose native classes can't be extended like that."""

    def __init__(self, data):
        self.file = io.BytesIO(data)
        self.readinto = self.file.readinto

    def seek(self, offset, whence=0):
        at = self.file.seek(offset, whence)
        if whence == 0:
            self.file.write(b"X")
            self.file.seek(at)
        return at


def check_get():
    data = bytes(range(256)) * 20
    good = answer(200, data, 'ETag: "e"\r\n')
    peer = Peer(good, piece=700)
    response = peer.run(client().get_object("k"))
    _check.equal("get: body", response.body, data)
    _check.equal("get: line", request_of(peer)[0], b"GET /bucket/k HTTP/1.1")
    blocks = []
    done = []
    operation = client().get_object(
        "k",
        lambda buffer, start, end: blocks.append(bytes(buffer[start:end])),
        progress=lambda *a: done.append(a),
    )
    response = Peer(good, piece=700).run(operation)
    _check.equal("get: callback", b"".join(blocks), data)
    _check.equal("get: no body kept", response.body, None)
    _check.equal("get: progress", done[-1], (len(data), len(data)))
    into = io.BytesIO()
    Peer(good, piece=700).run(client().get_object("k", into))
    _check.equal("get: writer", into.getvalue(), data)
    Peer(good, piece=700).run(client().get_object("k", "get.bin"))
    _check.equal("get: file", content("get.bin"), data)
    _check.true("get: no .part left", not exists("get.bin.part"))
    operation = client().get_object(
        "k", headers=[("Range", "bytes=0-2")], query=[("versionId", "a b")]
    )
    peer = Peer(answer(206, b"abc"))
    _check.equal("get: part", peer.run(operation).body, b"abc")
    line, headers, _ = request_of(peer)
    _check.equal("get: query", line, b"GET /bucket/k?versionId=a%20b HTTP/1.1")
    _check.equal("get: range", headers[b"range"], b"bytes=0-2")


def check_get_breaks():
    """Whatever breaks, the file under the final name is the old one, and no .part stays."""
    whole = answer(200, b"new" * 1000)
    write("get.bin", b"old")
    broken = (
        ("cut", Peer(whole[:-1]), ProtocolError),
        ("cut in the head", Peer(whole[:20]), ProtocolError),
        ("reset", Peer(whole, 500, fail={5: OSError(104)}), OSError),
        ("garbage", Peer(b"\0" * 100), ProtocolError),
        ("not there", Peer(answer(404, ERROR)), ServiceError),
        ("moved", Peer(answer(307, b"", "Location: https://elsewhere/\r\n")), ServiceError),
    )
    for label, peer, error in broken:
        _check.raises("get %s" % label, error, peer.run, client().get_object("k", "get.bin"))
        _check.equal("get %s: old file" % label, content("get.bin"), b"old")
        _check.true("get %s: no .part" % label, not exists("get.bin.part"))
        _check.true("get %s: closed" % label, not peer.open)
    operation = client().get_object("k", "get.bin")
    given_up = Peer(whole, 500)
    step = next(operation)
    for _ in range(4):
        step = operation.send(given_up.perform(step))
    _check.true("given up: .part is there", exists("get.bin.part"))
    operation.close()
    _check.true("given up: no .part", not exists("get.bin.part"))
    _check.equal("given up: old file", content("get.bin"), b"old")
    os.remove("get.bin")


def check_get_limit():
    error = _check.raises(
        "limit", ProtocolError, Peer(answer(200, b"abcd")).run, client().get_object("k", limit=3)
    )
    _check.equal("limit: field", error and error.field, "limit")
    _check.equal(
        "at the limit",
        Peer(answer(200, b"abc")).run(client().get_object("k", limit=3)).body,
        b"abc",
    )
    endless = answer(200, bytes(100000))
    _check.raises("endless", ProtocolError, Peer(endless).run, client().get_object("k"))
    _check.raises("nowhere to go", RequestError, Peer(OK).run, client().get_object("k", 5))


def check_head_and_delete():
    peer = Peer(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nx-amz-meta-a: b\r\n\r\n")
    response = peer.run(client().head_object("k"))
    _check.equal("head: line", request_of(peer)[0], b"HEAD /bucket/k HTTP/1.1")
    _check.equal("head: length", response.headers["content-length"], "12345")
    _check.equal("head: metadata", response.headers["x-amz-meta-a"], "b")
    error = _check.raises(
        "head 404", ServiceError, Peer(answer(404)).run, client().head_object("k")
    )
    _check.equal("head 404: code", error and (error.status, error.code), (404, "404"))
    peer = Peer(b"HTTP/1.1 204 No Content\r\n\r\n")
    _check.equal("delete", peer.run(client().delete_object("k")).status, 204)
    _check.equal("delete: line", request_of(peer)[0], b"DELETE /bucket/k HTTP/1.1")


def check_errors():
    def refused(raw):
        return _check.raises("refused", ServiceError, Peer(raw).run, client().get_object("k"))

    error = refused(answer(404, ERROR))
    found = (error.status, error.code, error.message, error.request_id)
    _check.equal("error from XML", found, (404, "NoSuchKey", "No \u00fc & no", "R1"))
    iam = (
        b"<ErrorResponse><Error><Code>Throttling</Code><Message>m</Message></Error>"
        b"<RequestId>R2</RequestId></ErrorResponse>"
    )
    error = refused(answer(400, iam))
    _check.equal("error as IAM has it", (error.code, error.request_id), ("Throttling", "R2"))
    for label, body in (
        ("empty", b""),
        ("text", b"Bad gateway"),
        ("HTML", b"<!DOCTYPE html><html><body>502</body></html>"),
        ("JSON", b'{"message": "no"}'),
        ("cut XML", b"<Error><Co"),
        ("other XML", b"<a><Code>x</Code></a>"),
        ("binary", bytes(range(256))),
    ):
        error = refused(answer(502, body, "x-amz-request-id: R3\r\n"))
        found = (error.status, error.code, error.message, error.request_id)
        _check.equal("error, %s" % label, found, (502, "502", "Reason", "R3"))
    long = b"<Error><Code>C</Code><Message>" + b"m" * 9000 + b"</Message></Error>"
    error = refused(answer(400, long))
    _check.equal("long message is cut", (error.code, error.message), ("C", "m" * 512))
    error = refused(b"HTTP/1.1 500 E\r\n\r\n<Error><Code>C</Code>" + b" " * 100000)
    _check.equal("endless error body", error.code, "C")


def page(*entries, **more):
    text = "<ListBucketResult><Name>b</Name>"
    for name, value in more.items():
        text += "<%s>%s</%s>" % (name, value, name)
    return answer(200, (text + "".join(entries) + "</ListBucketResult>").encode())


def entry(key, size="1"):
    return (
        "<Contents><Key>%s</Key><LastModified>L</LastModified><ETag>&quot;e&quot;</ETag>"
        "<Size>%s</Size><Owner><ID>i</ID></Owner></Contents>" % (key, size)
    )


def check_listing():
    listing = client().list_objects_v2("a b/", "/", "a b/a", page_size=2)
    peer = Peer(
        page(
            entry("a%20b/x+y%2Bz"),
            IsTruncated="true",
            NextContinuationToken="t&amp;1",
            EncodingType="url",
        )
    )
    entries = peer.run(listing.next_page())
    line = request_of(peer)[0]
    wanted = (
        b"GET /bucket?list-type=2&max-keys=2&encoding-type=url&prefix=a%20b%2F&delimiter=%2F"
        b"&start-after=a%20b%2Fa HTTP/1.1"
    )
    _check.equal("list: line", line, wanted)
    _check.equal("list: entry", entries, [("a b/x y+z", 1, '"e"', "L", False)])
    _check.true("list: not finished", not listing.finished)
    prefix = "<CommonPrefixes><Prefix>a%2Fb/</Prefix></CommonPrefixes>"
    peer = Peer(page(entry("%2B", "123456789012"), prefix, IsTruncated="false"))
    entries = peer.run(listing.next_page())
    _check.true("list: token", b"&continuation-token=t%261 " in request_of(peer)[0])
    _check.equal(
        "list: big and not encoded", (entries[0].key, entries[0].size), ("%2B", 123456789012)
    )
    _check.equal("list: prefix", entries[1], ("a%2Fb/", None, None, None, True))
    _check.true("list: finished", listing.finished)
    peer = Peer(b"")
    _check.equal("list: no more", (peer.run(listing.next_page()), peer.steps), ([], []))
    late = page(entry("%FF%2F"), "<EncodingType>url</EncodingType>")
    entries = Peer(late).run(client().list_objects_v2().next_page())
    _check.equal("list: a key that is not UTF-8", entries[0].key, b"\xff/")
    for encoding, text, key in (
        ("url", "a+b", "a b"),
        ("url", "%00%", "\0%"),
        ("url", "\u00fc", "\u00fc"),
        ("other", "a+b%20", "a+b%20"),
    ):
        entries = Peer(page(entry(text), EncodingType=encoding)).run(
            client().list_objects_v2(page_size=1000).next_page()
        )
        _check.equal("list: key %s, %s" % (text, encoding), entries[0].key, key)


def check_bad_listings():
    for label, raw in (
        ("no token", page(IsTruncated="true")),
        ("no size", page("<Contents><Key>k</Key></Contents>")),
        ("size is no number", page(entry("k", "\u00b2"))),
        ("not a listing", answer(200, b"<html></html>")),
        ("not XML", answer(200, b"hello")),
        ("empty", answer(200)),
        ("cut XML", answer(200, b"<ListBucketResult>")),
        ("endless key", answer(200, b"<ListBucketResult><Contents><Key>" + b"k" * 5000)),
    ):
        operation = client().list_objects_v2().next_page()
        _check.raises("bad listing, %s" % label, ProtocolError, Peer(raw).run, operation)
    listing = client().list_objects_v2()
    same = page(IsTruncated="true", NextContinuationToken="t")
    Peer(same).run(listing.next_page())
    _check.raises("a page that comes again", ProtocolError, Peer(same).run, listing.next_page())
    _check.raises("page size 0", RequestError, client().list_objects_v2, page_size=0)
    _check.raises("page size 1001", RequestError, client().list_objects_v2, page_size=1001)


def check_keys():
    for key, path in (
        ("a b+c~", b"a%20b%2Bc~"),
        ("\u00fc/\U0001f600", b"%C3%BC/%F0%9F%98%80"),
        (b"\xff/%2F", b"%FF/%252F"),
        ("/a//b/../.", b"/a//b/../."),
        ("..", b".."),
        ("?x#y&z", b"%3Fx%23y%26z"),
        ("k" * 1024, b"k" * 1024),
    ):
        peer = Peer(OK)
        peer.run(client().delete_object(key))
        wanted = b"DELETE /bucket/" + path + b" HTTP/1.1"
        _check.equal("key %r" % key[:12], request_of(peer)[0], wanted)
    for key in ("", b"", "k" * 1025, "\u20ac" * 342, 5, None):
        error = _check.raises("bad key", RequestError, client().delete_object, key)
        _check.equal("bad key: field", error and error.field, "key")


def where(endpoint, addressing, bucket="bucket"):
    """Return (connect step, request line) of a request."""
    peer = Peer(OK)
    s3 = client(endpoint, addressing=addressing, bucket=bucket, insecure_http=True)
    peer.run(s3.head_object("k"))
    return peer.steps[0][8:], request_of(peer)[0][5:-9]


def check_addressing():
    aws = "https://s3.eu-west-1.amazonaws.com"
    inside = "https bucket.s3.eu-west-1.amazonaws.com 443"
    outside = "https s3.eu-west-1.amazonaws.com 443"
    _check.equal("auto at AWS", where(aws, "auto"), (inside, b"/k"))
    _check.equal("virtual at AWS", where(aws + "/", "virtual"), (inside, b"/k"))
    _check.equal("path at AWS", where(aws, "path"), (outside, b"/bucket/k"))
    _check.equal("auto with a dot", where(aws, "auto", "my.bucket"), (outside, b"/my.bucket/k"))
    china = where("https://s3.cn-north-1.amazonaws.com.cn", "auto")[0]
    _check.equal("auto in China", china, "https bucket.s3.cn-north-1.amazonaws.com.cn 443")
    _check.equal("auto elsewhere", where("https://h:9000", "auto"), ("https h 9000", b"/bucket/k"))
    virtual = where("http://s3.localhost:1", "virtual", "my.bucket")
    _check.equal(
        "virtual with port and dot over HTTP", virtual, ("http my.bucket.s3.localhost 1", b"/k")
    )
    _check.equal("path prefix", where("https://h/s3/", "path"), ("https h 443", b"/s3/bucket/k"))
    peer = Peer(page())
    peer.run(client(aws, addressing="virtual").list_objects_v2().next_page())
    _check.true("list at a virtual address", request_of(peer)[0].startswith(b"GET /?list-type=2"))


def check_bad_settings():
    def refused(field, *args, **options):
        error = _check.raises(
            "refused %r" % (args or options,), RequestError, client, *args, **options
        )
        _check.equal("field of %r" % (args or options,), error and error.field, field)

    for bucket in (
        "",
        "ab",
        "a" * 64,
        "Bucket",
        "a_b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "a..b",
        "192.168.5.4",
        "a/b",
        "\u00fcbc",
    ):
        refused("bucket", bucket=bucket)
    refused("bucket", bucket="my.bucket", addressing="virtual")
    refused("endpoint", 5)
    refused("endpoint", bucket=b"bucket")
    for endpoint in (
        "",
        "s3.example",
        "ftp://h",
        "https://",
        "https://h?x",
        "https://u@h",
        "https:///",
    ):
        refused("endpoint", endpoint)
    refused("addressing", addressing="dns")
    refused("insecure_http", "http://h")
    _check.true("insecure_http", client("http://h", insecure_http=True))


def check_tokens():
    s3 = S3(signer("token"), "http://h", "bucket", insecure_http=True)
    error = _check.raises("token over HTTP", RequestError, Peer(OK).run, s3.delete_object("k"))
    _check.equal("token over HTTP: field", error and error.field, "insecure_http")
    s3 = S3(signer("token"), "http://h", "bucket", insecure_http="session-token")
    _check.equal("token over HTTP, insisted", Peer(OK).run(s3.delete_object("k")).status, 200)


def check_presigned():
    url = client().presigned_url("GET", "a b", 60, query=[("response-content-type", "text/plain")])
    _check.true("presigned: where", url.startswith("https://s3.example/bucket/a%20b?"), url)
    for part in ("X-Amz-Expires=60", "response-content-type=text%2Fplain", "X-Amz-Signature="):
        _check.true("presigned: " + part, part in url)
    _check.raises("presigned for 8 days", RequestError, client().presigned_url, "GET", "k", 691200)


def check_reuse():
    """One client, one operation after the other, whatever became of the one before."""
    s3 = client()
    for _ in range(3):
        _check.equal("put again", Peer(OK).run(s3.put_object("k", b"abc")).status, 200)
        _check.raises("refused", ServiceError, Peer(answer(500)).run, s3.get_object("k"))
        _check.raises("cut", ProtocolError, Peer(b"HTTP").run, s3.get_object("k"))


def main():
    check_signed_headers()
    check_put()
    check_put_options()
    check_put_one_pass()
    check_put_refusals()
    check_put_changing()
    check_get()
    check_get_breaks()
    check_get_limit()
    check_head_and_delete()
    check_errors()
    check_listing()
    check_bad_listings()
    check_keys()
    check_addressing()
    check_bad_settings()
    check_tokens()
    check_presigned()
    check_reuse()
    _check.done()


main()
