"""Multipart, copies, deletions, resumed downloads and one-pass bodies, driven from a script."""

import io
import json
import os

import _check
from net_script import Peer

from sigv4_mp import S3, Credentials, FixedClock, Signer
from sigv4_mp.errors import ProtocolError, RequestError, ServiceError, TamperError
from sigv4_mp.net.retry import Policy
from sigv4_mp.services import multipart as multipart_module
from sigv4_mp.services import upload as upload_module
from sigv4_mp.services.bodies import StreamBody
from sigv4_mp.services.checkpoint import Checkpoint
from sigv4_mp.services.multipart import Multipart, Parts
from sigv4_mp.services.upload import Upload, part_size_for
from sigv4_mp.services.xmlbody import escape

MD5_OF_ABC = '"900150983cd24fb0d6963f7d28e17f72"'
MD5_OF_D = '"8277e0910d750195b448797616e091ad"'


def answer(body=b"", status=200, headers=""):
    head = "HTTP/1.1 %d Reason\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), headers)
    return head.encode() + body


def etag(value):
    return answer(headers="ETag: %s\r\n" % value)


class Peers(Peer):
    """Gives one answer after another, one for each request; notes what each was asked."""

    def __init__(self, *answers):
        super().__init__(b"")
        self.answers = list(answers)
        self.requests = []

    def connect(self, step):
        super().connect(step)
        self.sent = bytearray()
        self.requests.append(self.sent)
        self.answer = self.answers.pop(0)

    def lines(self):
        return [bytes(sent).split(b"\r\n")[0].decode() for sent in self.requests]


def client(attempts=1, profile="swift"):
    keys = Credentials("AKID", "secret")
    signer = Signer(keys, "us-east-1", "s3", FixedClock("20260101T000000Z"))
    return S3(
        signer,
        "https://s3.example",
        "bucket",
        profile=profile,
        policy=Policy(attempts=attempts),
        entropy=bytes,  # WebAssembly has no other
    )


def xml(root, inner):
    return answer(("<%s>%s</%s>" % (root, inner, root)).encode())


CREATED = xml("InitiateMultipartUploadResult", "<UploadId>u/1 &amp;</UploadId>")
GONE = answer(b"<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>", 404)


def completed(value):
    return xml("CompleteMultipartUploadResult", "<ETag>%s</ETag>" % value.replace('"', "&quot;"))


def parts_page(parts, truncated=False):
    text = "<IsTruncated>%s</IsTruncated>" % ("true" if truncated else "false")
    for number, size, value in parts:
        text += "<Part><PartNumber>%d</PartNumber><Size>%d</Size><ETag>%s</ETag></Part>" % (
            number,
            size,
            value.replace('"', "&quot;"),
        )
    return xml("ListPartsResult", text)


def check_errors_in_a_200():
    error = answer(b"<Error><Code>InternalError</Code><Message>late</Message></Error>")
    parts = Parts()
    parts.add('"a"')
    for label, operation in (
        ("complete", Multipart(client()).complete("k", "u", parts)),
        ("copy", client().copy_object("a", "b")),
        ("delete", client().delete_objects(["a"])),
        ("create", Multipart(client()).create("k")),
    ):
        found = _check.raises(label + ": error in a 200", ServiceError, Peers(error).run, operation)
        _check.equal(
            label + ": its code", found and (found.status, found.code), (200, "InternalError")
        )
    peer = Peers(error, completed('"x-1"'))
    response = peer.run(Multipart(client(2)).complete("k", "u", parts))
    _check.equal("complete: tried again", (response.etag, len(peer.requests)), ('"x-1"', 2))
    cut = answer(b"<CopyObjectResult><ETag>x</ETag>")
    _check.raises("cut XML", ProtocolError, Peers(cut).run, client().copy_object("a", "b"))
    other = answer(b"<html><body>hello</body></html>")
    _check.raises("no XML of S3", ProtocolError, Peers(other).run, client().copy_object("a", "b"))
    empty = xml("CopyObjectResult", "")
    _check.raises("no ETag", ProtocolError, Peers(empty).run, client().copy_object("a", "b"))


def check_requests():
    peer = Peers(CREATED)
    upload_id = peer.run(Multipart(client(), "sha256").create("k", tagging={"a": "b c"}))
    head = bytes(peer.requests[0]).lower()
    _check.equal("create: id", upload_id, "u/1 &")
    _check.equal("create: line", peer.lines(), ["POST /bucket/k?uploads= HTTP/1.1"])
    _check.true("create: checksum", b"x-amz-checksum-algorithm: sha256" in head)
    _check.true("create: tags", b"x-amz-tagging: a=b%20c" in head)
    peer = Peers(etag('"e"'))
    body = StreamBody(io.BytesIO(b"--abc--"), 3, 2)
    hashed = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    found = peer.run(Multipart(client()).upload_part("k", "u/1 &", 7, body, hashed))
    line = "PUT /bucket/k?partNumber=7&uploadId=u%2F1%20%26 HTTP/1.1"
    _check.equal("part", (found, peer.lines()), ('"e"', [line]))
    _check.equal("part: body", bytes(peer.requests[0]).split(b"\r\n\r\n")[1], b"abc")
    none = Multipart(client()).upload_part("k", "u", 7, body, hashed)
    _check.raises("part without ETag", ProtocolError, Peers(answer()).run, none)
    body = StreamBody(io.BytesIO(b"abd"), 3)
    changed = Multipart(client()).upload_part("k", "u", 7, body, hashed)
    _check.raises("part that changed", TamperError, Peers(etag('"e"')).run, changed)
    for number in (0, 10001):
        _check.raises(
            "part number",
            RequestError,
            Multipart(client()).upload_part,
            "k",
            "u",
            number,
            body,
            hashed,
        )


def check_complete():
    parts = Parts()
    for number in range(1, 301):
        parts.add('"%032x"' % number)
        parts.add_hash("%064x" % number)
    peer = Peers(completed('"x-300"'))
    peer.run(Multipart(client(), "sha256").complete("k", "u", parts))
    body = bytes(peer.requests[0]).split(b"\r\n\r\n", 1)[1]
    _check.equal("complete: parts", body.count(b"<Part>"), 300)
    wanted = b'<Part><PartNumber>300</PartNumber><ETag>"' + b"%032x" % 300 + b'"</ETag>'
    _check.true("complete: the last", wanted in body)
    _check.true("complete: checksums", body.count(b"<ChecksumSHA256>") == 300)
    wrong = completed('"x-300"').replace(
        b"</ETag>", b"</ETag><ChecksumSHA256>AAAA</ChecksumSHA256>"
    )
    wrong = answer(wrong.split(b"\r\n\r\n", 1)[1])
    operation = Multipart(client(), "sha256").complete("k", "u", parts)
    found = _check.raises("composite checksum", ProtocolError, Peers(wrong).run, operation)
    _check.equal("composite checksum: field", found and found.field, "checksum")


def check_list_parts():
    seen = []
    peer = Peers(parts_page([(1, 5, '"a"'), (3, 6, '"b"')], True), parts_page([(4, 7, '"c"')]))
    peer.run(Multipart(client()).list_parts("k", "u", lambda *part: seen.append(part)))
    _check.equal("pages of parts", seen, [(1, 5, '"a"'), (3, 6, '"b"'), (4, 7, '"c"')])
    _check.true("second page", "part-number-marker=3" in peer.lines()[1])
    for label, page in (
        ("for ever", parts_page([], True)),
        ("without size", xml("ListPartsResult", "<Part><PartNumber>1</PartNumber></Part>")),
        ("a number that is none", parts_page([(1, 5, '"a"')]).replace(b"<Size>5", b"<Size>x")),
    ):
        operation = Multipart(client()).list_parts("k", "u", lambda *_: None)
        _check.raises("parts " + label, ProtocolError, Peers(page).run, operation)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def upload(**options):
    options.update(part_size=3, min_part=3)
    return Multipart(client()).upload("k", "svc.bin", **options)


def check_upload(final):
    """Two parts; the ETags are the MD5s of b"abc" and b"d"."""
    write("svc.bin", b"abcd")
    return Peers(CREATED, etag(MD5_OF_ABC), etag(MD5_OF_D), completed(final)), upload()


def check_etags():
    parts = Parts()
    parts.add(MD5_OF_ABC)
    parts.add(MD5_OF_D)
    final = parts.final_etag()
    if final is not None:  # there is MD5
        peer, operation = check_upload(final)
        _check.equal("upload: ETag", peer.run(operation).etag, final)
        _check.true("upload: no checkpoint stays", not exists("svc.bin.upload"))
        peer, operation = check_upload('"%s-2"' % ("0" * 32))
        found = _check.raises("object's ETag is wrong", ProtocolError, peer.run, operation)
        _check.equal("object's ETag is wrong: field", found and found.field, "etag")
        Checkpoint("svc.bin.upload").remove()
        write("svc.bin", b"abcd")
        peer = Peers(CREATED, etag(MD5_OF_ABC), etag('"%s"' % ("0" * 32)))
        found = _check.raises("a part's ETag is wrong", ProtocolError, peer.run, upload())
        Checkpoint("svc.bin.upload").remove()
    write("svc.bin", b"abcd")
    page = parts_page([(1, 3, '"kms-1"'), (2, 1, '"kms-2"')])
    peer = Peers(CREATED, etag('"kms-1"'), etag('"kms-2"'), page, completed('"kms-2"'))
    _check.equal("opaque ETags", peer.run(upload()).etag, '"kms-2"')
    page = parts_page([(1, 3, '"kms-1"'), (2, 1, '"other"')])
    peer = Peers(CREATED, etag('"kms-1"'), etag('"kms-2"'), page)
    _check.raises("a part is not as it was sent", ProtocolError, peer.run, upload())
    Checkpoint("svc.bin.upload").remove()


def check_without_md5():
    """A port without MD5: the service's list is asked instead, and a lost answer costs one part."""
    had = upload_module.has_md5, multipart_module.has_md5
    upload_module.has_md5 = multipart_module.has_md5 = False
    try:
        write("svc.bin", b"abcd")
        page = parts_page([(1, 3, '"1"'), (2, 1, '"2"')])
        peer = Peers(CREATED, etag('"1"'), etag('"2"'), page, completed('"x-2"'))
        _check.equal("no MD5", peer.run(upload()).etag, '"x-2"')
        peer = Peers(CREATED, etag('"1"'), answer(b"", 500))
        _check.raises("no MD5: broken off", ServiceError, peer.run, upload())
        peer = Peers(
            page, etag('"3"'), parts_page([(1, 3, '"1"'), (2, 1, '"3"')]), completed('"x"')
        )
        peer.run(upload())
        asked = [line.split(" ")[0] for line in peer.lines()]
        _check.equal("no MD5: goes on", asked, ["GET", "PUT", "GET", "POST"])
    finally:
        upload_module.has_md5, multipart_module.has_md5 = had


def check_resume():
    write("svc.bin", b"abcdef")
    broken = Peers(CREATED, etag(MD5_OF_ABC), answer(b"", 500))
    _check.raises("broken off", ServiceError, broken.run, upload())
    with open("svc.bin.upload") as file:
        record = json.loads(file.read())
    _check.equal("checkpoint", (record["done"], record["upload_id"]), (1, "u/1 &"))
    _check.true("checkpoint is small", os.stat("svc.bin.upload")[6] < 512)
    _check.true("checkpoint has no secret", "secret" not in str(record))
    peer = Peers(parts_page([]), answer(b"", 204), CREATED, answer(b"", 500))
    _check.raises("the part is gone there", ServiceError, peer.run, upload())
    asked = [line.split(" ")[0] for line in peer.lines()]
    _check.equal("the part is gone there: anew", asked, ["GET", "DELETE", "POST", "PUT"])
    peer = Peers(GONE, CREATED, answer(b"", 500))
    _check.raises("the upload is gone", ServiceError, peer.run, upload())
    peer = Peers(answer(b"", 503))
    _check.raises("no answer about it", ServiceError, peer.run, upload())
    _check.true("no answer about it: it stays", exists("svc.bin.upload"))
    write("svc.bin.upload", b'{"half": ')
    peer = Peers(CREATED, answer(b"", 500))
    _check.raises("half a checkpoint", ServiceError, peer.run, upload())
    _check.equal("half a checkpoint: anew", peer.lines()[0], "POST /bucket/k?uploads= HTTP/1.1")
    peer = Peers(answer(b"", 204))
    operation = Upload(Multipart(client()), "k", "svc.bin", part_size=3, min_part=3).abort()
    peer.run(operation)
    _check.equal("abort", peer.lines(), ["DELETE /bucket/k?uploadId=u%2F1%20%26 HTTP/1.1"])
    _check.true("abort: no checkpoint", not exists("svc.bin.upload"))
    os.remove("svc.bin")


def check_checkpoint():
    checkpoint = Checkpoint("svc.point")
    _check.equal("no checkpoint", checkpoint.load(), None)
    checkpoint.save({"a": 1, "b": "\u00fc"})
    _check.equal("checkpoint", checkpoint.load(), {"a": 1, "b": "\u00fc"})
    with open("svc.point", "rb") as file:
        text = file.read()
    write("svc.point.new", text[:10])
    _check.equal("a torn new one", checkpoint.load(), {"a": 1, "b": "\u00fc"})
    write("svc.point.new", text)
    os.remove("svc.point")
    _check.equal("FAT: between remove and rename", checkpoint.load(), {"a": 1, "b": "\u00fc"})
    for bad in (b"", b"[]", b"1", b'"x"', text[:-9], text.replace(b"1", b"2"), b"\xff" * 9):
        write("svc.point.new", bad)
        _check.equal("bad checkpoint %r" % bad[:6], checkpoint.load(), None)
    checkpoint.remove()
    _check.true("removed", not exists("svc.point.new"))


def check_part_sizes():
    mib = 1 << 20
    _check.equal("small file", part_size_for(1), 5 * mib)
    _check.equal("large file", part_size_for(10000 * mib), 10 * mib)
    _check.equal(
        "as many as there may be", part_size_for(50000 * mib, None, 5 * mib, 10000), 5 * mib
    )
    _check.equal("chosen", part_size_for(10 * mib, 7 * mib), 7 * mib)
    for bad in ((10 * mib, mib), (6000 * mib, 5 * mib), (mib, None, 5 * mib, 10001)):
        _check.raises("part size %r" % (bad,), RequestError, part_size_for, *bad)


def check_delete():
    text = "<Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
    text += "<Error><Key>b&lt;</Key><Code>InternalError</Code><Message>later</Message></Error>"
    peer = Peers(xml("DeleteResult", text))
    failed = peer.run(client().delete_objects(["a", "b<", "c&\r"]))
    found = [tuple(one) for one in failed]
    wanted = [("a", "AccessDenied", "no"), ("b<", "InternalError", "later")]
    _check.equal("not deleted", found, wanted)
    sent = bytes(peer.requests[0])
    _check.true("keys", b"<Key>b&lt;</Key></Object><Object><Key>c&amp;&#13;</Key>" in sent)
    _check.true("checksum", b"x-amz-checksum-sha256: " in sent.lower())
    peer = Peers(xml("DeleteResult", ""))
    peer.run(client(1, None).delete_objects(["a"]))
    if hasattr(__import__("hashlib"), "md5"):
        _check.true("MD5", b"content-md5: " in bytes(peer.requests[0]).lower())
        _check.true("no checksum", b"x-amz-checksum" not in bytes(peer.requests[0]).lower())
    _check.raises("control byte", RequestError, escape, "a\x1f")


def check_ranges():
    body = b"345"
    good = answer(body, 206, "Content-Range: bytes 3-5/9\r\n")
    get = client().get_object("k", range_start=3, range_length=3)
    peer = Peers(good)
    _check.equal("range", peer.run(get).body, body)
    _check.true("range: header", b"range: bytes=3-5\r\n" in bytes(peer.requests[0]))
    for label, lie in (
        ("whole", answer(b"012345678")),
        ("another start", answer(body, 206, "Content-Range: bytes 2-4/9\r\n")),
        ("another length", answer(body, 206, "Content-Range: bytes 3-8/9\r\n")),
        ("behind the end", answer(body, 206, "Content-Range: bytes 3-5/5\r\n")),
        ("no unit", answer(body, 206, "Content-Range: 3-5/9\r\n")),
        ("no header", answer(body, 206)),
        ("multipart", answer(body, 206, "Content-Type: multipart/byteranges; boundary=x\r\n")),
    ):
        get = client().get_object("k", range_start=3, range_length=3)
        _check.raises("range: " + label, ProtocolError, Peers(lie).run, get)


def check_download():
    """A retry goes on within the operation as well; a changed object is never mixed in."""
    full = answer(b"0123456789", 200, 'ETag: "v1"\r\n')
    rest = answer(b"56789", 206, 'ETag: "v1"\r\nContent-Range: bytes 5-9/10\r\n')
    peer = Peers(full[:-5], rest)
    peer.run(client(2).download("k", "svc.image"))
    with open("svc.image", "rb") as file:
        _check.equal("goes on", file.read(), b"0123456789")
    asked = bytes(peer.requests[1]).lower()
    _check.true("goes on: range", b"range: bytes=5-\r\n" in asked)
    _check.true("goes on: of that version", b'if-match: "v1"\r\n' in asked)
    other = answer(b"56789", 206, 'ETag: "v2"\r\nContent-Range: bytes 5-9/10\r\n')
    peer = Peers(full[:-5], other)
    _check.raises("another version", ProtocolError, peer.run, client(2).download("k", "svc.image"))
    _check.true("the .part stays", exists("svc.image.part"))
    changed = answer(b"<Error><Code>PreconditionFailed</Code></Error>", 412)
    new = answer(b"abc", 200, 'ETag: "v2"\r\n')
    peer = Peers(changed, new)
    peer.run(client().download("k", "svc.image"))
    with open("svc.image", "rb") as file:
        _check.equal("a new version, whole", file.read(), b"abc")
    _check.true("no .part", not exists("svc.image.part") and not exists("svc.image.part.etag"))
    weak = answer(b"0123456789", 200, 'ETag: W/"v1"\r\n')
    _check.raises("weak", ProtocolError, Peers(weak[:-5]).run, client().download("k", "svc.image"))
    _check.true("a weak ETag is not noted", not exists("svc.image.part.etag"))
    peer = Peers(weak[:-5], weak)
    peer.run(client(2).download("k", "svc.image"))
    _check.true("a weak ETag: all of it again", b"range:" not in bytes(peer.requests[1]).lower())
    with open("svc.image", "rb") as file:
        _check.equal("a weak ETag: whole", file.read(), b"0123456789")
    os.remove("svc.image")


class OnePass:
    """A source without seek; every other time it has nothing yet."""

    def __init__(self, data, gaps=False):
        self._file = io.BytesIO(data)
        self._gaps = gaps
        self._ready = False

    def readinto(self, buffer):
        self._ready = not self._ready
        if self._gaps and not self._ready:
            return None
        return self._file.readinto(buffer)


def check_one_pass():
    options = {"mode": "chunked", "content_length": 9000}
    data = b"x" * 9000
    for label, source in (
        ("steady", OnePass(data)),
        ("with gaps", OnePass(data, True)),
        ("longer", OnePass(data + b"and more")),
    ):
        peer = Peers(etag('"e"'))
        peer.run(client().put_object("k", source, **options))
        head, body = bytes(peer.requests[0]).split(b"\r\n\r\n", 1)
        length = ("content-length: %d" % len(body)).encode()
        _check.true("one pass, %s: length" % label, length in head.lower())
        _check.equal("one pass, %s" % label, body.count(b"x"), 9000)
    _check.true("what follows is not read", source.readinto(bytearray(8)) == 8)
    short = client().put_object("k", OnePass(data[:-1]), **options)
    _check.raises("one pass, shorter", TamperError, Peers(etag('"e"')).run, short)
    peer = Peers(answer(b"", 503), etag('"e"'))
    operation = client(3).put_object("k", OnePass(data), **options)
    found = _check.raises("can't be read twice", ServiceError, peer.run, operation)
    _check.true("can't be read twice: said", found and "second time" in found.message)
    peer = Peers(answer(b"", 503), etag('"e"'))
    peer.run(client(3).put_object("k", io.BytesIO(data), **options))
    first, second = (bytes(sent).split(b"\r\n\r\n", 1)[1] for sent in peer.requests)
    _check.true("a file is sent again", len(second) == len(first) and second.count(b"x") == 9000)
    mode = client(1, None).put_object, "k", b"x"
    found = _check.raises("generic", RequestError, *mode, mode="chunked")
    _check.equal("generic: field", found and found.field, "mode")


def main():
    check_errors_in_a_200()
    check_requests()
    check_complete()
    check_list_parts()
    check_etags()
    check_without_md5()
    check_resume()
    check_checkpoint()
    check_part_sizes()
    check_delete()
    check_ranges()
    check_download()
    check_one_pass()
    _check.done()


main()
