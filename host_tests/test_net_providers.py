"""Providers and TemporaryCredentials, from scripts with no socket: on every target."""

import pytest

from core import section

PARTS = (
    "iot_request",
    "iot_replies",
    "iot_refusals",
    "times",
    "identities",
    "unsigned",
    "renewal",
    "outage",
    "first_failure",
    "single_flight",
    "refused_keys",
    "rotation",
    "chains",
    "containers",
    "on_host",
)


@pytest.mark.parametrize("part", PARTS)
def test_net_providers(target, part):
    assert section(target, "core_providers.py", part)
