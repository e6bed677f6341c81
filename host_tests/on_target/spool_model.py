"""What a spool must do, as a model beside it: the judge of every crash test.

The model knows what was put, what was durable, what was acknowledged. After each reset it reads the
spool and compares; a breach is an AssertionError that says what is wrong.
"""


class Model:
    """seen: {seq: payload} of all that was ever read, so may have been sent."""

    def __init__(self):
        self.put = {}
        self.seen = {}
        self.durable = self.acked = self.acking = 0
        self.lost = 0

    def took(self, seq, payload):
        """A record was put, under this number."""
        assert seq not in self.seen, "number %d is given a second time" % seq
        self.put[seq] = payload

    def knows(self, spool):
        """All that the spool calls durable is durable."""
        self.durable = max(self.durable, spool.durable)

    def acknowledges(self, seq):
        """An acknowledgement begins."""
        self.acking = seq

    def acknowledged(self):
        """It has succeeded."""
        self.acked = self.acking

    def judge(self, spool):
        """Compare with what the spool holds now; return how many records it gave."""
        last = 0
        found = set()
        for record in spool.read():
            seq, payload = record.seq, bytes(record.payload)
            assert seq > last, "%d after %d" % (seq, last)
            last = seq
            assert seq > self.acked, "%d was acknowledged" % seq
            assert self.put.get(seq) == payload, "%d is not what was put" % seq
            assert self.seen.setdefault(seq, payload) == payload, "%d is two records" % seq
            found.add(seq)
        start = max(self.acked, min(self.acking, spool.acked))
        for seq in range(start + 1, self.durable + 1):
            assert seq in found or seq not in self.put, "durable record %d is lost" % seq
        assert spool.next_seq > max(list(self.seen) + [self.acked]), "numbers are used again"
        assert spool.backlog >= len(found)
        self.acked = max(self.acked, spool.acked)
        # What was never durable and is not there now is gone; its numbers may be given again.
        for seq in [seq for seq in self.put if seq not in found and seq > self.durable]:
            del self.put[seq]
            self.lost += 1
        self.durable = max([self.durable] + list(found))
        return len(found)
