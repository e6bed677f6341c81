"""The Authorization header, and the headers that signing adds."""

from core import section


def test_header_auth(target):
    assert section(target, "core_sealed.py", "header_auth")
