"""Times and bytes of the signer's operations on one target: a JSON object a line on stdout.

    {"case": "seal", "us": [..], "floor": [..], "bytes": 944}

us: microseconds per call, one for each round. floor: those of the first case, which is what no
signer of that request can avoid, measured in between. bytes: allocated by one call, garbage
counted; null where it can't be told (CPython).
Arguments: rounds (0: bytes only), and calls per round (0: as many as take 50 ms).
"""

import gc
import json
import sys
import time
from binascii import hexlify
from hashlib import sha256

import textbook
from sigv4_mp import Credentials, FixedClock, Signer

DATE = b"20150830T123600Z"
KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
HOST = "bucket.s3.us-east-1.amazonaws.com"
PATH = "/folder/file.bin"
URL = "https://" + HOST + PATH
HEADERS = [("Content-Type", "application/octet-stream")]
ZEROS = "0" * 64
DATES = [("20150830T1236%02dZ" % second).encode() for second in range(60)]
HASHES = [("%064x" % number).encode() for number in range(60)]

if hasattr(time, "ticks_us"):
    now, since = time.ticks_us, time.ticks_diff
else:

    def now():
        return time.perf_counter_ns()

    def since(end, start):
        return (end - start) / 1000


def allocated(work):
    """Return the most bytes that one of eight calls allocates, or None.

    They differ by a block or two: a CRC of 30 bits is a small int, one of 32 bits an object.
    """
    if not hasattr(gc, "mem_alloc"):
        return None
    most = 0
    work()
    for _ in range(8):
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        work()
        most = max(most, gc.mem_alloc() - before)
        gc.enable()
    return most


def timed(work, floor, rounds, calls):
    """Return (times, floors): microseconds per call of both, a round of one after one of the other.

    Garbage is collected outside.
    """
    work()
    times, floors = [], []
    counts = (calls or enough(work), calls or enough(floor))
    for _ in range(rounds):
        for each, count, found in zip((work, floor), counts, (times, floors)):
            gc.collect()
            start = now()
            for _ in range(count):
                each()
            found.append(since(now(), start) / count)
    return times, floors


def enough(work):
    """Return how many calls take 50 ms: WebAssembly's clock has steps of a millisecond."""
    calls, spent = 1, 0
    while spent < 50000:
        calls *= 2
        start = now()
        for _ in range(calls):
            work()
        spent = since(now(), start)
    return calls


def floor_of(prepared):
    """Return the hashing that no signer can avoid, as a function, with its buffers ready.

    One SHA-256 over the canonical request; two for the HMAC of the string to sign, whose keyed pads
    are blocks like any other.
    """
    pieces = []
    prepared.write_canonical_request(lambda piece: pieces.append(bytes(piece)))
    canonical = b"".join(pieces)
    string_to_sign = bytes(prepared.string_to_sign())
    pad = bytes(64)

    def work():
        hasher = sha256(canonical)
        hasher.digest()
        inner = sha256(pad)
        inner.update(string_to_sign)
        outer = sha256(pad)
        outer.update(inner.digest())
        outer.digest()

    return work


def cases():
    """Yield (name, function)."""
    signer = Signer(Credentials(*KEYS), "us-east-1", "s3", FixedClock(DATE))
    prepared = signer.prepare("PUT", URL, HEADERS)
    turn = [0]

    def seal():
        """As in a loop: each time another second, another payload."""
        turn[0] = at = (turn[0] + 1) % 60
        return prepared.seal(payload_hash=HASHES[at], content_length=5, amz_date=DATES[at])

    seal()
    yield "floor", floor_of(prepared)
    yield "seal", seal
    sealed = signer.prepare("PUT", URL, HEADERS).seal(payload_hash=ZEROS, content_length=5)
    yield "check", sealed.check
    yield "prepare", lambda: signer.prepare("PUT", URL, HEADERS)

    def sign(with_signer=signer):
        return with_signer.sign(
            "PUT", URL, HEADERS, payload_hash=ZEROS, content_length=5, amz_date=DATE
        )

    yield "sign, key cached", sign

    def cold():
        sign(Signer(Credentials(*KEYS), "us-east-1", "s3"))

    yield "sign, first time", cold
    yield "presign", lambda: signer.presign("GET", URL, 3600, amz_date=DATE)
    yield (
        "textbook",
        lambda: textbook.sign(
            "PUT", HOST, PATH, [], HEADERS, ZEROS, KEYS, ("us-east-1", "s3"), DATE.decode()
        ),
    )
    yield from streams(signer)


def streams(signer):
    from sigv4_mp.chunked import ROOM, SIGNED, TAIL, ChunkEncoder, encoded_length
    from sigv4_mp.keys import derive_signing_key

    size = 8192
    buffer = bytearray(ROOM + size + TAIL)
    blocks = 65000  # 508 MiB: no search or round comes to the end of it
    length = blocks * size
    sealed = signer.sign(
        "PUT",
        URL,
        [("x-amz-decoded-content-length", str(length)), ("content-encoding", "aws-chunked")],
        payload_hash=SIGNED,
        content_length=encoded_length(length, size, SIGNED),
        amz_date=DATE,
    )
    encoder = [None, blocks]

    def chunk():
        if encoder[1] >= blocks - 1:
            encoder[0] = ChunkEncoder(sealed, length, size, SIGNED)
            encoder[1] = 0
        encoder[1] += 1
        encoder[0].wrap(buffer, size)

    yield "derive key", lambda: derive_signing_key(KEYS[1].encode(), b"20150830", b"r", b"s3")
    yield "chunk of 8 KiB", chunk
    block = memoryview(buffer)[:size]

    def raw():
        hasher = sha256()
        hasher.update(block)
        hexlify(hasher.digest())

    yield "hash of 8 KiB", raw


def main(rounds="5", calls="0"):
    rounds, calls = int(rounds), int(calls)
    floor = None
    for name, work in cases():
        floor = floor or work  # the first one
        line = {"case": name}
        if rounds:
            line["us"], line["floor"] = timed(work, floor, rounds, calls)
        line["bytes"] = allocated(work)
        print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:3])
