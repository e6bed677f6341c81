"""Slots of a layout: found, and filled wherever they stand."""

from core import section


def test_slots(target):
    assert section(target, "core_canonical.py", "slots")
