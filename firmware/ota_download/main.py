"""Fetch a firmware or application image from S3 into a file on flash, whole or not at all.

The image is asked for from where an earlier try broke off (a ranged GET of the same version of the
object), hashed as it comes, and given its name only if its SHA-256 is the promised one. A power cut
at any moment leaves the old image, or the new one, never half of one. Runs on a board (network up),
on MicroPython for unix, and on CPython:

    micropython -X heapsize=128k main.py config.json

Expected output of a second try, after a power cut at 40 %:

    clock     20261122T221500Z +-3 ms, says pool.ntp.org
    resume    81920 bytes are here already
    got       50 %
    ...
    got       100 %
    verified  app.mpy, 200000 bytes, SHA-256 as promised
    next      restart the board to run it
    heap      112624 of 128064 bytes at most

Started again with the image in place, it says "verified" and fetches nothing.
Any failure ends with one line that says what to do, and exit status 1.
"""

import gc
import json
import os
import sys
import time
from binascii import hexlify
from hashlib import sha256

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # collect early and often: TLS needs some 17 KB in one piece

from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.errors import RequestError, SigV4Error
from sigv4_mp.net import ntp
from sigv4_mp.net.http import Http

REQUIRED = ("endpoint", "region", "bucket", "key", "file", "sha256", "credentials")
OPTIONAL = ("addressing", "profile", "ntp_servers", "ca_file", "insecure_http")


def say(kind, text):
    """Print one line: what it is about, then what there is to know."""
    print("%-9s %s" % (kind, text))


def load(path):
    """Return the configuration as a dict. Raises: RequestError naming what is wrong with it."""
    with open(path) as file:
        try:
            config = json.load(file)
        except ValueError:
            raise RequestError("config", path + " is not JSON")
    for name in REQUIRED:
        if not config.get(name):
            raise RequestError(name, "is missing in " + path)
    for name in config:
        if name not in REQUIRED + OPTIONAL:
            raise RequestError(name, "is not a setting; there are: " + ", ".join(OPTIONAL))
    return config


def trusted_clock(http, servers):
    """Return a clock set by the first of the NTP servers ("host" or "host:port") that answers.

    Without any the system's clock is taken; it refuses to date a request if it was never set.
    """
    clock = SystemClock()
    for server in servers:
        host, _, port = server.partition(":")
        try:
            unix_ms, uncertainty_ms = http.run(ntp.query(host, int(port or 123)))
        except (OSError, SigV4Error) as error:
            say("clock", "%s gives no time: %s" % (server, error))
            continue
        set_rtc(unix_ms // 1000)
        clock.set(unix_ms)
        amz_date = clock.require(b"s3").decode()
        say("clock", "%s +-%d ms, says %s" % (amz_date, uncertainty_ms, server))
        return clock
    if servers:
        raise RequestError("ntp_servers", "none of them gives the time; check network and names")
    say("clock", "no ntp_servers: the system's clock is trusted")
    return clock


def set_rtc(unix_seconds):
    """Set a board's clock to UTC: TLS checks the dates of certificates against it."""
    try:
        from machine import RTC
    except ImportError:
        return  # a desktop: its clock is not ours to set
    now = time.gmtime(unix_seconds - SystemClock.EPOCH)
    RTC().datetime(now[:3] + (now[6],) + now[3:6] + (0,))


def size_of(path):
    """Return the bytes of a file, 0 if there is none."""
    try:
        return os.stat(path)[6]
    except OSError:
        return 0


def is_there(path, wanted):
    """Return whether the file holds what is wanted (SHA-256, 64 hex) already."""
    if not size_of(path):
        return False
    hasher = sha256()
    block = memoryview(bytearray(1024))
    with open(path, "rb") as file:
        count = file.readinto(block)
        while count:
            hasher.update(block[:count])
            count = file.readinto(block)
    return hexlify(hasher.digest()).decode() == wanted


class Progress:
    """Says every tenth of the way, and watches the heap meanwhile."""

    def __init__(self):
        self.peak = 0
        self._tenth = -1

    def __call__(self, done, total):
        """Take note of `done` bytes of `total`."""
        if done * 10 // total != self._tenth:
            self._tenth = done * 10 // total
            say("got", "%d %%" % (self._tenth * 10))
            gc.collect()
            if hasattr(gc, "mem_alloc"):
                self.peak = max(self.peak, gc.mem_alloc())


def fetch(config, http, clock, progress):
    """Download the image, going on where an earlier try broke off."""
    signer = Signer(Credentials(**config["credentials"]), config["region"], "s3", clock)
    s3 = S3(
        signer,
        config["endpoint"],
        config["bucket"],
        addressing=config.get("addressing", "auto"),
        insecure_http=config.get("insecure_http", False),
        profile=config.get("profile"),
    )
    path = config["file"]
    if size_of(path + ".part"):
        say("resume", "%d bytes are here already" % size_of(path + ".part"))
    http.run(s3.download(config["key"], path, sha256=config["sha256"], progress=progress))


def main(path="config.json"):
    """Do the whole job; return the exit status."""
    progress = Progress()
    try:
        config = load(path)
        file = config["file"]
        fresh = not is_there(file, config["sha256"])
        if fresh:
            http = Http(ca_file=config.get("ca_file"))
            clock = trusted_clock(http, config.get("ntp_servers", ()))
            fetch(config, http, clock, progress)
    except (SigV4Error, OSError) as error:
        say("failed", "%s: %s" % (type(error).__name__, error))
        return 1
    say("verified", "%s, %d bytes, SHA-256 as promised" % (file, size_of(file)))
    # How an image is started is the board's: an application is imported after a restart; a whole
    # firmware is written to the other partition (esp32.Partition) and booted from there.
    say("next", "restart the board to run it" if fresh else "nothing: it was here already")
    if progress.peak:
        say("heap", "%d of %d bytes at most" % (progress.peak, gc.mem_alloc() + gc.mem_free()))
    return 0


if __name__ == "__main__":
    status = main(*sys.argv[1:2])
    if len(sys.argv) > 1:  # started from a shell; a board's REPL should stay
        sys.exit(status)
