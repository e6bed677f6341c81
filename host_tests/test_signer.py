"""The signer's own rules: by service, by option, with a scoped key."""

import pytest

from core import section

PARTS = ("signer_rules", "scoped", "empties")


@pytest.mark.parametrize("part", PARTS)
def test_signer(target, part):
    assert section(target, "core_sealed.py", part)
