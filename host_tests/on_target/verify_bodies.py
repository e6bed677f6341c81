"""Floor 0: aws-chunked bodies as the receiver reads them.

The 66,560-byte examples are AWS's: S3 API reference, "Signature Calculations for the Authorization
Header: Transferring Payload in Multiple Chunks (Chunked Upload)" and "... with trailing headers".
Prints a line "rule NAME" for each rule that was seen broken; test_verify.py wants all of them.
"""

import _section
from _check import equal, report, true
from _section import refuses

from sigv4_mp import Credentials, FixedClock, Signer, checksum
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
from sigv4_mp.errors import CredentialsError
from sigv4_mp.verify import Verifier, VerifyError
from sigv4_mp.verify_head import Limits

URL = "https://s3.amazonaws.com/examplebucket/chunkObject.txt"
DATE = "20130524T000000Z"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", SECRET)
DATA = bytes(bytearray(range(256))) * 79  # 20,224 bytes: two chunks and a rest
SIZE = 20000


def verifier(**options):
    options.setdefault("unsigned_payload", True)
    return Verifier(lambda name: KEYS, "us-east-1", "s3", FixedClock(DATE), **options)


def announce(count, chunk_size, mode, check=None, trailer=None, length=None):
    """Return a SealedRequest for count bytes. trailer, length: what the head says of them."""
    size = encoded_length(count, chunk_size, mode, check)
    headers = [
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", str(count) if length is None else length),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ]
    if trailer or check:
        headers.append(("x-amz-trailer", trailer or "x-amz-checksum-" + check.name))
    else:
        headers.append(("Content-Length", str(size)))  # that example signs it
    signer = Signer(KEYS, "us-east-1", "s3")
    return signer.sign("PUT", URL, headers, payload_hash=mode, content_length=size, amz_date=DATE)


def upload(data, chunk_size, mode, name=None, trailer=None, length=None):
    """Return (head, body) of an upload."""
    check = checksum.new(name) if name else None
    sealed = announce(len(data), chunk_size, mode, check, trailer, length)
    encoder = ChunkEncoder(sealed, len(data), chunk_size, mode, check)
    return sealed.head, encode(encoder, data, chunk_size)


def encode(encoder, data, chunk_size):
    buffer = bytearray(ROOM + chunk_size + TAIL)
    out = bytearray()
    for at in range(0, len(data), chunk_size):
        piece = data[at : at + chunk_size]
        buffer[ROOM : ROOM + len(piece)] = piece
        start, end = encoder.wrap(buffer, len(piece))
        out.extend(memoryview(buffer)[start:end])
    out.extend(encoder.end())
    return out


class Sink:
    """Takes content, and notes the sizes of its first pieces."""

    def __init__(self):
        self.data = bytearray()
        self.sizes = []

    def __call__(self, view):
        self.data.extend(view)
        if len(self.sizes) < 4:
            self.sizes.append(len(view))


def take(head, body, step=1000, hold=None, **options):
    """Verify an upload in pieces of `step` bytes. Return (Sink, body object)."""
    sink = Sink()
    checked = verifier(**options).verify(head).body(sink, hold)
    for at in range(0, len(body), step):
        checked.feed(memoryview(body)[at : at + step])
    checked.finish()
    return sink, checked


def refused(name, rule, head, body, step=5000, hold=None, **options):
    """Check that an upload breaks a rule, and that held content before it was right."""
    try:
        take(head, body, step, hold, **options)
    except VerifyError as error:
        print("rule " + error.rule)
        return report(name, error.rule == rule, "%s: %s" % (error.rule, error))
    except Exception as error:
        return report(name, False, "raised %r" % error)
    return report(name, False, "was taken")


class Count:
    """Takes b"a" and nothing else, and counts it."""

    def __init__(self):
        self.count = 0
        self.others = 0

    def __call__(self, view):
        self.count += len(view)
        self.others += len(bytes(view).strip(b"a"))


def published():
    """AWS's own uploads of 66,560 a, fed as they are encoded: they need not be held."""
    buffer = bytearray(b"a" * (ROOM + 65536 + TAIL))
    for mode, name, step in (
        (SIGNED, None, 1024),
        (SIGNED_TRAILER, "crc32c", 4096),
        (UNSIGNED_TRAILER, "crc32", 5000),
    ):
        check = checksum.new(name) if name else None
        sealed = announce(66560, 65536, mode, check)
        seed = {
            SIGNED: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            SIGNED_TRAILER: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        }.get(mode, sealed.signature)
        equal("the published seed", sealed.signature, seed)
        request = verifier().verify(sealed.head)
        signed = mode != UNSIGNED_TRAILER
        equal("body signed", request.body_signed, signed)
        length = encoded_length(66560, 65536, mode, check)
        equal("lengths", (request.content_length, request.decoded_length), (length, 66560))
        sink = Count()
        body = request.body(sink)
        encoder = ChunkEncoder(sealed, 66560, 65536, mode, check)
        for size, proven in ((65536, 65536), (1024, 66560)):
            start, end = encoder.wrap(buffer, size)
            view = memoryview(buffer)[start:end]
            for at in range(0, len(view), step):
                body.feed(view[at : at + step])
            buffer[ROOM + size] = buffer[ROOM + size + 1] = 0x61
            equal("proven", body.proven, proven if signed else 0)
        body.feed(encoder.end())
        body.finish()
        equal("content", (sink.count, sink.others), (66560, 0))
        equal("counts", (body.received, body.proven, body.wire_left), (66560, body.proven, 0))
        last = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
        if mode == SIGNED:
            equal("the published last signature", encoder.signature.decode(), last)


def sizes():
    for mode in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
        for size in (0, 1, MIN_CHUNK - 1, MIN_CHUNK, MIN_CHUNK + 1, 2 * MIN_CHUNK):
            head, body = upload(DATA[:size], MIN_CHUNK, mode, None if mode == SIGNED else "crc32")
            for step in (1, 100000):
                sink, _ = take(head, body, step)
                true("%d in %s by %d" % (size, mode, step), sink.data == DATA[:size])
    for name in ("crc32", "crc32c", "crc64nvme", "sha256"):
        head, body = upload(DATA[:MIN_CHUNK], MIN_CHUNK, UNSIGNED_TRAILER, name)
        true(name, take(head, body)[0].data == DATA[:MIN_CHUNK])
        wrong = bytearray(body)
        wrong[2000] ^= 1
        refused(name + ", wrong", "checksum", head, wrong)
    try:
        checksum.new("sha1")
    except Exception:  # most ports have none
        head, body = upload(b"", MIN_CHUNK, UNSIGNED_TRAILER, "crc32", "x-amz-checksum-sha1")
        refused("sha1 can't be computed", "no-checksum", head, body)
    else:
        head, body = upload(b"", MIN_CHUNK, UNSIGNED_TRAILER, "crc32", "x-amz-checksum-md5")
        refused("md5 can't be computed", "no-checksum", head, body)


def held():
    head, body = upload(DATA[:SIZE], MIN_CHUNK, SIGNED)
    sink, _ = take(head, body, 100, bytearray(MIN_CHUNK))
    equal("chunk by chunk", sink.sizes, [MIN_CHUNK, MIN_CHUNK, SIZE - 2 * MIN_CHUNK])
    true("content", sink.data == DATA[:SIZE])
    by_secret = Verifier(lambda name: SECRET, "us-east-1", "s3", FixedClock(DATE)).verify(head)
    checked = by_secret.body()
    checked.feed(body)
    checked.finish()
    equal("by a secret", checked.proven, SIZE)
    refuses(CredentialsError, "signing_key", by_secret.key.signature, b"")
    refused("no room for one", "too-large", head, body, 100, bytearray(MIN_CHUNK - 1))
    sink = Sink()
    checked = verifier().verify(head).body(sink, bytearray(MIN_CHUNK))
    wrong = bytearray(body)
    wrong[MIN_CHUNK + 500] ^= 1  # in the second chunk
    try:
        for at in range(0, len(wrong), 100):
            checked.feed(memoryview(wrong)[at : at + 100])
    except VerifyError as error:
        equal("found at its end", (error.rule, checked.proven), ("chunk-signature", MIN_CHUNK))
    true("nothing of it was let out", sink.data == DATA[:MIN_CHUNK])
    for again in (checked.finish, lambda: checked.feed(b"x")):
        try:
            again()
            true("broken for good", False)
        except VerifyError as error:
            print("rule " + error.rule)
            equal("broken for good", error.rule, "broken")


def flips():
    """A byte of the body, changed, is refused: all of the framing, some of the data."""
    for mode, name in ((SIGNED, None), (SIGNED_TRAILER, "crc32"), (UNSIGNED_TRAILER, "crc32")):
        head, body = upload(DATA[: MIN_CHUNK + 9], MIN_CHUNK, mode, name)
        kept = []
        places = list(range(100)) + list(range(1000, MIN_CHUNK, 2500))
        places += list(range(MIN_CHUNK, len(body)))
        for at in places:
            body[at] ^= 1
            try:
                take(head, body, 100000)
                kept.append(at)
            except VerifyError:
                pass
            body[at] ^= 1
        equal("flips that were taken, " + mode, kept, [])


def framing():
    head, body = upload(DATA[: MIN_CHUNK + 9], MIN_CHUNK, SIGNED)
    body = bytes(body)
    start = body.find(b"\r\n")
    second = body.find(b"9;chunk-signature=")
    first = body[:start]
    for name, old, new, rule in (
        ("a cut signature", first, first[:-1], "chunk"),
        ("an upper-case one", first, first[:5] + first[5:].upper(), "chunk"),
        ("no signature", first, b"2000", "chunk"),
        ("another extension", b";chunk-signature=", b";chunk-signatuse=", "chunk"),
        ("two", first, first + b";x=y", "chunk"),
        ("no size", b"2000;", b";", "chunk"),
        ("0x", b"2000;", b"0x2000;", "chunk"),
        ("negative", b"2000;", b"-2000;", "chunk"),
        ("an underscore", b"2000;", b"2_000;", "chunk"),
        ("a space", b"2000;", b"2000 ;", "chunk"),
        ("a huge one", b"2000;", b"00000002000;", "chunk"),
        ("a long line", b"2000;", b"2000;" + b"x" * 60, "limit"),
        ("a size too small", b"2000;", b"1fff;", "chunk-signature"),
        ("a size too big", b"2000;", b"2001;", "chunk-signature"),
        ("over the length", b"2000;", b"200a;", "body-long"),
        ("a bare LF", first + b"\r\n", first + b"\n", "chunk"),
        ("a bare CR", first + b"\r\n", first + b"\rx", "chunk"),
        ("a byte behind the data", b"\r\n9;", b"x\r\n9;", "chunk"),
        ("an early end", b"\r\n9;", b"\r\n0;", "body-short"),
    ):
        bad = body.replace(old, new, 1)
        length = str(len(bad)).encode()
        refused(name, rule, *resized(bad), step=7000)
        true("it was another body", bad != body and length.isdigit())
    swapped = body[second:-86] + body[:second] + body[-86:]
    refused("another order", "chunk-signature", *resized(swapped))
    refused("one left out", "body-short", *resized(body[:second] + body[-86:]))
    refused("one twice", "body-long", *resized(body[:second] + body[:second] + body[second:]))
    refused("cut", "body-short", head, body[:-1])
    refused("cut at a chunk", "body-short", *resized(body[:second]))
    refused("more", "body-long", head, body + b"\r")
    refused("more, announced", "body-long", *resized(body + b"x"))
    refused("a trailer that was not announced", "chunk", *resized(body[:-2] + b"a:b\r\n\r\n"))
    small()


def resized(body):
    """Return (head, body): a head, rightly signed, that announces this body."""
    signer = Signer(KEYS, "us-east-1", "s3")
    headers = [("x-amz-decoded-content-length", str(MIN_CHUNK + 9))]
    sealed = signer.sign(
        "PUT", URL, headers, payload_hash=SIGNED, content_length=len(body), amz_date=DATE
    )
    # Its chunks are of another seed: sign the first one anew.
    encoder = ChunkEncoder(sealed, MIN_CHUNK + 9, MIN_CHUNK, SIGNED)
    good = bytes(encode(encoder, DATA[: MIN_CHUNK + 9], MIN_CHUNK))
    _, old = upload(DATA[: MIN_CHUNK + 9], MIN_CHUNK, SIGNED)
    for ours, theirs in zip(signatures(good), signatures(bytes(old))):
        body = body.replace(theirs, ours).replace(theirs.upper(), ours.upper())
    return sealed.head, body


def signatures(body):
    """Return the signatures in an encoded body."""
    return [part[:64] for part in body.split(b"chunk-signature=")[1:]]


def small():
    """Only the last chunk may be small; the limit is one's own."""
    sealed = Signer(KEYS, "us-east-1", "s3").sign(
        "PUT",
        URL,
        [("x-amz-decoded-content-length", "20")],
        payload_hash=SIGNED,
        content_length=300,
        amz_date=DATE,
    )
    encoder = ChunkEncoder(sealed, 20, 10, SIGNED)
    body = encode(encoder, DATA[:20], 10)
    head = fitted(sealed.head, body)
    refused("small ones", "chunk-size", head, body)

    class Lax(Limits):
        min_chunk = 10

    sink, _ = take(head, body, 9, limits=Lax)
    true("allowed", sink.data == DATA[:20])
    longest = max([len(line) for line in bytes(body).split(b"\n") if b";chunk" in line])
    for spare in (0, -1):

        class Tight(Lax):
            chunk_line = longest + spare

        if spare:
            refused("a line of one byte more", "limit", head, body, limits=Tight)
        else:
            true("the longest line", take(head, body, limits=Tight)[0].data == DATA[:20])


def trailers():
    data = DATA[:100]
    for mode in (SIGNED_TRAILER, UNSIGNED_TRAILER):
        head, body = upload(data, MIN_CHUNK, mode, "crc32")
        body = bytes(body)
        line = body[body.find(b"x-amz-checksum") :].split(b"\r\n")[0]
        for name, old, new, rule in (
            ("another name", b"x-amz-checksum-crc32:", b"x-amz-checksum-crc33:", None),
            ("no colon", b"crc32:", b"crc32 ", "trailer"),
            ("a byte of none", b"crc32:", b"crc32:\x01", "trailer"),
        ):
            bad = body.replace(old, new, 1)
            wanted = rule or ("trailer-signature" if mode == SIGNED_TRAILER else "trailer")
            refused(name, wanted, fitted(head, bad), bad)
        bad = body.replace(line, line[:-3] + b"A==", 1)
        signed = mode == SIGNED_TRAILER
        refused("value", "trailer-signature" if signed else "checksum", fitted(head, bad), bad)
        bad = body.replace(line + b"\r\n", b"", 1)
        refused("none", "trailer-signature" if signed else "trailer", fitted(head, bad), bad)
        bad = body.replace(line, line + b"\r\n" + line + b"\r\n" + line, 1)
        refused("three", "trailer", fitted(head, bad), bad)
        bad = body[:-2] + b"x-amz-trailer-signature:" + b"0" * 64 + b"\r\n\r\n"
        refused("a signature too many", "trailer", fitted(head, bad), bad)
        other, _ = upload(data, MIN_CHUNK, mode, "crc32", "x-amz-meta-x")
        refused("no checksum", "trailer", other, body)
        other, _ = upload(
            data, MIN_CHUNK, mode, "crc32", "x-amz-checksum-crc32,x-amz-checksum-crc32c"
        )
        refused("two checksums", "trailer", other, body)
    head, body = upload(data, MIN_CHUNK, SIGNED_TRAILER, "crc32")
    cut = bytes(body)[: bytes(body).find(b"x-amz-trailer-sig")] + b"\r\n"
    refused("no trailer signature", "trailer", fitted(head, cut), cut)
    other, body = upload(data, MIN_CHUNK, SIGNED, None, "x-amz-checksum-crc32")
    refused("a trailer without its mode", "trailer", other, body)
    refused(
        "unsigned chunks",
        "unsigned-payload",
        *upload(data, MIN_CHUNK, UNSIGNED_TRAILER, "crc32"),
        unsigned_payload=False,
    )
    for length in (99, 101):
        other, body = upload(data, MIN_CHUNK, SIGNED, length=str(length))
        refused("%d announced" % length, "body-long" if length < 100 else "body-short", other, body)
    for length in ("-1", "x", ""):
        other, body = upload(data, MIN_CHUNK, SIGNED, length=length)
        refused("length %r" % length, "no-length", other, body)


def fitted(head, body):
    """Return head with the length of body: it is not signed here."""
    at = head.find(b"Content-Length: ")
    return head[:at] + b"Content-Length: %d\r\n\r\n" % len(body)


def garbage():
    """Pieces cut out, doubled, moved: refused, or the content as it was."""
    state = 12345
    for mode, name in ((SIGNED, None), (SIGNED_TRAILER, "crc32"), (UNSIGNED_TRAILER, "crc32")):
        data = DATA[: MIN_CHUNK + 9]
        head, body = upload(data, MIN_CHUNK, mode, name)
        body = bytes(body)
        taken = 0
        for _ in range(40):
            places = []
            for _ in range(3):
                state = (state * 75 + 74) % 65537
                # The framing stands at both ends.
                places.append(state % 120 if state % 2 else len(body) - state % 400)
            low, middle, high = sorted(places)
            for bad in (
                body[:low] + body[middle:],
                body[:middle] + body[low:],
                body[:low] + body[middle:high] + body[low:middle] + body[high:],
                body[:low] + bytes((state % 256,)) + body[low:],
            ):
                try:
                    sink, _ = take(fitted(head, bad) if name else head, bad, 9000)
                except VerifyError:
                    continue
                taken += 1
                if sink.data != data:
                    true("content as it was, %s" % places, False)
        true("hardly one was taken: %d" % taken, taken < 16)


_section.run(published, sizes, held, flips, framing, trailers, garbage)
