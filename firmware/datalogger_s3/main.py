"""A data logger: readings on flash, an object in S3 for each hour of them.

Runs on a board (network up; this file, common/device.py and sigv4_mp on its flash), on MicroPython
for unix, and on CPython:

    micropython -X heapsize=192k main.py config.json

A reading every `every_s` seconds is a line; when an hour is over its lines are stored as
prefix/YYYY/MM/DD/HH-id. `readings`: end after so many; 0: never.
"""

import device

from sigv4_mp import Signer
from sigv4_mp.net.http import Http
from sigv4_mp.services.objectlog import ObjectLog
from sigv4_mp.services.s3 import S3
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader


def uploader_of(config, http, clock):
    """Return the Uploader, with its spool and its bucket."""
    signer = Signer(device.credentials(config, clock), config["region"], "s3", clock)
    s3 = S3(
        signer,
        config["endpoint"],
        config["bucket"],
        addressing=config.get("addressing", "auto"),
        insecure_http=config.get("insecure_http", False),
        profile=config.get("profile"),
    )
    spool = Spool(
        config.get("folder", "spool"),
        max_bytes=config.get("max_bytes", 524288),
        max_record=100,
        commit_bytes=2048,
        commit_ms=600000,
        on_event=device.tell,
    )
    device.say("spool", "%d records wait from before" % spool.backlog)
    log = ObjectLog(s3, spool, config.get("prefix", ""), content_type="text/csv")
    return Uploader(spool, log, device.link, on_event=device.tell)


def line(clock, taken):
    """Return a reading as a line, and its hour: "2026-…,n,tenths of a degree"; 0 if undated."""
    try:
        now = clock.estimate()[0] // 1000
        date = clock.require(b"s3").decode()
    except device.SigV4Error:
        now, date = 0, "-"
    return b"%s,%d,%d" % (date.encode(), taken, device.temperature()), now // 3600


def main(path="config.json"):
    """Log and store; return the exit status."""
    config = device.load(
        path, ("endpoint", "bucket"), ("prefix", "addressing", "profile", "readings")
    )
    http = Http(ca_file=config.get("ca_file"), timeout=10)
    clock = device.Clock(config, http)
    heap = device.Heap()
    uploader = uploader_of(config, http, clock)
    every_ms = int(config.get("every_s", 10) * 1000)
    deadline_ms = device.deadline_ms(config)
    taken = latest = 0
    while not config.get("readings") or taken < config["readings"]:
        taken += 1
        clock.sync()
        reading, hour = line(clock, taken)
        if hour != latest:  # an hour is over: its object, before the next one's first line
            uploader.flush_once(http, deadline_ms)
            latest = hour
        elif uploader.problem:
            uploader.poll(http, deadline_ms)
        uploader.put(reading)
        uploader.spool.poll()
        heap.look()
        device.sleep_ms(every_ms)
    uploader.flush_once(http, deadline_ms)
    heap.look()
    device.report(uploader, heap)
    return 0 if not uploader.spool.backlog else 1


if __name__ == "__main__":
    device.start(main)
