"""Which time servers are believed: intervals, majorities, names (RFC 5905 §11.2.1)."""

import pytest

from core import section


@pytest.mark.parametrize("part", ["agreement", "promise", "names"])
def test_device_agreement(target, part):
    assert section(target, "time_agreement.py", part)
