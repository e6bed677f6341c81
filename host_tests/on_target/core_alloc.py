"""What floor 0 allocates, measured by MicroPython's own counter, and proved with a locked heap.

Prints lines "bytes NAME N", which host_tests/test_allocation.py shows and bounds.
"""

import gc

gc.collect()
_at_start = gc.mem_alloc()

import sigv4_mp  # noqa: E402 - measured
from sigv4_mp import Credentials, Signer  # noqa: E402

gc.collect()
_imported = gc.mem_alloc() - _at_start

import os  # noqa: E402

import _check  # noqa: E402
import _flash  # noqa: E402
from micropython import heap_lock, heap_unlock  # noqa: E402

DATE = b"20150830T123600Z"
SCOPE = (b"20150830", b"us-east-1", b"s3")
URL = "https://bucket.s3.us-east-1.amazonaws.com/folder/file.bin"
HEADERS = [("Content-Type", "application/octet-stream")]
ZEROS = "0" * 64
BLOCK = bytearray(512)


class Locking:
    """A reader of so many full blocks; the heap is locked from its second read to its last."""

    def __init__(self, blocks):
        self.blocks = blocks
        self.reads = 0

    def readinto(self, buffer):
        self.reads += 1
        if self.reads == 2:
            heap_lock()
        elif self.reads > self.blocks:
            heap_unlock()
            return 0
        buffer[0] = self.reads & 255
        return len(buffer)


def allocated(work, *args, **options):
    """Return the bytes that work(*args) allocates, garbage counted. Run once before, to warm up."""
    work(*args, **options)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    kept = work(*args, **options)
    after = gc.mem_alloc()
    gc.enable()
    return after - before if kept is not None else 0


def show(name, count):
    print("bytes %s %d" % (name, count))
    return count


def reading():
    from sigv4_mp.digest import hash_reader

    reader = Locking(64)
    try:
        _, length = hash_reader(reader, BLOCK)
    except MemoryError:
        heap_unlock()
        length = -1
    _check.equal("64 blocks under a locked heap", (length, reader.reads), (64 * 512, 65))
    with open("small.bin", "rb") as small, open("large.bin", "rb") as large:
        costs = []
        for file in (small, large):
            file.readinto(BLOCK)  # what opening costs is not of interest
            file.seek(0)
            costs.append(allocated(lambda f: (f.seek(0), hash_reader(f, BLOCK)), file))
            file.seek(0)
            costs.append(hash_reader(file, BLOCK)[1])
    _check.equal("ten times the file", costs[3], costs[1] * 10)
    _check.equal("costs the same", costs[2], costs[0])
    show("hash_reader", costs[0])


def cached_key():
    credentials = Credentials("AKIDEXAMPLE", "secret")
    credentials.signing_key(b"20150830", b"us-east-1", b"sqs")
    key = credentials.signing_key(*SCOPE)
    heap_lock()
    try:
        again = credentials.signing_key(SCOPE[0], SCOPE[1], SCOPE[2])
    except MemoryError:
        again = None
    heap_unlock()
    _check.true("a hit allocates nothing", again is key)
    _check.equal("by the counter, too", allocated(credentials.signing_key, *SCOPE), 0)
    show("signature", allocated(key.signature, b"x" * 130))


def signing():
    signer = Signer(Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3")
    prepared = signer.prepare("PUT", URL, HEADERS)
    show("seal", allocated(prepared.seal, payload_hash=ZEROS, content_length=5, amz_date=DATE))
    show("prepare", allocated(signer.prepare, "PUT", URL, HEADERS))
    sealed = prepared.seal(payload_hash=ZEROS, content_length=5, amz_date=DATE)
    show("check", allocated(lambda: (sealed.check(), True)))
    show(
        "sign",
        allocated(
            signer.sign, "PUT", URL, HEADERS, payload_hash=ZEROS, content_length=5, amz_date=DATE
        ),
    )
    show("presign", allocated(signer.presign, "GET", URL, 3600, amz_date=DATE))
    signer = Signer(Credentials("AKIDEXAMPLE", "secret", "T" * 1000), "us-east-1", "s3")
    prepared = signer.prepare("PUT", URL, HEADERS)
    show(
        "seal-token", allocated(prepared.seal, payload_hash=ZEROS, content_length=5, amz_date=DATE)
    )
    show(
        "sign-token",
        allocated(
            signer.sign, "PUT", URL, HEADERS, payload_hash=ZEROS, content_length=5, amz_date=DATE
        ),
    )


def main():
    show("import", _imported)
    _check.true("imported", sigv4_mp.__version__)
    gc.threshold(4096)
    copies = _flash.go_there("small.bin", "large.bin")
    reading()
    for name in copies:
        os.remove(name)
    cached_key()
    signing()
    _check.done()


main()
