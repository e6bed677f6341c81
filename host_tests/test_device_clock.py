"""Clocks fail closed, whatever the epoch of the port."""

import pytest

from core import section

PARTS = ("clocks", "epochs")


@pytest.mark.parametrize("part", PARTS)
def test_device_clock(target, part):
    assert section(target, "core_device.py", part)
