"""Dates as arithmetic: leap years, past 31 and 32 bits, and what is no date."""

from core import section


def test_amzdate(target):
    assert section(target, "core_text.py", "amzdate")
