"""Readings into a Kinesis data stream, as config.json says: always on, sent in batches.

Runs on a board (network up; this file, common/device.py and sigv4_mp on its flash), on MicroPython
for unix, and on CPython:

    micropython -X heapsize=192k main.py config.json

A reading every `every_s` seconds goes to flash, and from there to the stream every `send_s`.
Without network, time or valid credentials the readings wait. `readings`: end after so many; 0:
never.
"""

import device

from sigv4_mp import Signer
from sigv4_mp.net.http import Http
from sigv4_mp.services.aws import Aws
from sigv4_mp.services.kinesis import kinesis
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader


def uploader_of(config, http, clock):
    """Return the Uploader, with its spool and its stream."""
    signer = Signer(device.credentials(config, clock), config["region"], "kinesis", clock)
    insecure_http = config.get("insecure_http", False)
    client = Aws(signer, config.get("endpoint"), insecure_http=insecure_http)
    clock.endpoint = client.endpoint
    spool = Spool(
        config.get("folder", "spool"),
        max_bytes=config.get("max_bytes", 262144),
        max_record=200,
        on_event=device.tell,
    )
    device.say("spool", "%d records wait from before" % spool.backlog)
    sink = kinesis(client, config["stream"])
    every_ms = int(config.get("send_s", 60) * 1000)
    return Uploader(spool, sink, device.link, every_ms, on_event=device.tell)


def main(path="config.json"):
    """Read and send; return the exit status."""
    config = device.load(path, ("stream",), ("send_s", "readings"))
    http = Http(ca_file=config.get("ca_file"), timeout=10)
    clock = device.Clock(config, http)
    heap = device.Heap()
    uploader = uploader_of(config, http, clock)
    every_ms = int(config.get("every_s", 10) * 1000)
    taken = 0
    while not config.get("readings") or taken < config["readings"]:
        taken += 1
        clock.sync()
        values = (uploader.spool.next_id, taken, device.temperature())
        uploader.put(('{"id":"%s","n":%d,"temperature":%d}\n' % values).encode())
        uploader.poll(http, device.deadline_ms(config))
        heap.look()
        device.sleep_ms(every_ms)
    uploader.flush_once(http, device.deadline_ms(config))
    heap.look()
    device.report(uploader, heap)
    return 0 if not uploader.spool.backlog else 1


if __name__ == "__main__":
    device.start(main)
