"""Hashing a reader, HMAC against its definition, wiping."""

from core import section


def test_digest(target):
    assert section(target, "core_text.py", "digests")
