"""Streaming from a file and chunk by chunk: what allocates nothing, and what exactly the same.

With net_alloc.py (bodies sent, answers parsed) these are the proofs that no stream's memory grows.
Prints lines "bytes NAME N".
"""

import gc
import os
from binascii import hexlify
from hashlib import sha256

import _check
import _flash
from micropython import heap_lock, heap_unlock

from sigv4_mp import Credentials, FixedClock, Signer, chunked
from sigv4_mp.checksum import new
from sigv4_mp.digest import hash_reader

BLOCK = 512
BLOCKS = 24
NAME = "stream.bin"
CHUNK = chunked.MIN_CHUNK
CHUNKS = 12


class Locked:
    """Reads a real file; the heap is locked from the second read on, until the end."""

    def __init__(self, file):
        self.file = file
        self.reads = 0
        self.locked = False

    def readinto(self, buffer):
        self.reads += 1
        if self.reads == 2:
            heap_lock()
            self.locked = True
        count = self.file.readinto(buffer)
        if not count:
            self.unlock()
        return count

    def unlock(self):
        if self.locked:
            heap_unlock()
            self.locked = False


def pattern(number):
    return bytes([number & 255]) * BLOCK


def check_file():
    """The whole of a file of this target's own medium is read and hashed under a locked heap."""
    wanted = sha256()
    with open(NAME, "wb") as file:
        for number in range(BLOCKS):
            file.write(pattern(number))
            wanted.update(pattern(number))
    block = bytearray(BLOCK)
    with open(NAME, "rb") as file:
        file.readinto(block)  # a board's file makes its buffer with the first read
        file.seek(0)
        reader = Locked(file)
        try:
            found = hash_reader(reader, block)
        except MemoryError:
            found = None
        reader.unlock()
    os.remove(NAME)
    _check.equal("a file, hashed", found, (hexlify(wanted.digest()), BLOCK * BLOCKS))
    _check.equal("reads, all but the first locked", reader.reads, BLOCKS + 1)


def sealed_of(mode, length, checksum):
    signer = Signer(
        Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    return signer.sign(
        "PUT",
        "https://bucket.s3.us-east-1.amazonaws.com/key",
        [("x-amz-decoded-content-length", str(length)), ("content-encoding", "aws-chunked")],
        payload_hash=mode,
        content_length=chunked.encoded_length(length, CHUNK, mode, checksum),
    )


def check_chunks(name, mode, bound):
    """Every chunk, wrapped in the caller's buffer, allocates the same; nothing of it stays."""
    checksum = None if mode == chunked.SIGNED else new("crc32")
    length = CHUNK * CHUNKS
    encoder = chunked.ChunkEncoder(sealed_of(mode, length, checksum), length, CHUNK, mode, checksum)
    buffer = bytearray(chunked.ROOM + CHUNK + chunked.TAIL)
    garbage, live = [0] * CHUNKS, [0] * CHUNKS
    for number in range(CHUNKS):
        gc.collect()
        live[number] = gc.mem_alloc()
        gc.disable()
        before = gc.mem_alloc()
        encoder.wrap(buffer, CHUNK)
        garbage[number] = gc.mem_alloc() - before
        gc.enable()
    encoder.end()
    steady = garbage[1:]
    # A CRC-32 with its top bits clear is a small int, or one word shorter.
    slack = 0 if checksum is None else 32
    _check.true(name + ": each chunk alike", max(steady) - min(steady) <= slack, str(garbage))
    _check.true(name + ": bounded", 0 < max(steady) <= bound, str(garbage))
    if collects():
        half = CHUNKS // 2
        grown = min(live[half:]) - min(live[1:half])
        _check.true(name + ": nothing stays", grown <= 0, str(live))
    print("bytes %s %d" % (name, max(steady)))


def collects():
    """Return whether gc.collect() does: WebAssembly collects only when no program runs."""
    before = gc.mem_alloc()
    bytearray(4096)
    gc.collect()
    return gc.mem_alloc() < before + 4096


def check_checksum():
    """Feeding a hash allocates nothing; a CRC's numbers above 30 bits are made anew each time."""
    block = memoryview(bytearray(BLOCK))
    checksum = new("sha256")
    checksum.update(block)
    heap_lock()
    try:
        for _ in range(4):
            checksum.update(block)
        good = True
    except MemoryError:
        good = False
    heap_unlock()
    _check.true("feed a checksum under lock", good)


def check_control():
    """The lock bites: what a chunk allocates fails under it."""
    length = CHUNK
    encoder = chunked.ChunkEncoder(
        sealed_of(chunked.SIGNED, length, None), length, CHUNK, chunked.SIGNED
    )
    buffer = bytearray(chunked.ROOM + CHUNK + chunked.TAIL)
    caught = False
    heap_lock()
    try:
        encoder.wrap(buffer, CHUNK)
    except MemoryError:
        caught = True
    heap_unlock()
    _check.true("control: a signature under a locked heap is caught", caught)


def main():
    _flash.go_there()
    check_file()
    for name, mode, bound in (
        ("signed-chunk", chunked.SIGNED, 1536),
        ("signed-chunk-trailer", chunked.SIGNED_TRAILER, 1536),
        ("unsigned-chunk-trailer", chunked.UNSIGNED_TRAILER, 256),
    ):
        check_chunks(name, mode, bound)
    check_checksum()
    check_control()
    _check.done()


main()
