"""The checks on a payload's hash and length."""

from core import section


def test_payload(target):
    assert section(target, "core_request.py", "payload_checks")
