"""The record that outlives the power: the old one or the new one, whatever is torn; few writes."""

import sys
import types

import pytest

from core import section
from sigv4_mp.device import store

PARTS = ("records", "power_cuts", "damage", "keeping", "retained_ram", "of_this_port")


@pytest.mark.parametrize("part", PARTS)
def test_device_store(target, part):
    assert section(target, "clock_store.py", part)


class Rtc:
    """ESP32's, as far as memory() goes."""

    data = b"app"

    def memory(self, data=None):
        if data is None:
            return Rtc.data
        Rtc.data = bytes(data)


def test_what_boards_have_is_found(monkeypatch):
    blobs = {}

    class Nvs:
        def __init__(self, namespace):
            assert namespace == "sigv4_mp"

        def set_blob(self, key, value):
            blobs[key] = bytes(value)

        def get_blob(self, key, buffer):
            if key not in blobs:
                raise OSError(-4354)
            buffer[: len(blobs[key])] = blobs[key]
            return len(blobs[key])

        def commit(self):
            pass

    monkeypatch.setitem(sys.modules, "esp32", types.SimpleNamespace(NVS=Nvs))
    store.durable().save(b"to flash")
    assert sorted(blobs) == ["time0"] and store.durable().load() == b"to flash"

    region = bytearray(256)
    machine = types.SimpleNamespace(mem_backup=lambda: memoryview(region), RTC=Rtc)
    monkeypatch.setitem(sys.modules, "machine", machine)
    store.retained(100).save(b"to RAM")
    assert store.retained(100).load() == b"to RAM" and not any(region[:100])

    monkeypatch.setitem(sys.modules, "machine", types.SimpleNamespace(RTC=Rtc))
    store.retained(8).save(b"to RTC memory")
    assert store.retained(8).load() == b"to RTC memory" and Rtc.data[:3] == b"app"

    monkeypatch.setitem(sys.modules, "machine", types.SimpleNamespace(RTC=object))  # rp2's
    assert store.retained() is None
