"""A small record that outlives the power: two slots, written in turn, the newer whole one counts.

A cut at any byte of a write leaves the other slot as it was: the old record or the new one, never a
mixture. What is torn or foreign fails its CRC-32 and is no record. Nothing here is secret.

Wear, by `Keeper`, which writes at most every 6 hours, 1,461 times a year. NVS: a slot of 40 bytes
takes 4 of a page's 126 entries, so the 5 pages in use of ESP32's default 24 KiB are erased once in
157 writes: 9 times a year of 100,000. Files on littlefs: two commits, of 256 bytes each on RP2, in
a block of 4 KiB, so an erase in 8 writes, 183 a year. Files on FAT: the directory's sector is
rewritten twice each time, 2,922 times a year: 34 years. Retained RAM does not wear.
"""

import os
from binascii import crc32

EVERY_MS = 21600000
"""Six hours: how much the floor must rise before it is written again."""

_FRAME = 7  # magic, sequence number, length, CRC-32
_MAGIC = 0x6B
_MOST = 255


class Store:
    """Two slots on a medium.

    medium: read(slot) -> bytes, b"" if there is nothing; write(slot, bytes). slot: 0 or 1.
    """

    def __init__(self, medium):
        self._medium = medium

    def load(self):
        """Return the newest whole record, bytes, or None. Never raises for what it finds."""
        return self._newest()[2]

    def save(self, record):
        """Write a record, bytes[0..255], into the older slot. Raises: OSError of the medium."""
        slot, number, _ = self._newest()
        body = bytes((_MAGIC, (number + 1) & 255, len(record))) + bytes(record)
        self._medium.write(1 - slot, body + crc32(body).to_bytes(4, "big"))

    def clear(self):
        """Forget both: after a floor that was wrong. The floor is then the build date again."""
        for slot in (0, 1):
            self._medium.write(slot, b"")

    def _newest(self):
        """Return (slot, sequence number, record) of the newest; (1, 0, None) if there is none."""
        best = (1, 0, None)
        for slot in (0, 1):
            frame = self._frame(slot)
            if frame is None:
                continue
            number = frame[1]
            # Numbers run modulo 256; the two differ by one.
            if best[2] is None or (number - best[1]) & 255 < 128:
                best = (slot, number, bytes(frame[3:-4]))
        return best

    def _frame(self, slot):
        try:
            data = bytes(self._medium.read(slot))
        except (OSError, ValueError):
            return None
        if len(data) < _FRAME or data[0] != _MAGIC:
            return None
        data = data[: data[2] + _FRAME]
        good = len(data) == data[2] + _FRAME
        if not good or crc32(data[:-4]).to_bytes(4, "big") != data[-4:]:
            return None
        return data


class Files:
    """Slots in two small files, path + ".0" and ".1"."""

    def __init__(self, path):
        self._path = path

    def read(self, slot):
        """Return a slot's bytes."""
        try:
            with open(self._name(slot), "rb") as file:
                return file.read(_MOST + _FRAME)
        except OSError:
            return b""

    def write(self, slot, data):
        """Write a slot and make it durable."""
        with open(self._name(slot), "wb") as file:
            file.write(data)
            file.flush()  # on MicroPython this syncs the file system's file
            if hasattr(os, "fsync"):
                os.fsync(file.fileno())

    def _name(self, slot):
        return "%s.%d" % (self._path, slot)


class Nvs:
    """Slots as two blobs in ESP32's non-volatile storage. nvs: an esp32.NVS of a namespace."""

    def __init__(self, nvs, key="time"):
        """key: str, at most 14 characters."""
        self._nvs = nvs
        self._key = key

    def read(self, slot):
        """Return a slot's bytes."""
        data = bytearray(_MOST + _FRAME)
        try:
            return data[: self._nvs.get_blob(self._key + str(slot), data)]
        except OSError:
            return b""

    def write(self, slot, data):
        """Write a slot and commit it."""
        self._nvs.set_blob(self._key + str(slot), data)
        self._nvs.commit()


class Retained:
    """Slots in RAM that a reset or a deep sleep leaves alone.

    memory: a writable buffer, as machine.mem_backup() gives; or an object whose memory() reads all
    of it and memory(data) writes all of it, as machine.RTC() of ESP32.
    start: where in it ours begins. It takes 96 bytes; what is the application's is left alone.
    """

    SLOT = 48

    def __init__(self, memory, start=0):
        self._memory = memory
        self._start = start

    def read(self, slot):
        """Return a slot's bytes."""
        memory = self._memory.memory() if hasattr(self._memory, "memory") else self._memory
        at = self._start + slot * self.SLOT
        return bytes(memory[at : at + self.SLOT])

    def write(self, slot, data):
        """Write a slot. Raises: ValueError if it does not fit."""
        if len(data) > self.SLOT:
            raise ValueError("a retained record has at most %d bytes" % (self.SLOT - _FRAME))
        at = self._start + slot * self.SLOT
        data = bytes(data) + bytes(self.SLOT - len(data))
        if not hasattr(self._memory, "memory"):
            self._memory[at : at + self.SLOT] = data
            return
        old = bytes(self._memory.memory())
        old += bytes(max(0, at + self.SLOT - len(old)))
        self._memory.memory(old[:at] + data + old[at + self.SLOT :])


def durable(path="sigv4_time"):
    """Return the Store for this board's flash: NVS on ESP32, else two files at path."""
    try:
        from esp32 import NVS
    except ImportError:
        return Store(Files(path))
    return Store(Nvs(NVS("sigv4_mp")))


def retained(start=0):
    """Return the Store in this board's retained RAM, or None if it has none. start: see Retained.

    machine.mem_backup() where the port has it, else RTC().memory() of ESP32. The two are the same
    RAM there: leave 96 bytes from start to us.
    """
    try:
        import machine
    except ImportError:
        return None
    if hasattr(machine, "mem_backup"):
        return Store(Retained(machine.mem_backup(), start))
    if hasattr(machine, "RTC") and hasattr(machine.RTC, "memory"):
        return Store(Retained(machine.RTC(), start))
    return None


class Keeper:
    """Keeps a TrustedClock's floor on flash, seldom, and its time in retained RAM, each time.

    clock: a TrustedClock. flash: Store. ram: Store or None.
    """

    def __init__(self, clock, flash, ram=None):
        self._clock = clock
        self._flash = flash
        self._ram = ram
        self._written = None  # the floor on flash; None: not read yet

    def start(self, rtc_seconds, same_boot=False):
        """Take up what was kept. Return whether the clock has an estimate; its floor is in force.

        rtc_seconds: int, what the RTC says, as Unix time. same_boot: see TrustedClock.resume.
        Raises: ClockRollback, ClockDisagreement; the clock is then without estimate, not broken.
        """
        record = self._take_floor()
        newer = self._ram.load() if self._ram else None
        return self._clock.resume(record if newer is None else newer, rtc_seconds, same_boot)

    def _take_floor(self):
        from .suspend import raise_floor

        record = self._flash.load()
        raise_floor(self._clock, record)
        self._written = self._clock.floor_ms
        return record

    def keep(self, rtc_seconds, force=False):
        """Keep what is known now. Return whether flash was written.

        Call it as often as you like, and before each deep sleep. force: write to flash all the
        same, where there is no retained RAM and the RTC runs on through the sleep.
        Cost: one write to flash when the floor has risen by 6 hours, else none.
        """
        if self._written is None:
            self._take_floor()  # or a lower one would be written over it
        record = self._clock.suspend(rtc_seconds)
        if self._ram:
            self._ram.save(record)
        floor = self._clock.floor_ms
        if not force and floor - self._written < EVERY_MS:
            return False
        self._flash.save(record)
        self._written = floor
        return True
