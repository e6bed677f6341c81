"""Percent-encoding, each byte of it, and recoding what is encoded already."""

from core import section


def test_encode(target):
    assert section(target, "core_text.py", "encode")
