"""What importing costs: a JSON object a line, {"module", "bytes", "us"}, in the order of need.

A module's bytes are what it adds to those before it, as gc.collect() leaves them; null on CPython.
"""

import gc
import json
import time

NAMES = (
    "errors encode amzdate digest canonical layout keys request payload header_auth prepared sealed"
    " signer device.credentials device.clock net.steps net.body net.http1 net.attempt net.retry"
    " net.exchange net.shell net.http net.endpoint services.bucket services.options services.client"
    " services.bodies services.put services.s3 check device.trusted device.sntp device.agreement"
    " device.poll net.ntp net.clock net.evidence services.xml services.fault services.listing"
    " presign chunked checksum services.streaming services.multipart services.upload"
    " services.download net.aio"
)


def ticks():
    return time.ticks_us() if hasattr(time, "ticks_us") else time.perf_counter_ns() // 1000


def held():
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def main():
    counted = hasattr(gc, "mem_alloc")
    __import__("sigv4_mp")
    for name in NAMES.split():
        before = held()
        start = ticks()
        try:
            __import__("sigv4_mp." + name)
        except ImportError as error:
            if "socket" in str(error) or "select" in str(error):  # WebAssembly has none
                continue
            raise
        spent = ticks() - start
        line = {"module": name, "bytes": held() - before if counted else None, "us": spent}
        print(json.dumps(line))
    start = ticks()
    gc.collect()
    print(json.dumps({"module": "(a collection, all of it loaded)", "us": ticks() - start}))


main()
