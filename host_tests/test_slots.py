"""Slots of a layout: found, filled wherever they stand, long pieces left uncopied."""

from core import section


def test_slots(target):
    assert section(target, "core_canonical.py", "slots")
