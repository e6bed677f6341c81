"""Upload one file to S3, as config.json says.

Runs on a board (network up, this folder's files and sigv4_mp on its flash), on MicroPython for
unix, and on CPython:

    micropython -X heapsize=128k main.py config.json

The file is read in blocks: it may be larger than the RAM. Twice, to hash it and to send it; with
"mode": "chunked" once, for servers that take signed chunks (see S3.put_object for the modes), and
"profile" then says what server it is ("aws", "swift", "minio", …).
Expected output: a line each for clock, file, progress and result; with "explain": true also what is
signed, step by step. Any failure ends with one line that says what to do, and exit status 1.
"""

import gc
import json
import os
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # collect early and often: what is compiled on board leaves no holes behind

import sigv4_mp.net.clock  # in front, and no name of it kept: it is unloaded again
from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import RequestError, SigV4Error
from sigv4_mp.net.http import Http
from sigv4_mp.services.s3 import S3

REQUIRED = ("endpoint", "region", "bucket", "key", "file", "credentials")
OPTIONAL = ("addressing", "ntp_servers", "ntp_agreeing", "ca_file", "insecure_http")
OPTIONAL += ("explain", "mode", "profile", "ntp_cross_check")


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


class Heap:
    """Watches how much of the heap is in use, at its highest."""

    def __init__(self):
        self.peak = 0
        self.look()

    def look(self):
        """Collect garbage and note what is left. Only MicroPython can tell."""
        gc.collect()
        if hasattr(gc, "mem_alloc"):
            self.peak = max(self.peak, gc.mem_alloc())

    def report(self):
        """Say the highest use seen."""
        if self.peak:
            say("heap", "%d of %d bytes at most" % (self.peak, gc.mem_alloc() + gc.mem_free()))


def trusted_clock(http, config):
    """Return a clock that knows how far it may be off, set by NTP servers that agree.

    "ntp_servers": list of "host" or "host:port"; "ntp_agreeing" of them must agree (2 unless it
    says otherwise), and an https endpoint must bear them out ("ntp_cross_check": false leaves that
    out). Without servers the system's clock is taken as it is, and refuses to date a request if it
    was never set.
    """
    servers = config.get("ntp_servers")
    if not servers:
        say("clock", "no ntp_servers: the system's clock is trusted")
        return SystemClock()
    clock = TrustedClock(on_event=lambda text: say("clock", text))
    endpoint = config["endpoint"]
    tls = endpoint if endpoint.startswith("https:") else None
    if not config.get("ntp_cross_check", True):
        tls = None
    agreeing = config.get("ntp_agreeing", 2)
    report = http.run(sigv4_mp.net.clock.sync(clock, servers, agreeing, tls))
    for failure in report.failures:
        say("clock", failure)
    # On a board the RTC is set to UTC now, too: TLS checks the dates of certificates against it.
    amz_date = clock.require("s3").decode()
    say("clock", "%s +-%d ms, say %s" % (amz_date, report.uncertainty_ms, report.source))
    # Once is enough here: 12 KB. A program that asks again keeps them.
    forget("net.clock", "net.ntp", "net.evidence")
    forget("device.agreement", "device.poll", "device.sntp")
    return clock


def forget(*names):
    """Unload modules of the library that have done their work: RAM for what comes next."""
    for name in names:
        folder, _, module = ("sigv4_mp." + name).rpartition(".")
        del sys.modules[folder + "." + module]
        delattr(sys.modules[folder], module)


class ExplainingSigner(Signer):
    """A Signer that shows each request it signs, in the steps of AWS's guide."""

    def sign(self, *arguments, **named):
        """Sign as Signer does, then show how."""
        sealed = super().sign(*arguments, **named)
        for line in sealed.canonical_request.decode().split("\n"):
            if line.startswith("x-amz-security-token:"):
                line = "x-amz-security-token:(not shown)"
            say("request", line)
        for line in sealed.string_to_sign.decode().split("\n"):
            say("to-sign", line)
        say("signature", sealed.signature)
        say("head", "%d bytes, sent as they were signed" % len(sealed.head))
        return sealed


def upload(config, http, clock, heap):
    """Upload the file. Return the Response."""
    signer_class = ExplainingSigner if config.get("explain") else Signer
    signer = signer_class(Credentials(**config["credentials"]), config["region"], "s3", clock)
    s3 = S3(
        signer,
        config["endpoint"],
        config["bucket"],
        addressing=config.get("addressing", "auto"),
        insecure_http=config.get("insecure_http", False),
        profile=config.get("profile"),
        receive_size=512,  # small buffers: an error's text, or another region, needs the RAM more
        send_size=1024,
    )
    shown = [-1]

    def progress(done, total):
        percent = done * 100 // total
        if percent != shown[0]:
            shown[0] = percent
            heap.look()
            if percent % 10 == 0:
                say("sent", "%d %%" % percent)

    say("file", "%s, %d bytes" % (config["file"], os.stat(config["file"])[6]))
    mode = config.get("mode")
    if mode is None:
        say("hash", "reading it once to sign it")
    return http.run(s3.put_object(config["key"], config["file"], progress=progress, mode=mode))


def main(path="config.json"):
    """Do the whole job; return the exit status."""
    heap = Heap()
    try:
        config = load(path)
        http = Http(ca_file=config.get("ca_file"))
        clock = trusted_clock(http, config)
        heap.look()
        response = upload(config, http, clock, heap)
    except (SigV4Error, OSError) as error:
        say("failed", "%s: %s" % (type(error).__name__, error))
        return 1
    say("stored", "%s/%s, ETag %s" % (config["bucket"], config["key"], response.etag))
    heap.report()
    return 0


if __name__ == "__main__":
    status = main(*sys.argv[1:2])
    if len(sys.argv) > 1:  # started from a shell; a board's REPL should stay
        sys.exit(status)
