"""services/spool.py: nothing that was committed is lost, nothing torn is given, whatever happens.

On every target on_target/spool_basics.py; here the model-based search for a counter-example, with a
medium that loses its power at any moment (on_target/spool_medium.py, spool_model.py).
"""

import os
import random
import sys

import pytest
from hypothesis import HealthCheck, event, given, seed, settings
from hypothesis import strategies as st

from sigv4_mp.services.spool import Spool

sys.path.append(os.path.join(os.path.dirname(__file__), "on_target"))

from spool_medium import PowerCut, Ram
from spool_model import Model

SMALL = {"max_bytes": 4096, "segment_bytes": 512, "max_record": 100, "commit_bytes": 200}
ROOMY = dict(SMALL, max_bytes=1 << 20)
EXAMPLES = int(os.environ.get("SPOOL_EXAMPLES", "400"))


def test_on_target(target):
    target.run("spool_basics.py", heap="256k").check()


def quick(examples=EXAMPLES):
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=checks, database=None
    )


class Clock:
    """Ticks that stand still until they are moved on."""

    def __init__(self):
        self.ms = 0

    def __call__(self):
        return self.ms & 0x3FFFFFFF


def steps():
    """Draw what a program does with a spool."""
    return st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(1, 100)),
            st.tuples(st.just("fill"), st.integers(1, 20)),
            st.tuples(st.just("commit"), st.just(0)),
            st.tuples(st.just("wait"), st.integers(0, 40000)),
            st.tuples(st.just("ack"), st.integers(1, 12)),
            st.tuples(st.just("reset"), st.just(0)),
            st.tuples(st.just("cut"), st.integers(1, 12)),
        ),
        min_size=12,
        max_size=60,
    )


class Run:
    """A spool, its model, and a medium that outlives both."""

    def __init__(self, kind, options, chances):
        self.medium = Ram(kind, lambda n: chances.randrange(n) if n else 0)
        self.options = options
        self.model = Model()
        self.clock = Clock()
        self.events = []
        self.cuts = self.count = 0
        self.start()

    def start(self):
        """A boot: again and again until it comes through."""
        while True:
            self.medium = self.medium.again()
            try:
                self.spool = Spool(
                    self.medium, on_event=self.events.append, ticks=self.clock, **self.options
                )
                self.model.judge(self.spool)
                return
            except PowerCut:
                self.cuts += 1

    def do(self, what, number):
        try:
            getattr(self, what)(number)
        except PowerCut:
            self.cuts += 1
            self.start()

    def put(self, size):
        self.count += 1
        payload = (b"%d," % self.count * 50)[:size]
        seq = self.spool.next_seq
        self.model.took(seq, payload)  # before: it may be durable when the power goes
        assert self.spool.put(payload, self.count, self.count % 4) in (seq, None)
        self.model.knows(self.spool)

    def fill(self, count):
        for i in range(count):
            self.put(1 + (count + i) * 37 % 100)

    def commit(self, _):
        self.spool.commit()
        self.model.knows(self.spool)

    def wait(self, ms):
        self.clock.ms += ms
        self.spool.poll()
        self.model.knows(self.spool)

    def ack(self, count):
        for record in self.spool.read():
            self.model.seen[record.seq] = bytes(record.payload)
            seq = record.seq
            count -= 1
            if not count:
                break
        else:
            return
        self.model.acknowledges(seq)
        self.spool.ack(seq)
        self.model.acknowledged()

    def reset(self, _):
        self.start()

    def cut(self, life):
        self.medium.life = life


@pytest.mark.parametrize("kind", ["whole", "torn"])
def test_a_cut_anywhere_loses_nothing(kind):
    """Any program, with cuts anywhere, in recovery too."""
    total = []

    @quick()
    @seed(20261122)
    @given(steps(), st.randoms(use_true_random=False))
    def check(program, chances):
        run = Run(kind, ROOMY, chances)
        for what, number in program:
            run.do(what, number)
        run.start()
        run.commit(0)
        run.model.judge(run.spool)
        assert run.spool.counters["damaged"] == 0
        event("cuts: %d" % run.cuts)
        total.append(run.cuts)

    check()
    assert sum(total) > EXAMPLES // 4


@pytest.mark.parametrize("kind", ["whole", "torn"])
def test_a_cut_at_each_event_of_one_program(kind):
    """The same program of 300 records, cut at its first event, at its second, … to the last."""
    cuts = 0
    for life in range(1, 100000):
        run = Run(kind, ROOMY, random.Random(life))
        run.cut(life)
        for i in range(300):
            run.do("put", 1 + i * 37 % 100)
            if i % 20 == 19:
                run.do("ack", 15)
        if not run.cuts:
            break
        cuts += run.cuts
        run.commit(0)
        run.model.judge(run.spool)
    assert cuts == life - 1 > 200
    print("%s: %d cuts" % (kind, cuts))


@quick(EXAMPLES // 2)
@seed(20261122)
@given(
    st.sampled_from(["whole", "torn"]),
    st.sampled_from(["drop_oldest", "drop_newest", "refuse"]),
    st.lists(st.integers(1, 100), min_size=20, max_size=200),
    st.integers(0, 3000),
    st.randoms(use_true_random=False),
)
def test_bounded(kind, policy, sizes, capacity, chances):
    """Never more bytes than allowed, and each record is there, or counted, or refused."""
    from sigv4_mp.services.spool import SpoolFull

    medium = Ram(kind, lambda n: chances.randrange(n) if n else 0)
    told = []
    spool = Spool(medium, on_event=told.append, policy=policy, **dict(SMALL, max_bytes=2048))
    medium.capacity = capacity or None
    taken = {}
    refused = 0
    for i, size in enumerate(sizes):
        payload = (b"%d," % i * 50)[:size]
        try:
            seq = spool.put(payload)
            if seq is not None:
                taken[seq] = payload
        except SpoolFull:
            refused += 1
        assert spool.stored <= 2048
        assert spool.stored == sum(
            len(data) for name, data in medium.files.items() if name[-4:] in (".seg", ".bad")
        )
    try:
        spool.commit()
    except SpoolFull:
        assert medium.capacity  # the records wait in RAM: see below
    waiting = spool.next_seq - 1 - spool.durable
    found = {record.seq: bytes(record.payload) for record in spool.read()}
    counters = spool.counters
    lost = counters["dropped_oldest"] + counters["dropped_newest"]
    assert len(sizes) == len(found) + waiting + lost + refused
    assert all(taken[seq] == payload for seq, payload in found.items())
    assert counters["damaged"] == 0
    if policy == "drop_oldest" and found and not medium.capacity:
        assert sorted(found)[-1] == spool.next_seq - 1  # the newest are there


@quick(EXAMPLES // 2)
@seed(20261122)
@given(
    st.lists(st.integers(1, 100), min_size=10, max_size=100),
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 7)), min_size=1, max_size=8),
)
def test_flipped_bits_are_told(sizes, ack, flips):
    """Bits of any file flip: no wrong record is given, what is missing is counted and told."""
    medium = Ram()
    spool = Spool(medium, **ROOMY)
    put = {}
    for i, size in enumerate(sizes):
        payload = (b"%d," % i * 50)[:size]
        put[spool.put(payload)] = payload
    spool.commit()
    acked = min(ack, len(sizes))
    if acked:
        spool.ack(acked)
    names = sorted(medium.files)
    for place, bit in flips:
        data = medium.files[names[place % len(names)]]
        if data:
            data[place // 7 % len(data)] ^= 1 << bit
    told = []
    spool = Spool(medium.again(), on_event=told.append, **ROOMY)
    found = {}
    for record in spool.read():
        assert record.seq not in found
        found[record.seq] = bytes(record.payload)
    assert all(put.get(seq) == payload for seq, payload in found.items())
    missing = [seq for seq in put if seq > acked and seq not in found]
    if missing:
        assert told
    counters = spool.counters
    if not counters["torn_bytes"] and not counters["set_aside"]:
        assert len(missing) <= counters["damaged"]
    # And life goes on, with numbers that nobody has used.
    new = spool.put(b"new")
    spool.commit()
    assert new > max([*put, 0]) or new not in found
    assert [r.seq for r in spool.read() if bytes(r.payload) == b"new"] == [new]
    event("missing: %d" % min(len(missing), 3))
