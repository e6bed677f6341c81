"""A simulated week of telemetry: outages, reboots, power cuts, no clock, throttling, poison.

    telemetry_week.py DAYS SEED [ordered] [torn]

A reading a minute on three streams, sent every ten minutes. The network is away for hours, the
service throttles, fails in part, delivers and then breaks the connection; credentials expire; the
board reboots with readings in RAM, loses its power at any moment of a write, and has no time after
that for a while. At the end every reading that was durable has arrived or is a dead letter.
"""

import gc
import sys

import _check
from spool_medium import PowerCut, Ram, entropy
from telemetry_world import Destination, World, expired, throttled

from sigv4_mp.services.spool import Spool
from sigv4_mp.services.telemetry import Uploader

DAY = 86400000
READINGS = 1440
SETTINGS = {
    "max_bytes": 200000,
    "segment_bytes": 4096,
    "max_record": 64,
    "commit_bytes": 256,
    "commit_ms": 300000,
}


class Chance:
    """Small numbers by a seed, the same on every interpreter."""

    def __init__(self, seed):
        self._state = seed * 7919 + 17

    def __call__(self, n):
        self._state = (self._state * 2869 + 1283) % 262139
        return self._state % n


class Cloud(Destination):
    """Counts what arrives instead of keeping it: arrived[i] is how often reading i did."""

    def __init__(self, world, chance, total, partly):
        super().__init__(world, 25, 2000)
        self.chance = chance
        self.arrived = bytearray(total)
        self.latest = [-1, -1, -1]
        self.disorder = self.duplicates = 0
        self.partly = partly
        self.mood = "well"

    def deliver(self, one):
        index = int(one[1])
        self.duplicates += self.arrived[index] > 0
        if not self.arrived[index]:
            self.disorder += index < self.latest[one[2]]
            self.latest[one[2]] = max(index, self.latest[one[2]])
        self.arrived[index] = min(255, self.arrived[index] + 1)

    def send(self):
        mood = self.mood
        if mood == "away":
            self.fails = [OSError(113, "no route")]
        elif mood == "throttled":
            self.fails = [throttled()]
        elif mood == "expired":
            self.fails = [expired()]
        elif mood == "partly" and self.partly:
            lost = [i for i in range(self.count) if self.chance(3) == 0]
            self.fails = [[(i, "InternalFailure", False) for i in lost]]
        failed = yield from super().send()
        if mood == "breaks off" and self.chance(2):
            raise OSError(104, "reset")  # delivered, but the answer did not come
        return failed


class Week:
    """The board, its reboots, and what became of each reading."""

    def __init__(self, days, seed, ordered, kind):
        self.chance = Chance(seed)
        self.world = World()
        self.medium = Ram(kind, self.chance)
        self.total = days * READINGS
        self.to = Cloud(self.world, self.chance, self.total, True)
        self.ordered = ordered
        self.state = bytearray(self.total)  # 1: in RAM, 2: durable, 3: lost with the RAM, 4: poison
        self.waiting = []  # (seq, reading) not durable yet
        self.boots = self.cuts = self.letters = 0
        self.counters = {}
        self.boot()

    def boot(self):
        """Start again from what is on the medium."""
        self.boots += 1
        while True:
            try:
                self.medium = self.medium.again()
                spool = Spool(self.medium, ticks=self.world.ticks, entropy=entropy, **SETTINGS)
                break
            except PowerCut:
                self.cuts += 1
        for seq, reading in self.waiting:  # a cut may come after the last byte
            self.state[reading] = 2 if seq <= spool.durable else 3
        self.waiting = []
        self.up = Uploader(
            spool,
            self.to,
            ordered=self.ordered,
            every_ms=600000,
            letters_bytes=65536,
            entropy=lambda n: bytes([self.chance(256) for _ in range(n)]),
        )

    def minute(self, i):
        """Take reading i; do what is due."""
        self.world.ms = max(self.world.ms, i * 60000)
        poison = i % 501 == 500
        self.waiting.append((self.up.spool.next_seq, i))
        self.up.put(b"poison %d" % i if poison else b"%d" % i, i % 3)
        self.state[i] = 1
        self._durable()
        self.up.poll(self.world, 30000)
        self._durable()

    def _durable(self):
        durable = self.up.spool.durable
        while self.waiting and self.waiting[0][0] <= durable:
            self.state[self.waiting.pop(0)[1]] = 2

    def weather(self, i):
        """Change what can change, for every hour."""
        chance = self.chance
        mood = ("well", "well", "away", "throttled", "partly", "breaks off", "expired")[chance(7)]
        self.to.mood = mood
        self.world.trusted = chance(6) > 0
        if chance(4) == 0:
            self._count()
            self.boot()
            self.world.trusted = False
        if chance(3) == 0:
            self.medium.life = 1 + chance(60)

    def _count(self):
        for name, value in self.up.counters.items():
            self.counters[name] = self.counters.get(name, 0) + value

    def go(self):
        """The whole time, then one turn in which all is well. Return the heap of each day."""
        held = []
        for i in range(self.total):
            if i % READINGS == 0:
                gc.collect()
                # WebAssembly's port collects garbage between programs only.
                if hasattr(gc, "mem_alloc") and sys.platform != "webassembly":
                    files = sum(len(data) for data in self.medium.files.values())
                    held.append(gc.mem_alloc() - files)
            if i % 60 == 59:
                self.weather(i)
            try:
                self.minute(i)
            except PowerCut:
                self.cuts += 1
                self._count()
                self.boot()
        self.to.mood = "well"
        self.world.trusted = True
        self.medium.life = None
        self.world.run(self.up.flush())
        self._count()
        self._durable()
        return held


def main(days="7", seed="1", *more):
    week = Week(int(days), int(seed), "ordered" in more, "torn" if "torn" in more else "whole")
    held = week.go()
    poison = {int(bytes(r.payload)[7:]) for r, _ in week.up.letters.read()}
    lost = [
        i
        for i in range(week.total)
        if week.state[i] == 2 and not week.to.arrived[i] and i not in poison
    ]
    early = sum(1 for one in week.state if one == 3)
    arrived = sum(1 for one in week.to.arrived if one)
    print(
        "%d readings: %d arrived, %d dead letters, %d lost in RAM at a reset, %d durable lost;"
        % (week.total, arrived, len(poison), early, len(lost))
    )
    print(
        "%d duplicates, %d boots, %d power cuts, %d batches"
        % (week.to.duplicates, week.boots, week.cuts, week.to.sends)
    )
    print(sorted(week.counters.items()))
    check = _check.true
    check("every durable reading arrived or is a dead letter", not lost, repr(lost[:20]))
    check("dead letters are the poison ones", all(i % 501 == 500 for i in poison), repr(poison))
    check("most of them arrived", arrived > week.total * 8 // 10)
    check("nothing is left", week.up.spool.backlog == 0 and week.up.problem is None)
    check("there were cuts", week.cuts > int(days) * 2)
    for name in ("network", "throttled", "no_credentials", "no_clock", "retried", "undated"):
        check("there was " + name, week.counters[name] > 0)
    check("there were duplicates", week.to.duplicates > 0)
    if week.ordered:
        check("in order within a stream", week.to.disorder == 0, str(week.to.disorder))
    if held:
        print("heap at the beginning of each day: %s" % held)
        check("memory is flat", max(held[3:]) - min(held[3:]) < 6000, repr(held))
    _check.done()


main(*sys.argv[1:])
