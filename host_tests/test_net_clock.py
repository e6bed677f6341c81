"""clock.sync under attack, in a scripted world: no signature with a time outside the tolerance."""

import pytest

from core import section

PARTS = (
    "evidence",
    "liars",
    "colluders",
    "cross_checks",
    "rtc",
    "keepers",
    "packets",
    "replays",
    "delays",
    "kisses",
    "pace",
    "outage",
)


@pytest.mark.parametrize("part", PARTS)
def test_net_clock(target, part):
    assert section(target, "time_attacks.py", part)
