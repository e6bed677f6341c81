"""The words of a refusal: each names the rule, by how much, and what to do; an RTC is diagnosed."""

import pytest

from core import section

PARTS = ("tolerances", "freshness", "two_sources", "floors", "rtc_diagnoses")


@pytest.mark.parametrize("part", PARTS)
def test_device_refusal(target, part):
    assert section(target, "clock_cases.py", part)
