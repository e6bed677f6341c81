"""A prepared request, sealed again, is what a fresh one is, whatever changed since; or refused."""

import pytest

from core import section

PARTS = (
    "any_payload_after_any_other",
    "any_payload_after_a_hint",
    "days_and_clocks",
    "other_credentials",
    "after_a_failure",
    "after_a_failed_rotation",
    "what_looks_like_a_slot",
)


@pytest.mark.parametrize("part", PARTS)
def test_prepared(target, part):
    assert section(target, "core_prepared.py", part)
