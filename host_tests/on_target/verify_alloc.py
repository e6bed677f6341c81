"""What verifying allocates and what it costs, by MicroPython's own counters.

Prints "bytes NAME N" and "ratio NAME N" (hundredths of the hash floor: the SHA-256 runs that no
verifier can do without, with ready buffers) for host_tests/test_verify_cost.py.
"""

import gc

gc.collect()
_at_start = gc.mem_alloc()

from sigv4_mp import verify  # noqa: E402 - measured

gc.collect()
_imported = gc.mem_alloc() - _at_start

from hashlib import sha256  # noqa: E402
from time import ticks_diff, ticks_us  # noqa: E402

import _check  # noqa: E402
from micropython import heap_lock, heap_unlock  # noqa: E402

from sigv4_mp import Credentials, FixedClock, Signer, verify_chunks  # noqa: E402, F401
from sigv4_mp.chunked import ROOM, SIGNED, TAIL, ChunkEncoder, encoded_length  # noqa: E402
from sigv4_mp.replay import ReplayCache  # noqa: E402

DATE = b"20150830T123600Z"
URL = "https://bucket.s3.us-east-1.amazonaws.com/folder/file.bin"
HEADERS = [("Content-Type", "application/octet-stream")]
KEYS = Credentials("AKIDEXAMPLE", "secret")
CHUNK = 8192


def allocated(work, *args, **options):
    """Return the bytes that work(*args) allocates, garbage counted. Run once before, to warm up."""
    work(*args, **options)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    work(*args, **options)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def fastest(times, work, *args):
    """Return the fewest nanoseconds of a call: what else runs on this machine only adds to them."""
    best = None
    for _ in range(5):
        gc.collect()
        start = ticks_us()
        for _ in range(times):
            work(*args)
        took = ticks_diff(ticks_us(), start)
        best = took if best is None or took < best else best
    return best * 1000 // times


def show(name, count, kind="bytes"):
    print("%s %s %d" % (kind, name, count))


def main():
    show("import", _imported)
    verifier = verify.Verifier(lambda name: KEYS, "us-east-1", "s3", FixedClock(DATE))
    signer = Signer(KEYS, "us-east-1", "s3", FixedClock(DATE))
    sealed = signer.sign("PUT", URL, HEADERS, b"x" * 100)
    head = sealed.head
    show("verify", allocated(verifier.verify, head))
    query = signer.prepare_presigned("GET", URL, 60).seal().head
    show("verify-presigned", allocated(verifier.verify, query))
    wrong = head.replace(b"file.bin", b"file.bim")
    show("refuse", allocated(refuse, verifier, wrong))
    unknown = head.replace(b"AKIDEXAMPLE", b"AKIDEXAMPLX")
    verifier.lookup._keys = lambda name: KEYS if name == b"AKIDEXAMPLE" else None
    show("refuse-unknown", allocated(refuse, verifier, unknown))
    replay(head)
    body(verifier.verify(head))
    chunks(signer, verifier)
    canonical = sealed.canonical_request
    floor = fastest(1000, floor_of, canonical, bytearray(64), bytearray(130))
    show("verify", fastest(100, verifier.verify, head) * 100 // floor, "ratio")
    show("verify-presigned", fastest(100, verifier.verify, query) * 100 // floor, "ratio")
    _check.done()


def floor_of(canonical, pad, text):
    """One hash of the canonical request, two for the HMAC of the string to sign."""
    sha256(canonical).digest()
    inner = sha256(pad)
    inner.update(text)
    outer = sha256(pad)
    outer.update(inner.digest())
    return outer.digest()


def refuse(verifier, head):
    try:
        verifier.verify(head)
    except verify.VerifyError as error:
        return error
    raise ValueError("accepted")


def replay(head):
    """A cache never grows: it is full."""
    cache = ReplayCache(64)
    signatures = [b"%064x" % i for i in range(200)]
    gc.collect()
    before = gc.mem_alloc()
    taken = [cache.admit(signature, 10000, 0) for signature in signatures]
    gc.collect()
    show("replay-64", gc.mem_alloc() - before)
    _check.equal("64 of them", (taken.count(True), taken.count(None), len(cache)), (64, 136, 64))


def body(request):
    """A body is taken without allocating, whatever its size: under a locked heap."""
    checked = request.body()
    view = memoryview(bytearray(b"x" * 50))
    heap_lock()
    try:
        checked.feed(view)
        checked.feed(view)
        locked = True
    except MemoryError:
        locked = False
    heap_unlock()
    _check.true("fed under a locked heap", locked)
    checked.finish()
    _check.equal("proven", checked.proven, 100)


def chunks(signer, verifier):
    """Each chunk costs the same, the tenth as much as the second."""
    length = 10 * CHUNK
    size = encoded_length(length, CHUNK, SIGNED)
    headers = [("x-amz-decoded-content-length", str(length))]
    sealed = signer.sign("PUT", URL, headers, payload_hash=SIGNED, content_length=size)
    body = verifier.verify(sealed.head).body()
    encoder = ChunkEncoder(sealed, length, CHUNK, SIGNED)
    buffer = bytearray(ROOM + CHUNK + TAIL)
    costs = []
    for _ in range(10):
        start, end = encoder.wrap(buffer, CHUNK)
        view = memoryview(buffer)[start:end]
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        body.feed(view)
        costs.append(gc.mem_alloc() - before)
        gc.enable()
    body.feed(encoder.end())
    body.finish()
    _check.equal("proven", body.proven, length)
    _check.true("constant", max(costs[1:]) - min(costs[1:]) <= 64, repr(costs))
    show("chunk", max(costs))


main()
