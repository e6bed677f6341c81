"""The record that outlives the power: torn at every byte, few writes, found again."""

import os

import _section
from _check import equal, raises, true

from sigv4_mp.amzdate import to_seconds
from sigv4_mp.device import store
from sigv4_mp.device.store import EVERY_MS, Files, Keeper, Nvs, Retained, Store
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import ClockNotSet, ClockRollback
from sigv4_mp.version import BUILD_DATE

BUILT = to_seconds(BUILD_DATE) * 1000
T = BUILT + 100 * 86400000
HOUR = 3600000


class Medium:
    """Two slots in memory; the power fails after `left` more bytes."""

    def __init__(self):
        self.slots = [b"", b""]
        self.left = 10**6
        self.writes = 0

    def read(self, slot):
        return self.slots[slot]

    def write(self, slot, data):
        self.writes += 1
        if self.left < len(data):  # what was there is erased, what comes is cut off
            self.slots[slot] = data[: self.left]
            raise OSError(5)
        self.slots[slot] = data


class FakeNvs:
    """An esp32.NVS as its documentation has it; what is not committed is gone."""

    def __init__(self):
        self.kept = {}
        self.open = {}

    def set_blob(self, key, value):
        if len(key) > 15:
            raise OSError(-4354)
        self.open[key] = bytes(value)

    def get_blob(self, key, buffer):
        if key not in self.kept:
            raise OSError(-4354)
        data = self.kept[key]
        buffer[: len(data)] = data
        return len(data)

    def commit(self):
        self.kept.update(self.open)
        self.open = {}


class FakeRtc:
    """ESP32's machine.RTC(), as far as memory() goes."""

    def __init__(self):
        self.data = b""

    def memory(self, data=None):
        if data is None:
            return self.data
        self.data = bytes(data)


def remove(path):
    for slot in "01":
        try:
            os.remove(path + "." + slot)
        except OSError:
            pass


def media():
    """Yield (name, medium, the same opened again) for each kind."""
    remove("t")
    yield "memory", Medium(), lambda medium: medium
    yield "files", Files("t"), lambda _: Files("t")
    yield "nvs", Nvs(FakeNvs()), lambda medium: Nvs(medium._nvs)
    yield "mem_backup", Retained(bytearray(b"\xa5" * 200), 60), lambda medium: medium
    yield "rtc", Retained(FakeRtc(), 10), lambda medium: Retained(medium._memory, 10)
    remove("t")


def records():
    for name, medium, again in media():
        shelf = Store(medium)
        equal(name + ": nothing yet", shelf.load(), None)
        for number in range(600):  # the sequence number wraps twice
            shelf.save(b"%d" % number)
            if number % 97 == 0 or number > 595:
                equal("%s: %d" % (name, number), Store(again(medium)).load(), b"%d" % number)
        for record in (b"", bytes(range(40))):
            shelf.save(record)
            equal("%s: %d bytes" % (name, len(record)), Store(again(medium)).load(), record)
        shelf.clear()
        equal(name + ": cleared", Store(again(medium)).load(), None)
        shelf.save(bytearray(b"again"))
        equal(name + ": and again", shelf.load(), b"again")


def power_cuts():
    """At each byte of each write: the old or the new, never a mixture."""
    wrong = []
    for before in (0, 1, 2, 5, 255, 256):
        for cut in range(42):
            medium = Medium()
            shelf = Store(medium)
            for number in range(before):
                shelf.save(b"%032d" % number)
            old = shelf.load()
            medium.left = cut
            try:
                shelf.save(b"%032d" % 999)
            except OSError:
                pass
            medium.left = 10**6
            found = Store(medium).load()
            whole = cut >= 39
            if found != (b"%032d" % 999 if whole else old):
                wrong.append((before, cut, found))
            Store(medium).save(b"after")
            if Store(medium).load() != b"after":
                wrong.append((before, cut, "not writable"))
    equal("252 cuts", wrong, [])


def damage():
    """Whatever stands in a slot: no exception; a changed bit is no record."""
    wrong = 0
    medium = Medium()
    Store(medium).save(b"record")
    good = medium.slots[0]
    for at in range(len(good)):
        for bit in range(8):
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            medium.slots[0] = bytes(bad)
            wrong += Store(medium).load() is not None
    for length in range(len(good)):
        medium.slots[0] = good[:length]
        wrong += Store(medium).load() is not None
    equal("flipped and cut", wrong, 0)
    medium.slots[0] = good + bytes(9)
    equal("padded", Store(medium).load(), b"record")
    raises("too long for RAM", ValueError, Store(Retained(bytearray(96))).save, bytes(42))
    memory = bytearray(b"\xa5" * 200)
    Store(Retained(memory, 60)).save(bytes(40))
    Store(Retained(memory, 60)).save(bytes(40))
    true("others' RAM is left alone", memory[:60] == b"\xa5" * 60 and memory[156:] == b"\xa5" * 44)
    rtc = FakeRtc()
    rtc.memory(b"the application's own words")
    Store(Retained(rtc, 10)).save(b"x")
    equal("in RTC memory, too", rtc.memory()[:10], b"the applic")
    rtc.memory(bytes(range(200)))
    Store(Retained(rtc, 10)).save(b"x")
    Store(Retained(rtc, 10)).save(b"y")
    kept = rtc.memory()
    equal(
        "all of it",
        (len(kept), kept[:10], kept[106:]),
        (200, bytes(range(10)), bytes(range(106, 200))),
    )


class Board:
    """A clock with ticks and RTC by hand, and its stores."""

    def __init__(self, flash=None, ram=None):
        self.flash, self.ram = flash or Medium(), ram
        self.count, self.rtc = 5, T // 1000
        self.boot()

    def boot(self):
        self.clock = TrustedClock(ticks=lambda: self.count & 0x3FFFFFFF, wall=lambda: self.rtc)
        self.keeper = Keeper(self.clock, Store(self.flash), self.ram and Store(self.ram))
        return self

    def go(self, hours):
        self.count += hours * HOUR
        self.rtc += hours * 3600
        return self

    def sync(self):
        self.clock.set(self.rtc * 1000, 20, None, "3 of 3")
        return self


def keeping():
    board = Board()
    equal("nothing kept", board.keeper.start(946684800), False)
    board.sync()
    equal("one answer is not kept", board.keeper.keep(board.rtc), False)
    board.go(1).sync()
    equal("a confirmed one is", board.keeper.keep(board.rtc), True)
    for _ in range(24 * 365):
        board.go(1).sync()
        board.keeper.keep(board.rtc)
    true("a year of hours: 1,461 writes", 1400 < board.flash.writes <= 1461, board.flash.writes)
    floor = board.clock.floor_ms
    # Power off; the RTC starts in 2000; whoever answers now lies.
    board.boot()
    equal("no estimate", board.keeper.start(946684800), False)
    true("the floor", floor - EVERY_MS <= board.clock.floor_ms <= floor)
    raises("a rollback", ClockRollback, board.clock.set, T, 20, None, "liars")
    raises("no date", ClockNotSet, board.clock.require, b"s3")
    # Without what was kept it would have been believed: only the build date stands against it.
    board.flash = Medium()
    board.boot()
    board.keeper.start(946684800)
    board.clock.set(T, 20, None, "liars")
    equal("without a record", board.clock.estimate()[0], T)


def retained_ram():
    board = Board(ram=Retained(bytearray(96)))
    board.keeper.start(board.rtc)
    board.sync().go(1).sync()
    board.keeper.keep(board.rtc)
    writes = board.flash.writes
    for _ in range(5):
        board.go(1)
        board.keeper.keep(board.rtc)
    equal("flash is not written", board.flash.writes, writes)
    board.boot().count = 0
    equal("resumes from RAM", board.boot().keeper.start(board.rtc + 60), True)
    equal("the time", board.clock.estimate()[0], board.rtc * 1000 + 60000)
    board.boot()
    equal("not forced", board.keeper.keep(board.rtc), False)
    equal("forced", board.keeper.keep(board.rtc, True), True)
    board.ram = Retained(bytearray(b"\xff" * 96))  # garbage after power came on
    board.boot()
    equal("RAM is lost: flash", board.keeper.start(946684800), False)
    true("its floor holds", board.clock.floor_ms > T)


def of_this_port():
    """What durable() and retained() choose where there is neither NVS nor retained RAM."""
    remove("sigv4_time")
    store.durable().save(b"x")
    equal("files", sorted(os.listdir(".")).count("sigv4_time.0"), 1)
    equal("read", store.durable().load(), b"x")
    remove("sigv4_time")
    equal("no retained RAM", store.retained(), None)


_section.run(records, power_cuts, damage, keeping, retained_ram, of_this_port)
