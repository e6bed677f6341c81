"""Floor 1 of credentials on every target: replies, renewal, scoped keys, the store."""

import pytest

from core import section

PARTS = (
    "json_fields",
    "json_refusals",
    "lifecycle",
    "back_off",
    "fleet",
    "deadline",
    "dropped_secret",
    "scoped_keys",
    "scoped_refusals",
    "store",
)


@pytest.mark.parametrize("part", PARTS)
def test_device_lifecycle(target, part):
    assert section(target, "core_lifecycle.py", part)
