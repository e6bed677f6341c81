"""A request taken apart: hosts and ports, queries, headers, what is refused."""

import pytest

from core import section

PARTS = ("hosts", "queries", "headers", "methods_and_targets")


@pytest.mark.parametrize("part", PARTS)
def test_request(target, part):
    assert section(target, "core_request.py", part)
