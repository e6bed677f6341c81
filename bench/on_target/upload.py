"""Where an upload's time goes, and its heap: a JSON object a line.

Arguments: what, URL, CA file (DER), modes, sizes and rounds (comma-separated, a round count for
each size), and the Unix time for a board, whose RTC knows none.

what "time": {"mode", "size", "hash", "sign", "connect", "send", "whole", "cpu": us, "pause"}
what "peak": {"mode", "size", "peak": bytes}: the live heap's largest, collections all the way

`connect` is name, TCP and TLS handshake, check and head; `send` all after the first block; `cpu`
what the process computed, where the system tells; `pause` a collection with the connection open.
The body is made in RAM as it is read, so that no medium is measured. Modules are loaded before.
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
# What uploads load when they need it: measured elsewhere.
LOADED = ("services.s3", "services.put", "services.streaming", "net.http", "check")


def ticks():
    return time.ticks_us() if hasattr(time, "ticks_us") else time.perf_counter_ns() // 1000


def since(end, start):
    return time.ticks_diff(end, start) if hasattr(time, "ticks_diff") else end - start


def cpu():
    """Return microseconds of CPU that this process has had, or None."""
    if hasattr(time, "process_time_ns"):
        return time.process_time_ns() // 1000
    try:
        with open("/proc/self/schedstat") as file:
            return int(file.read().split()[0]) // 1000
    except OSError:
        return None


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


class Start:
    """Progress that notes when the first block had gone."""

    at = 0

    def __call__(self, _done, _total):
        if not self.at:
            self.at = ticks()


class Peak:
    """Progress that collects and looks, 24 times on the way, whatever the size.

    More looks find more by chance: each is taken with what happens to be on the stack.
    """

    peak = 0
    part = -1

    def __call__(self, done, total):
        part = done // (total // 24 + 1)
        if part != self.part:
            self.part = part
            gc.collect()
            self.peak = max(self.peak, gc.mem_alloc())


class Uploads:
    """Uploads to one place, with one buffer for chunks."""

    def __init__(self, url, ca_file):
        self.url = url.replace("127.0.0.1", HOST)
        self.ca_file = ca_file or None
        self.buffer = bytearray(8290)

    def put(self, mode, size, progress):
        """Upload once, over a connection of its own; return (signer, start, end, cpu, pause)."""
        signer = TimedSigner(
            Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
        )
        s3 = S3(signer, self.url, "bucket", insecure_http=True, profile="swift", addressing="path")
        options = {"mode": None if mode == "hash" else mode, "progress": progress}
        if mode not in ("hash", "unsigned"):
            options["buffer"] = self.buffer
        gc.collect()
        shell = sigv4_mp.http.Http(ca_file=self.ca_file, timeout=600)
        used = cpu()
        start = ticks()
        shell.run(s3.put_object("x", Stream(size), content_length=size, **options))
        end = ticks()
        used = None if used is None else cpu() - used
        before = ticks()
        gc.collect()
        pause = since(ticks(), before)
        shell.close()
        return signer, start, end, used, pause

    def timed(self, mode, size):
        first = Start()
        signer, start, end, used, pause = self.put(mode, size, first)
        return {
            "hash": since(signer.began, start),
            "sign": since(signer.ended, signer.began),
            "connect": since(first.at, signer.ended),
            "send": since(end, first.at),
            "whole": since(end, start),
            "cpu": used,
            "pause": pause,
        }

    def peak(self, mode, size):
        probe = Peak()
        self.put(mode, size, probe)
        return {"peak": probe.peak}


def set_rtc(seconds):
    """TLS checks certificates against it."""
    from machine import RTC

    now = time.gmtime(seconds)
    RTC().datetime(now[:3] + (now[6],) + now[3:6] + (0,))


def main(what, url, ca_file, modes, sizes, rounds, now=None):
    if now:
        set_rtc(int(now))
    if what == "peak":
        gc.threshold(4096)
    uploads = Uploads(url, ca_file)
    for name in LOADED:
        __import__("sigv4_mp." + name)
    for mode in modes.split(","):
        for size, count in zip(sizes.split(","), rounds.split(",")):
            for _ in range(int(count)):
                line = (uploads.timed if what == "time" else uploads.peak)(mode, int(size))
                line["mode"], line["size"] = mode, int(size)
                print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:8])
