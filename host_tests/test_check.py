"""SealedRequest.check(): every flipped bit, everything added, everything stale; everywhere."""

import pytest

from core import section

PARTS = ("whole", "every_bit", "every_signed_byte", "added", "stale", "not_for_sending")


@pytest.mark.parametrize("part", PARTS)
def test_check(target, part):
    assert section(target, "core_check.py", part)
