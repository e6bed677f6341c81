"""What readings cost in allocated bytes: writing one, sealing a batch, sending it, again and again.

Prints lines "bytes NAME N", which host_tests/test_services_aws.py bounds.
"""

import gc

import _check
from aws_script import Service, client_of
from micropython import heap_lock, heap_unlock

from sigv4_mp.services.jsonin import JsonReader
from sigv4_mp.services.jsonout import JsonBuffer
from sigv4_mp.services.kinesis import kinesis
from sigv4_mp.services.logs import logs

RECORD = b'{"t":20.5,"h":40,"p":1013,"site":"north","n":123456,"note":"all is well here today...."}'
ANSWER = b'{"SequenceNumber":"%s","ShardId":"shardId-000000000000"}' % (b"4" * 56)


def allocated(work, times=1):
    """Return the bytes that work() allocates, garbage counted, on average of `times` calls."""
    work()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(times):
        work()
    after = gc.mem_alloc()
    gc.enable()
    return (after - before) // times


def show(name, count):
    print("bytes %s %d" % (name, count))


class Flat(Service):
    """Answers all requests alike, and keeps nothing."""

    def __init__(self, reply):
        super().__init__()
        self.reply = reply

    def perform(self, step):
        if step.op == 0:
            self._at = 0
        elif step.op == 2:
            return self._give(step)
        elif step.op == 3:
            return -1
        return None

    def _give(self, step):
        reply = self.reply
        count = min(step.length, len(reply) - self._at)
        buffer = step.buffer
        at = self._at
        for i in range(count):
            buffer[i] = reply[at + i]
        self._at += count
        return count


def reply(count):
    body = b'{"FailedRecordCount":0,"Records":[' + b",".join([ANSWER] * count) + b"]}"
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def check_text():
    buffer = JsonBuffer(300)
    heap_lock()
    try:
        buffer.text(PLAIN)
    finally:
        heap_unlock()
    _check.equal("text is written without an allocation", bytes(buffer.view()), PLAIN)
    caught = False
    heap_lock()
    try:
        buffer.base64(RECORD)
    except MemoryError:
        caught = True
    finally:
        heap_unlock()
    _check.true("control: an allocation is caught", caught)


PLAIN = b"a line of a log, all of it ASCII, with no quotes; 100 bytes or so, as sensors say......"


def check_adding():
    for name, sink in (
        ("add-base64", kinesis(client_of("kinesis"), "s", "k")),
        ("add-text", logs(client_of("logs"), "g", "s")),
    ):

        def add(sink=sink):
            if not sink.add(RECORD, "id", 0, 1772366000):
                sink.clear()

        show(name, allocated(add, 40))


def check_sending():
    client = client_of("kinesis")
    sink = kinesis(client, "s", "k", 2048)
    peer = Flat(reply(10))

    def fill():
        sink.clear()
        for _ in range(10):
            sink.add(RECORD)

    def send():
        fill()
        if peer.run(sink.send()):
            raise ValueError("not delivered")

    def seal():
        sink.high = sink.count
        return sink._seal()

    show("fill", allocated(fill, 4))
    show("seal", allocated(seal, 4))
    show("check", allocated(seal().check, 4))
    show("send", allocated(send, 4))
    send()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(200):
        send()
    gc.collect()
    grown = gc.mem_alloc() - before
    _check.true("200 batches later the heap holds no more", grown <= 0, str(grown))


def check_reading():
    """An answer of 500 records, read in a reader of constant size."""
    whole = reply(500).partition(b"\r\n\r\n")[2]
    found = [0]

    def on_value(path, text):
        found[0] += 1

    reader = JsonReader(on_value, ("SequenceNumber", "ErrorCode"))
    reader.feed(b" " * 300, 0, 300)
    gc.collect()
    before = gc.mem_alloc()
    reader.feed(whole, 0, len(whole))
    reader.close()
    gc.collect()
    left = gc.mem_alloc() - before
    _check.true("an answer of 42 KB leaves nothing", left <= 32, str(left))  # the path's list
    _check.equal("all records are seen", found[0], 500)


check_text()
check_adding()
check_sending()
check_reading()
_check.done()
