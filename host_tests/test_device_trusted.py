"""The trusted clock: case by case, and in 100,000 made-up lives, each of a dozen events.

Invariant: while drift keeps to its budget and evidence is honest, the truth is in the interval.
"""

import pytest

from core import section

PARTS = (
    "evidence",
    "tolerances",
    "presigned_urls",
    "freshness",
    "ticks_wrap",
    "two_sources",
    "drifting",
    "agreement_in_parts",
    "floors",
    "years",
    "port_defaults",
)
LIVES = 25000  # a share; the shares run side by side


@pytest.mark.parametrize("part", PARTS)
def test_device_trusted(target, part):
    assert section(target, "clock_cases.py", part)


@pytest.mark.targets("cpython")
@pytest.mark.parametrize("share", range(4))
def test_hundred_thousand_lives(target, share):
    result = target.run("clock_histories.py", [1 + share * LIVES, LIVES]).check()
    assert "ok %d honest lives keep the rule" % LIVES in result.text


@pytest.mark.targets("unix", "unix32", "wasm", "wasm-preview")
def test_the_same_lives_on_small_ints(target):
    target.run("clock_histories.py", [1, 500], heap="512k").check()
