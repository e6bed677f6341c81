"""How a body is protected: hashed, unsigned, in chunks, with a trailer."""

import hashlib

from sigv4_mp.checksum import new
from sigv4_mp.chunked import (
    MIN_CHUNK,
    ROOM,
    SIGNED,
    SIGNED_TRAILER,
    TAIL,
    UNSIGNED_TRAILER,
    ChunkEncoder,
    encoded_length,
)

from .finding import NO, WRONG, YES, Finding, holds, probe, refused, taken

MODES = {
    "chunked": (SIGNED, "signed chunks (`chunked`)"),
    "chunked-trailer": (SIGNED_TRAILER, "signed chunks and trailer (`chunked-trailer`)"),
    "unsigned-trailer": (UNSIGNED_TRAILER, "unsigned chunks, checksum behind (`unsigned-trailer`)"),
}
# Two chunks and a bit, no two stretches alike.
BODY = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(624)) + b"the end"


def framed(place, key, mode, checksum="crc32", spoil=None, said=None, make=new):
    """Return a Draft of a PUT in chunks. spoil: function(framed body) -> body, after signing.

    make: function(name) -> checksum object.
    said: int, what x-amz-decoded-content-length says; None: the truth.
    """
    sentinel = MODES[mode][0]
    kind = None if mode == "chunked" else make(checksum)
    length = encoded_length(len(BODY), MIN_CHUNK, sentinel, kind)
    more = [("content-encoding", "aws-chunked")]
    more.append(("x-amz-decoded-content-length", str(len(BODY) if said is None else said)))
    if kind:
        more.append(("x-amz-trailer", "x-amz-checksum-" + checksum))
    draft = place.draft("PUT", key, headers=more, payload_hash=sentinel, length=length)
    draft.body = _encode(draft.sealed, sentinel, kind)
    assert len(draft.body) == length
    if spoil:
        draft.body = spoil(draft.body)
    return draft


def _encode(sealed, sentinel, kind):
    encoder = ChunkEncoder(sealed, len(BODY), MIN_CHUNK, sentinel, kind)
    buffer = bytearray(ROOM + MIN_CHUNK + TAIL)
    out = b""
    for at in range(0, len(BODY), MIN_CHUNK):
        piece = BODY[at : at + MIN_CHUNK]
        buffer[ROOM : ROOM + len(piece)] = piece
        start, end = encoder.wrap(buffer, len(piece))
        out += buffer[start:end]
    return out + encoder.end()


def stored(place, answer, key, body, on_wire=None):
    """Return the Finding of an upload: yes if the very bytes are read back."""
    if not answer.ok:
        return Finding(NO, answer)
    got = place.ask("GET", key)
    if got.body == body and got.ok:
        return Finding(YES, answer)
    if got.ok and on_wire and got.body and on_wire.startswith(got.body):
        return Finding(WRONG, answer, "stores the framing as if it were the object")
    return Finding(WRONG, answer, "stores other bytes than were sent")


@probe("payload.hash", "takes a hashed body (`hash`)")
def hashed(place):
    return stored(place, place.ask("PUT", "hash", BODY), "hash", BODY)


@probe("payload.unsigned", "takes `UNSIGNED-PAYLOAD` (`unsigned`)")
def unsigned(place):
    answer = place.ask("PUT", "unsigned", BODY, payload_hash="UNSIGNED-PAYLOAD")
    return stored(place, answer, "unsigned", BODY)


@probe("payload.wrong_hash", "refuses a body that is not the one hashed")
def wrong_hash(place):
    draft = place.draft("PUT", "wrong", BODY)
    draft.body = BODY[:-1] + b"D"
    return refused(place.send(draft))


@probe("payload.no_hash", "refuses a body without `x-amz-content-sha256`")
def no_hash(place):
    return refused(place.ask("PUT", "no-hash", BODY, signer=place.signer(sign_body=False)))


def _register(mode, words):
    @probe("payload." + mode, "takes " + words)
    def take(place):
        draft = framed(place, mode, mode)
        return stored(place, place.send(draft), mode, BODY, draft.body)

    @probe("payload.%s.encoding" % mode, "… and forgets `aws-chunked` then", "payload." + mode)
    def encoding(place):
        got = place.ask("HEAD", mode)
        left = got.headers.get("content-encoding", "")
        return holds(got, "aws-chunked" not in left, "answers Content-Encoding: " + left)

    @probe("payload.%s.length" % mode, "… refuses another decoded length", "payload." + mode)
    def length(place):
        return refused(place.send(framed(place, mode + "-length", mode, said=len(BODY) - 1)))


for _mode, (_, _words) in MODES.items():
    _register(_mode, _words)


def _flip(body):
    at = body.index(b"\r\n") + 100
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


@probe("payload.wrong_chunk", "refuses a chunk that is not the one signed", "payload.chunked")
def wrong_chunk(place):
    return refused(place.send(framed(place, "flip", "chunked", spoil=_flip)))


def _swap(body):
    """Exchange the first two chunks, each whole: only the chain of signatures shows it."""
    size = body.index(b"\r\n") + 2 + MIN_CHUNK + 2
    return body[size : 2 * size] + body[:size] + body[2 * size :]


@probe("payload.swapped", "refuses signed chunks in another order", "payload.chunked")
def swapped(place):
    return refused(place.send(framed(place, "swap", "chunked", spoil=_swap)))


@probe("payload.wrong_trailer", "refuses a wrong trailer signature", "payload.chunked-trailer")
def wrong_trailer(place):
    def spoil(body):
        at = body.index(b"x-amz-trailer-signature:") + 30
        return body[:at] + (b"0" if body[at : at + 1] != b"0" else b"1") + body[at + 1 :]

    return refused(place.send(framed(place, "trailer", "chunked-trailer", spoil=spoil)))


@probe("payload.empty", "takes a body of no bytes")
def empty(place):
    return stored(place, place.ask("PUT", "empty"), "empty", b"")


@probe("payload.content_md5", "refuses a body that is not Content-MD5's")
def content_md5(place):
    more = [("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")]  # of no bytes at all
    return refused(place.ask("PUT", "md5", BODY, headers=more))


@probe("payload.etag", "the ETag of a plain object is its MD5")
def etag(place):
    answer = place.ask("PUT", "etag", BODY)
    wanted = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    return holds(answer, answer.headers.get("etag", "").strip('"') == wanted, "it is another")


@probe("payload.signed_type", "takes every header signed (`signs` all)")
def all_signed(place):
    more = [("content-type", "text/x-device"), ("cache-control", "no-cache"), ("x-device", "7")]
    more += [("content-language", "de"), ("content-disposition", "inline"), ("range-unit", "x")]
    return taken(place.ask("PUT", "signed", BODY, headers=more))
