"""What a request says of its body, by length and hash, and which headers are signed."""

import pytest

from core import section

PARTS = ("content_length", "declared_hash", "hop_headers", "sign_only", "in_region")


@pytest.mark.parametrize("part", PARTS)
def test_commitment(target, part):
    assert section(target, "core_commitment.py", part)
