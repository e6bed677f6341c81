"""The classes of errors: whose fault, which field, what is said."""

from core import section


def test_errors(target):
    assert section(target, "core_text.py", "error_classes")
