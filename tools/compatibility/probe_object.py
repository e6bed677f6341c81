"""What is done with objects: conditions, ranges, lists, parts, many at once."""

from base64 import b64encode
from hashlib import md5, sha256
from xml.sax.saxutils import escape

from .finding import NO, WRONG, YES, Finding, holds, probe, refused, taken

_DIGITS = b"0123456789"


@probe("object.continue", "`Expect: 100-continue`: says to go on")
def go_on(place):
    draft = place.draft("PUT", "expect", _DIGITS, headers=[("expect", "100-continue")])
    answer = place.send(draft, expect=True)
    note = None if answer.went_on else "the body was sent unasked"
    return Finding(YES if answer.ok and answer.went_on else NO, answer, note)


@probe("object.continue_refused", "… and refuses before the body comes", "refusal.signature")
def continue_refused(place):
    draft = place.draft("PUT", "expect-2", _DIGITS, headers=[("expect", "100-continue")])
    answer = place.send(draft.swap(draft.sealed.signature, "0" * 64), expect=True)
    return Finding(YES if answer.held and not answer.ok else NO, answer)


@probe("object.none_match", "`If-None-Match: *`: overwrites nothing")
def none_match(place):
    place.ask("PUT", "condition", b"old")
    answer = place.ask("PUT", "condition", b"new", headers=[("if-none-match", "*")])
    kept = place.ask("GET", "condition").body == b"old"
    if answer.status == 412:
        return Finding(YES if kept else WRONG, answer)
    return Finding(WRONG if answer.ok and not kept else NO, answer, "overwrites")


@probe("object.none_match_new", "… stores what is new")
def none_match_new(place):
    return taken(place.ask("PUT", "new", b"new", headers=[("if-none-match", "*")]))


@probe("object.match", "`If-Match` with another ETag: 412")
def match(place):
    more = [("if-match", '"%s"' % ("0" * 32))]
    place.ask("PUT", "matched", b"old")
    answer = place.ask("PUT", "matched", b"new", headers=more)
    if answer.ok:
        return Finding(WRONG, answer, "overwrites")
    return Finding(YES if answer.status == 412 else NO, answer)


def _range(place, text, wanted):
    place.ask("PUT", "digits", _DIGITS)
    answer = place.ask("GET", "digits", headers=[("range", "bytes=" + text)])
    if answer.status == 200:
        right = answer.body == wanted
        return Finding(WRONG, answer, "the range, said to be the whole" if right else "the whole")
    return holds(answer, answer.status == 206 and answer.body == wanted, "other bytes")


@probe("object.range", "a range: 206 and those bytes")
def part(place):
    return _range(place, "2-5", b"2345")


@probe("object.suffix", "a range of the last bytes")
def suffix(place):
    return _range(place, "-3", b"789")


@probe("object.beyond", "a range behind the end: 416")
def beyond(place):
    answer = place.ask("GET", "digits", headers=[("range", "bytes=10-12")])
    return Finding(YES if answer.status == 416 else WRONG, answer)


@probe("object.list_encoding", "lists with `encoding-type=url`")
def list_encoding(place):
    place.ask("PUT", "list/a+ü", b"1")
    answer, keys = place.listing("list/")
    if not answer.ok:
        return Finding(NO, answer)
    if answer.tag("EncodingType") != "url":
        return Finding(NO, answer, "lists them as they are")
    return holds(answer, keys == [place.prefix + "list/a+ü"], "encoded in another way")


@probe("object.list_pages", "lists page by page")
def list_pages(place):
    for name in "abc":
        place.ask("PUT", "pages/" + name, b"1")
    found, token, answer = [], None, None
    for _ in range(4):
        more = {"continuation_token": token} if token else {}
        answer, keys = place.listing("pages/", max_keys="2", **more)
        found += keys
        token = answer.tag("NextContinuationToken")
        if not token:
            break
    wanted = [place.prefix + "pages/" + name for name in "abc"]
    return holds(answer, found == wanted, "%d of 3 keys" % len(set(found) & set(wanted)))


@probe("object.copy", "copies an object")
def copy(place):
    source = "/%s/%sfirst" % (place.bucket, place.prefix)
    answer = place.ask("PUT", "copy", headers=[("x-amz-copy-source", source)])
    return holds(answer, place.ask("GET", "copy").body == b"hello", "other bytes")


@probe("object.metadata", "keeps metadata and Content-Type")
def metadata(place):
    more = [("x-amz-meta-serial", "A 7"), ("content-type", "text/x-device")]
    put = place.ask("PUT", "meta", b"1", headers=more)
    got = place.ask("HEAD", "meta")
    said = got.headers.get("x-amz-meta-serial"), got.headers.get("content-type", "")[:13]
    return holds(put, said == ("A 7", "text/x-device"), "tells others")


@probe("object.head", "answers HEAD with Content-Length")
def head(place):
    answer = place.ask("HEAD", "first")
    return holds(answer, answer.headers.get("content-length") == "5", "of another length")


# -- several at once


def _delete(place, folder, headers, spoil=b""):
    """Make two objects, ask for both to be deleted; return (Answer, how many are left)."""
    keys = [place.prefix + folder + name for name in ("/a", "/b")]
    for name in ("/a", "/b"):
        place.ask("PUT", folder + name, b"1")
    listed = "".join("<Object><Key>%s</Key></Object>" % escape(key) for key in keys)
    body = ("<Delete><Quiet>true</Quiet>%s</Delete>" % listed).encode()
    answer = place.ask("POST", body=body, query=[("delete", "")], headers=headers(body + spoil))
    return answer, len(place.listing(folder + "/")[1])


def _gone(found):
    answer, left = found
    return holds(answer, not left, "%d of 2 are left" % left)


def _md5(body):
    return [("content-md5", b64encode(md5(body, usedforsecurity=False).digest()).decode())]


def _sha256(body):
    return [("x-amz-checksum-sha256", b64encode(sha256(body).digest()).decode())]


@probe("many.md5", "deletes many, with Content-MD5")
def with_md5(place):
    return _gone(_delete(place, "many-md5", _md5))


@probe("many.checksum", "deletes many, with x-amz-checksum-sha256")
def with_checksum(place):
    return _gone(_delete(place, "many-sha", _sha256))


@probe("many.neither", "deletes many with neither: refused")
def with_neither(place):
    return refused(_delete(place, "many-none", lambda _: ())[0])


@probe("many.wrong", "refuses a wrong Content-MD5 there")
def wrong_md5(place):
    answer, left = _delete(place, "many-wrong", _md5, b" ")
    return refused(answer, None if left == 2 else "%d of 2 are left" % left)


# -- in parts


def _parts(place, key, size):
    """Upload two parts of `size` bytes; return the Answer to the completion, or what failed."""
    begun = place.ask("POST", key, query=[("uploads", "")])
    number = begun.tag("UploadId")
    if not number:
        return begun
    body, listed = bytes(size), []
    for part_number in ("1", "2"):
        query = [("partNumber", part_number), ("uploadId", number)]
        sent = place.ask("PUT", key, body, query=query)
        if not sent.ok:
            return sent
        etag = escape(sent.headers.get("etag", ""))
        line = "<Part><PartNumber>%s</PartNumber><ETag>%s</ETag></Part>"
        listed.append(line % (part_number, etag))
    text = "<CompleteMultipartUpload>%s</CompleteMultipartUpload>" % "".join(listed)
    return place.ask("POST", key, text.encode(), query=[("uploadId", number)])


@probe("parts.least", "takes parts of 5 MiB")
def least(place):
    answer = _parts(place, "parts", 5 << 20)
    if answer.code or not answer.ok:
        return Finding(NO, answer)
    got = place.ask("HEAD", "parts")
    return holds(answer, got.headers.get("content-length") == str(10 << 20), "of another length")


@probe("parts.small", "refuses a first part of 64 KiB", "parts.least")
def small(place):
    answer = _parts(place, "small-parts", 1 << 16)
    # An error may come behind a 200 here: the answer is begun before the parts are joined.
    if answer.ok and b"<Error>" in answer.body:
        return Finding(YES, answer, "says so behind a 200")
    return refused(answer)
