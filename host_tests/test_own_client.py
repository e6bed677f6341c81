"""own_client on every interpreter: what is refused, handed over, and found in what was sent."""

import pytest

from core import section


@pytest.mark.parametrize("part", ["handed_over", "refused", "sent", "sent_with_tokens"])
def test_own_client(target, part):
    assert section(target, "edge_own_client.py", part)
