"""Steady-state streaming allocates nothing: proved by a locked heap.

The peer locks the heap once the transfer is under way and unlocks it before its last step; a single
allocation between raises MemoryError. CPython has no such lock; there the same transfers just run.
"""

import gc
import os
from binascii import hexlify
from hashlib import sha256

import _check
import _flash
from net_script import Sealed

from sigv4_mp.net.body import FileSink
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.steps import drive

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython

    def heap_lock():
        pass

    heap_unlock = heap_lock

BLOCK = 512
BLOCKS = 64
TOTAL = BLOCK * BLOCKS


class Pattern:
    """A reader of TOTAL bytes that allocates nothing itself."""

    def __init__(self):
        self.left = TOTAL

    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        if count and count <= len(buffer):
            buffer[0] = self.left & 255
        self.left -= count
        return count


class Locking:
    """Does steps without allocating; the heap is locked between the steps `first` and `last`."""

    def __init__(self, answer, first, last):
        self.answer = answer
        self.at = 0
        self.count = 0
        self.first = first
        self.last = last
        self.locked = 0
        self.sent = 0

    def perform(self, step):
        self.count += 1
        if self.count == self.first:
            gc.collect()
            heap_lock()
        elif self.count == self.last:
            heap_unlock()
        if self.first <= self.count < self.last:
            self.locked += 1
        if step.op == 1:
            self.sent += step.length
        elif step.op == 2:
            return self.give(step)
        elif step.op == 3:
            return -1
        return None

    def give(self, step):
        count = min(step.length, len(self.answer) - self.at)
        buffer = step.buffer
        at = self.at
        for i in range(count):
            buffer[i] = self.answer[at + i]
        self.at += count
        return count


def locked_run(label, operation, answer, first, last):
    """Run an operation with the heap locked between two of its steps; return (result, peer)."""
    peer = Locking(answer, first, last)
    try:
        result = drive(operation, peer.perform)
    except MemoryError as error:
        heap_unlock()
        _check.report(label, False, "allocated at step %d: %s" % (peer.count, error))
        return None, peer
    _check.true(label + ": steps under lock", peer.locked == last - first, str(peer.locked))
    return result, peer


def hash_of_pattern():
    block = bytearray(BLOCK)
    hasher = sha256()
    reader = Pattern()
    for _ in range(BLOCKS):
        reader.readinto(block)
        hasher.update(block)
    return hexlify(hasher.digest()).decode()


def check_hash():
    exchange = Exchange(BLOCK, BLOCK)
    result, _ = locked_run("hash a body", exchange.hash(Pattern()), b"", 1, BLOCKS // 8)
    _check.equal("hash of the body", result, (hash_of_pattern(), TOTAL))


def check_send(payload_hash, progress):
    label = "send a body, %s" % payload_hash[:8]
    sealed = Sealed("PUT", TOTAL, payload_hash)
    exchange = Exchange(BLOCK, BLOCK)
    operation = exchange.perform(sealed, Pattern(), None, progress)
    # connect, head, then recv_now and send for each block
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    result, peer = locked_run(label, operation, answer, 5, 2 * BLOCKS)
    _check.equal(label + ": bytes", peer.sent, TOTAL + len(sealed.head))
    _check.equal(label + ": status", result and result.status, 200)


class Count:
    """A sink that counts."""

    def __init__(self):
        self.total = 0

    def take(self, buffer, start, end):
        self.total += end - start

    def progress(self, done, total):
        self.last = done


def check_receive(label, answer, take, last):
    exchange = Exchange(BLOCK, BLOCK)
    sealed = Sealed("GET")
    count = Count()
    operation = exchange.perform(sealed, None, lambda _: take, count.progress)
    locked_run(label, operation, answer, 4, last)
    if b" 200 " in answer[:15]:
        _check.equal(label + ": progress", count.last, TOTAL)


def plain():
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % TOTAL + bytes(TOTAL)


def until_close():
    return b"HTTP/1.1 400 E\r\n\r\n" + bytes(TOTAL)


def chunked():
    chunk = b"1A4\r\n" + bytes(0x1A4) + b"\r\n"
    rest = TOTAL % 0x1A4
    body = chunk * (TOTAL // 0x1A4) + (b"%x\r\n" % rest) + bytes(rest) + b"\r\n0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


def check_file(answer):
    sink = FileSink("alloc.out")
    check_receive("receive into a file", answer, sink.take, BLOCKS)
    sink.commit()
    _check.equal("size of the file", os.stat("alloc.out")[6], TOTAL)
    os.remove("alloc.out")


def check_control():
    """A sink that does allocate is caught, where there is a lock: the proof can fail."""
    if heap_lock is heap_unlock:
        return
    operation = Exchange(BLOCK, BLOCK).perform(Sealed(), None, lambda _: Slicing().take)
    peer = Locking(plain(), 4, BLOCKS)
    caught = False
    try:
        drive(operation, peer.perform)
    except MemoryError:
        heap_unlock()
        caught = True
    _check.true("control: a slice per block is caught", caught)


class Slicing:
    def take(self, buffer, start, end):
        self.block = memoryview(buffer)[start:end]


def main():
    check_hash()
    check_send("UNSIGNED-PAYLOAD", None)
    check_send(hash_of_pattern(), Count().progress)
    # One answer at a time: a board's heap holds few of them.
    for label, answer in (("length", plain), ("chunked", chunked), ("until close", until_close)):
        count = Count()
        gc.collect()
        check_receive("receive, " + label, answer(), count.take, BLOCKS)
        _check.equal("received, " + label, count.total, TOTAL)
    _flash.go_there()
    check_file(plain())
    check_control()
    _check.done()


main()
