"""SNTP: what we ask, and every check that an answer must pass (RFC 4330 §5, RFC 8633)."""

import pytest

from core import section

PARTS = ("sntp_requests", "sntp_answers", "sntp_strangers", "sntp_refusals")


@pytest.mark.parametrize("part", PARTS)
def test_device_sntp(target, part):
    assert section(target, "core_device.py", part)
