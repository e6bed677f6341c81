"""The clock over deep sleep, resets and loss of power: what is believed of an RTC."""

import pytest

from core import section

PARTS = ("reset_and_sleep", "marks", "soft_reset")


@pytest.mark.parametrize("part", PARTS)
def test_device_suspend(target, part):
    assert section(target, "clock_cases.py", part)
