"""Where an upload's time goes: a JSON object a line.

Arguments: URL, CA file (DER), modes, sizes, and the Unix time for a board, whose RTC knows none.

    {"mode", "size", "hash": us, "sign": us, "connect": us, "send": us, "whole": us}

`connect` is name, TCP and TLS handshake, check and head; `send` all after the first block. The body
is made in RAM as it is read, so that no medium is measured.
"""

import gc
import json
import sys
import time

import sigv4_mp
from sigv4_mp import S3, Credentials, FixedClock, Signer

try:
    from _network import test_host

    HOST = test_host()
except ImportError:
    HOST = "127.0.0.1"


def ticks():
    return time.ticks_us() if hasattr(time, "ticks_us") else time.perf_counter_ns() // 1000


def since(end, start):
    return time.ticks_diff(end, start) if hasattr(time, "ticks_diff") else end - start


class Stream:
    """A body of so many bytes that can be read again."""

    def __init__(self, size):
        self._size = self._left = size

    def readinto(self, buffer):
        count = min(self._left, len(buffer))
        self._left -= count
        return count

    def seek(self, place, whence=0):
        if whence == 0:
            self._left = self._size - place
        elif whence == 2:
            self._left = 0
        return self._size - self._left

    def tell(self):
        return self._size - self._left


class TimedSigner(Signer):
    """A Signer that notes when it signed, and for how long."""

    began = ended = 0

    def sign(self, *arguments, **named):
        self.began = ticks()
        sealed = super().sign(*arguments, **named)
        self.ended = ticks()
        return sealed


def upload(url, ca_file, mode, size, buffer):
    signer = TimedSigner(
        Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    s3 = S3(signer, url, "bucket", insecure_http=True, profile="swift", addressing="path")
    first = [0]

    def progress(done, total):
        if not first[0]:
            first[0] = ticks()

    options = {"mode": mode, "progress": progress, "content_length": size}
    if mode and mode != "unsigned":
        options["buffer"] = buffer
    operation = s3.put_object("x", Stream(size), **options)
    gc.collect()
    shell = sigv4_mp.http.Http(ca_file=ca_file, timeout=120)
    start = ticks()
    shell.run(operation)
    end = ticks()
    shell.close()
    return {
        "mode": mode or "hash",
        "size": size,
        "hash": since(signer.began, start),
        "sign": since(signer.ended, signer.began),
        "connect": since(first[0], signer.ended),
        "send": since(end, first[0]),
        "whole": since(end, start),
    }


def set_rtc(seconds):
    """TLS checks certificates against it."""
    from machine import RTC

    now = time.gmtime(seconds)
    RTC().datetime(now[:3] + (now[6],) + now[3:6] + (0,))


def main(url, ca_file, modes, sizes, now=None):
    if now:
        set_rtc(int(now))
    buffer = bytearray(8290)
    url = url.replace("127.0.0.1", HOST)
    for mode in modes.split(","):
        for size in sizes.split(","):
            mode = None if mode == "hash" else mode
            print(json.dumps(upload(url, ca_file or None, mode, int(size), buffer)))


main(*sys.argv[1:6])
