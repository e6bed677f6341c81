"""The uploader on real sockets: as a task of asyncio, and against a server that never answers.

telemetry_live.py SETTINGS (JSON: endpoint, silent, region, stream, keys, count)
"""

import gc

if hasattr(gc, "threshold"):
    gc.threshold(4096)

import asyncio
import json
import sys

from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.net.aio import Aio
from sigv4_mp.net.http import Http
from sigv4_mp.services.aws import Aws
from sigv4_mp.services.kinesis import kinesis
from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader

with open(sys.argv[1]) as file:
    SETTINGS = json.load(file)
CREDENTIALS = Credentials(SETTINGS["access_key_id"], SETTINGS["secret_access_key"])


def uploader_to(endpoint, spool):
    """Return an Uploader that sends often."""
    signer = Signer(CREDENTIALS, SETTINGS["region"], "kinesis", SystemClock())
    client = Aws(signer, endpoint, insecure_http=True)
    return Uploader(spool, kinesis(client, SETTINGS["stream"], size=2048), every_ms=20, base_ms=10)


def silence(spool):
    """A server that takes the connection and says nothing: the deadline ends it."""
    up = uploader_to(SETTINGS["silent"], spool)
    up.put(b"0")
    with Http(timeout=3600) as http:
        sent = up.flush_once(http, 300)
    return {"sent": sent, "network": up.counters["network"], "waits": up.spool.backlog}


async def live(spool):
    """Readings while it sends; cancelled when all are there."""
    up = uploader_to(SETTINGS["endpoint"], spool)
    async with Aio(ca_file=SETTINGS["ca_file"]) as shell:
        task = asyncio.create_task(up.run(shell))
        for i in range(1, SETTINGS["count"]):
            up.put(b"%d" % i)
            await asyncio.sleep(0.005)
        for _ in range(2000):
            spool.commit()
            if not spool.backlog:
                break
            await asyncio.sleep(0.02)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
    gc.collect()
    heap = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
    return {"sent": up.counters["sent"], "batches": up.counters["batches"], "heap": heap}


spool = Spool("spool", max_record=64, commit_bytes=256, commit_ms=50)
print(json.dumps([silence(spool), asyncio.run(live(spool))]))
