"""Evidence that contradicts: who is believed, who is outvoted, and what stops signing meanwhile."""

import pytest

from core import section

PARTS = ("disputes", "servers_words", "resumed_clock")


@pytest.mark.parametrize("part", PARTS)
def test_device_dispute(target, part):
    assert section(target, "clock_cases.py", part)
