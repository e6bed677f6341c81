"""Presigned URLs: parameters, payloads, refusals, and IoT's MQTT."""

import pytest

from core import section

PARTS = ("urls", "presigned_requests", "payloads", "refused_parameters", "iot")


@pytest.mark.parametrize("part", PARTS)
def test_presign(target, part):
    assert section(target, "core_presign.py", part)
