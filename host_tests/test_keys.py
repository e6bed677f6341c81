"""Signing keys: derivation, checks of credentials, the cache, wiping."""

import pytest

from core import section

PARTS = ("derivation", "credential_checks", "signing_keys", "key_cache")


@pytest.mark.parametrize("part", PARTS)
def test_keys(target, part):
    assert section(target, "core_keys.py", part)
