"""Canonical path, query and headers, piece by piece; the oracles judge the whole elsewhere."""

import pytest

from core import section

PARTS = ("canonical_forms", "signed_header_names")


@pytest.mark.parametrize("part", PARTS)
def test_canonical(target, part):
    assert section(target, "core_canonical.py", part)
