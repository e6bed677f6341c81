"""The spool on littlefs with the power cut after every single program and erase of the flash.

    spool_cuts.py RECORDS [lfs|fat] [clean|torn] [drop]

One run of many records, commits, acknowledgements and reboots is recorded. Then it is played back:
after each operation (with `torn`, in the middle of each) the flash is copied and mounted, the spool
opened as after a power cut, all that is in it read and compared with what was durable and what was
acknowledged at that moment; and it is used on. FAT promises little: see main(). With `drop` nothing
is acknowledged, and the oldest segments make room; else a dead letter is written now and then.
"""

import gc
import sys

import _check
import vfs
from spool_flash import Flash, Mounted, Replay

from sigv4_mp.services.letters import Letters
from sigv4_mp.services.spool import Spool

LETTERS = 65536
SETTINGS = {"max_bytes": 65536, "segment_bytes": 8192, "max_record": 120, "commit_bytes": 512}


def payload(seq):
    """Return the record of that number: 1 to 100 bytes."""
    return (b"%d;" % seq * 60)[: 1 + seq * 37 % 100]


class Clock:
    ms = 0

    def __call__(self):
        return self.ms


class Run:
    """A recorded run. moments: (operations so far, durable, acked, being acked, put, floor,
    letters)."""

    def __init__(self, flash, drop):
        self.flash = flash
        self.drop = drop
        self.durable = self.acked = self.acking = self.put = self.floor = self.letters = 0
        self.moments = []

    def moment(self):
        acks = (self.acked, self.acking, self.put, self.floor, self.letters)
        self.moments.append((len(self.flash.log), self.durable) + acks)

    def go(self, path, records):
        """Put records; acknowledge in batches; now and then reboot with a group uncommitted."""
        spool = Spool(path, ticks=Clock(), **SETTINGS)
        count = 0
        while self.put < records:
            self.put += 1
            count += 1
            self.moment()
            spool.put(payload(self.put))
            self.durable = spool.durable
            self.floor = spool.floor if self.drop else 0
            self.moment()
            if count % 90 == 0 and not self.drop:
                self._letter(spool)
                self._ack(spool, count % 7 * 15)
            if count % 500 == 499:
                spool.folder.close()
                self.put = spool.durable  # what was not durable is gone
                spool = Spool(path, ticks=Clock(), **SETTINGS)
                _check.true("reboot at %d" % self.put, spool.next_seq == self.put + 1)
        spool.close()
        self.durable = spool.durable
        self.moment()

    def _letter(self, spool):
        """Set the oldest record aside, as the uploader does before it acknowledges."""
        for record in spool.read():
            Letters(spool, LETTERS).add(record, "why")
            self.letters += 1
            break
        self.moment()

    def _ack(self, spool, leave):
        self.acking = max(self.acked, self.durable - leave)
        self.moment()
        spool.ack(self.acking)
        self.acked = self.acking
        self.moment()


class Judge:
    """Opens the spool of an image as after a power cut, and compares."""

    def __init__(self):
        self.reads = self.checked = self.records = 0
        self.wrong = []

    def look(self, image, kind, moment, later, name):
        flash = Flash(len(image) // 4096, image)
        with Mounted(flash, kind) as path:
            flash.reads = 0
            told = []
            spool = Spool(path, ticks=Clock(), on_event=told.append, **SETTINGS)
            self.reads = max(self.reads, flash.reads)
            seqs = self._all(spool, name)
            _, durable, acked, acking, put, floor, letters = moment
            last = seqs[-1] if seqs else spool.acked
            if not acked <= spool.acked <= max(acking, later[3]):
                self.wrong.append("%s: acked %d, not %d" % (name, spool.acked, acked))
            dropped = seqs and spool.acked < seqs[0] - 1 < later[5]
            if seqs and not dropped and seqs[0] != spool.acked + 1:
                self.wrong.append("%s: begins with %d" % (name, seqs[0]))
            if seqs and seqs[-1] - seqs[0] + 1 != len(seqs):
                self.wrong.append("%s: a gap" % name)
            if not durable <= last <= max(put, later[4]):
                self.wrong.append("%s: ends at %d, durable %d" % (name, last, durable))
            count = sum(1 for _ in Letters(spool, LETTERS).read())
            if not letters <= count <= letters + 1:
                self.wrong.append("%s: %d letters, not %d" % (name, count, letters))
            if told and kind is vfs.VfsLfs2:
                self.wrong.append("%s: %s" % (name, told))
            self._go_on(spool, path, last, name)
        self.checked += 1

    def _all(self, spool, name):
        seqs = []
        for record in spool.read():
            if bytes(record.payload) != payload(record.seq):
                self.wrong.append("%s: record %d is torn" % (name, record.seq))
            seqs.append(record.seq)
        self.records += len(seqs)
        return seqs

    def _go_on(self, spool, path, last, name):
        """The spool is usable: a new record lies behind the old ones, under a new number."""
        seq = spool.put(payload(last))
        spool.commit()
        if seq <= last:
            self.wrong.append("%s: number %d again" % (name, seq))
        if spool.durable != seq:
            self.wrong.append("%s: not usable" % name)
        spool.ack(seq)
        spool.folder.close()
        again = Spool(path, ticks=Clock(), **SETTINGS)
        if again.acked != seq or again.backlog:
            self.wrong.append("%s: the acknowledgement of %d is lost" % (name, seq))


def main(records=2000, kind="lfs", torn="clean", drop=""):
    """FAT can lose its own directory when a write is torn; with whole ones it must hold, too."""
    kind = vfs.VfsLfs2 if kind == "lfs" else vfs.VfsFat
    flash = Flash(40)
    with Mounted(flash, kind, True) as path:
        if kind is vfs.VfsFat:
            Spool(path).close()  # a folder half made is nothing that the spool can mend
        image = bytes(flash.image)
        flash.log = []
        run = Run(flash, drop)
        run.go(path, int(records))
    log = flash.log
    replay = Replay(image, log)
    judge = Judge()
    at = 0
    nothing = (0,) * 7
    while replay.done <= len(log):
        while at < len(run.moments) and run.moments[at][0] <= replay.done:
            at += 1
        moment = run.moments[at - 1] if at else nothing
        later = run.moments[min(at, len(run.moments) - 1)]
        name = "cut after %d of %d" % (replay.done, len(log))
        judge.look(replay.cut(torn == "torn"), kind, moment, later, name)
        if len(judge.wrong) > 5 or replay.done == len(log):
            break
        replay.next()
        if replay.done % 500 == 0:
            gc.collect()
    print(
        "%s records, %d cut points, %d records read back, recovery reads %d bytes of flash at most"
        % (records, judge.checked, judge.records, judge.reads)
    )
    _check.true("the oldest were dropped", bool(drop) == (run.floor > 1))
    _check.true("all of it was played back", replay.done == len(log) > int(records) // 3)
    _check.true("nothing lost, nothing torn", not judge.wrong, "; ".join(judge.wrong))
    _check.true("recovery is bounded", judge.reads < 160 * 1024, str(judge.reads))
    _check.done()


main(*sys.argv[1:])
