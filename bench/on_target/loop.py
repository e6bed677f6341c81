"""A day of telemetry, compressed: seals and small uploads, and what the heap looks like meanwhile.

Arguments: URL ("" for none), seals, one upload in so many seals, samples. A JSON object a line:
{"seals", "live", "largest"}: bytes alive after a collection, and the largest free piece.
"""

import gc
import json
import sys

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.amzdate import from_seconds
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.http import Http

try:
    from _network import test_host

    HOST = test_host()
except ImportError:
    HOST = "127.0.0.1"
START = 1767225600  # 2026-01-01


class Moments(FixedClock):
    """Goes on by as many seconds as it is told to; the time of day is what a loop would see."""

    def __init__(self):
        super().__init__("20260101T000000Z")
        self.seconds = START

    def go_on(self, seconds):
        self.seconds += seconds
        self._amz_date = from_seconds(self.seconds)


class Reading:
    """A body of the exchange's protocol: one reading, which can be read again."""

    rewindable = True

    def __init__(self):
        self.data = b""
        self._at = 0

    def open(self, sealed):
        self._at = 0
        return self

    def readinto(self, buffer):
        count = min(len(self.data) - self._at, len(buffer))
        buffer[:count] = self.data[self._at : self._at + count]
        self._at += count
        return count


def largest():
    """Return the bytes of the largest piece of heap, to within 16."""
    low, high = 0, gc.mem_free()
    while high - low > 16:
        middle = (low + high) // 2
        try:
            bytearray(middle)
            low = middle
        except MemoryError:
            high = middle
    gc.collect()
    return low


def main(url, seals, every, samples):
    seals, every, samples = int(seals), int(every), int(samples)
    clock = Moments()
    signer = Signer(Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "kinesis", clock)
    place = url.replace("127.0.0.1", HOST) if url else "https://kinesis.example"
    headers = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "Kinesis_20131202.PutRecords"),
    ]
    prepared = signer.prepare("POST", place + "/", headers)
    exchange = Exchange(1024, 1024, insecure_http=True)
    reading = Reading()
    with Http(timeout=60) as http:
        for number in range(seals):
            if number % (seals // samples) == 0:
                gc.collect()
                live = gc.mem_alloc()
                line = {"seals": number, "live": live, "largest": largest()}
                print(json.dumps(line))
            clock.go_on(86400 // seals or number % 2)
            reading.data = b'{"Records": [{"Data": "%d", "PartitionKey": "1"}]}' % (number * 7919)
            if url and number % every == 0:
                http.run(exchange.run(lambda: prepared.seal(reading.data), reading))
            else:
                prepared.seal(reading.data)


if __name__ == "__main__":
    main(*sys.argv[1:5])
