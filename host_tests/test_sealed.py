"""What a sealed request says and sends, and that it does not outlive the next sealing."""

import pytest

from core import section

PARTS = ("stale", "what_is_sent")


@pytest.mark.parametrize("part", PARTS)
def test_sealed(target, part):
    assert section(target, "core_sealed.py", part)
