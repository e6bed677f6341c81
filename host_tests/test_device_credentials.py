"""Credentials: cached keys, scoped keys, wiping to zero, nothing shown."""

import pytest

from core import section

PARTS = ("credentials", "scoped_credentials")


@pytest.mark.parametrize("part", PARTS)
def test_device_credentials(target, part):
    assert section(target, "core_device.py", part)
