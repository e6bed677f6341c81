"""The spool on a littlefs (or FAT) that is full to its last block: argv is lfs or fat."""

import sys

import _check
import vfs
from spool_flash import Flash, Mounted

from sigv4_mp.services.spool import Spool, SpoolFull

KIND = vfs.VfsLfs2 if sys.argv[1] == "lfs" else vfs.VfsFat


def payload(seq):
    return b"%d;" % seq * 12


def fill(spool):
    """Put until nothing more goes in; return how many records are in, RAM included."""
    for _ in range(100000):
        try:
            spool.put(payload(spool.next_seq))
        except SpoolFull:
            break
    return spool.next_seq - 1


def deliver(spool, at_once):
    """Read and acknowledge all; commit what waited. Return the numbers."""
    seqs = []
    for _ in range(100000):
        got = 0
        for record in spool.read():
            _check.true("record", bytes(record.payload) == payload(record.seq))
            seqs.append(record.seq)
            got += 1
            if got == at_once:
                break
        if not got:
            break
        spool.ack(seqs[-1])
        try:
            spool.commit()
        except SpoolFull:
            pass
    return seqs


def main():
    flash = Flash(40)
    with Mounted(flash, KIND, True) as path:
        with open("/cut/ballast", "wb") as file:
            file.write(bytes(20 * 4096))
        options = {"max_bytes": 1 << 20, "segment_bytes": 8192, "max_record": 200}
        told = []
        spool = Spool(path, policy="refuse", on_event=told.append, **options)
        for at_once in (7, 100, 1000):
            first = spool.acked + 1
            last = fill(spool)
            _check.true("several segments fit", len(spool.firsts) > 2, str(spool.firsts))
            seqs = deliver(spool, at_once)
            _check.equal("all of them, once", seqs == list(range(first, last + 1)), True)
            _check.equal("nothing left", (spool.backlog, spool.next_seq), (0, last + 1))
        fill(spool)
        durable = spool.durable
        spool.folder.close()
        again = Spool(path, policy="refuse", on_event=told.append, **options)
        _check.equal("after a reset, still full", (again.durable, again.acked), (durable, last))
        _check.equal("all that was durable", deliver(again, 50)[-1], durable)
        _check.equal("no damage", again.counters["damaged"] + spool.counters["damaged"], 0)
        print(len(told), "told")
    _check.done()


main()
