"""A reading as an MQTT message of IoT Core, once for each time the board wakes from deep sleep.

Runs on a board (network up; this file, common/device.py and sigv4_mp on its flash), on MicroPython
for unix, and on CPython:

    micropython -X heapsize=192k main.py config.json

One boot: take a reading, make it durable, deliver all that waits, at most `deadline_s` long, and
sleep `sleep_s`. What could not be delivered is, at a later boot.
"""

import device

from sigv4_mp import Signer
from sigv4_mp.net.http import Http
from sigv4_mp.services.aws import Aws
from sigv4_mp.services.iot import iot
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader


def deep_sleep(seconds):
    """Sleep, and begin again with a reset; a desktop's program just ends."""
    try:
        from machine import deepsleep
    except ImportError:
        return
    deepsleep(seconds * 1000)


def main(path="config.json"):
    """One boot; return the exit status."""
    config = device.load(path, ("endpoint", "topic"), ("sleep_s", "retain"))
    heap = device.Heap()
    spool = Spool(
        config.get("folder", "spool"),
        max_bytes=config.get("max_bytes", 65536),
        segment_bytes=8192,
        max_record=200,
        commit_bytes=256,
        on_event=device.tell,
    )
    device.say("spool", "%d records wait from before" % spool.backlog)
    http = Http(ca_file=config.get("ca_file"), timeout=10)
    clock = device.Clock(config, http)
    signer = Signer(device.credentials(config, clock), config["region"], "iotdata", clock)
    insecure_http = config.get("insecure_http", False)
    client = Aws(signer, config["endpoint"], insecure_http=insecure_http)
    sink = iot(client, config["topic"], retain=config.get("retain", False))
    uploader = Uploader(spool, sink, device.link, on_event=device.tell)
    clock.sync()
    reading = '{"id":"%s","temperature":%d}' % (spool.next_id, device.temperature())
    uploader.put(reading.encode())
    sent = uploader.flush_once(http, device.deadline_ms(config))
    device.say("sent", "%d messages" % sent)
    heap.look()
    device.report(uploader, heap)
    spool.close()
    deep_sleep(config.get("sleep_s", 600))
    return 0 if not spool.backlog else 1


if __name__ == "__main__":
    device.start(main)
