"""What the spool costs a flash, counted by a littlefs in RAM: one line of JSON for each setting.

spool_wear.py BLOCKS RECORD_BYTES COUNT COMMIT_BYTES...        0: every record by itself
"""

import gc
import json
import sys

from spool_flash import Flash, Mounted, used_blocks

from sigv4_mp.services.spool import Spool

try:
    from time import ticks_diff, ticks_us
except ImportError:
    sys.exit("only for MicroPython")


def measure(blocks, size, count, commit_bytes):
    """Put and deliver so many records; return what it took."""
    flash = Flash(blocks)
    payload = bytes(size)
    with Mounted(flash, None, True) as path:
        spool = Spool(
            path,
            max_bytes=(blocks // 2) * 4096,
            max_record=size,
            commit_bytes=commit_bytes or 1,
            commit_ms=3600000 if commit_bytes else 0,
            entropy=lambda size: b"measured",  # littlefs places blocks by what is in them
        )
        flash.programmed = flash.erased = 0
        flash.wear = [0] * blocks
        put_us = read_us = used = 0
        for start in range(0, count, 100):
            begun = ticks_us()
            for _ in range(100):
                spool.put(payload)
            put_us += ticks_diff(ticks_us(), begun)
            used = max(used, used_blocks("/cut"))
            begun = ticks_us()
            for record in spool.read():
                seq = record.seq
            if start:
                spool.ack(seq)
            read_us += ticks_diff(ticks_us(), begun)
        spool.close()
    gc.collect()
    return {
        "commit_bytes": commit_bytes,
        "commits": spool.counters["commits"],
        "programmed": flash.programmed / (size * count),
        "erased": flash.erased * 4096 / (size * count),
        "erases": flash.erased / count,
        "uneven": max(flash.wear) * blocks / max(1, sum(flash.wear)),
        "used": used,
        "put_per_s": count * 1000000 // put_us,
        "read_per_s": count * 1000000 // read_us,
    }


def main(blocks, size, count, *commits):
    for commit_bytes in commits:
        print(json.dumps(measure(int(blocks), int(size), int(count), int(commit_bytes))))


main(*sys.argv[1:])
