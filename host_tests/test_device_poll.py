"""When time servers are asked, and how each wants to be treated (RFC 4330 §10, RFC 8633 §3)."""

import pytest

from core import section


@pytest.mark.parametrize("part", ["manners", "polls"])
def test_device_poll(target, part):
    assert section(target, "time_agreement.py", part)
