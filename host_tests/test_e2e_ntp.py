"""Our SNTP query against chrony, on the target: a device's time is the server's."""

import time

import pytest

from e2e_tools import ask
from tools.servers.ntp import Ntp

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


def query(target, server):
    """Return (unix_ms, uncertainty_ms, before, after): the answer, and between when it was true."""
    before = time.time() * 1000
    (answer,) = ask(target, "e2e_ntp", [{"host": server.address, "port": server.port}])
    return answer["unix_ms"], answer["uncertainty_ms"], before, time.time() * 1000


def test_the_time_is_the_servers(target, ntp):
    now, uncertainty, before, after = query(target, ntp)
    assert before - uncertainty <= now <= after + uncertainty
    assert uncertainty > 0


@pytest.mark.parametrize("offset_s", [-1234.5, 86400.25, 20 * 365 * 86400])  # the last one: era 1
def test_the_time_is_the_servers_even_if_wrong(target, offset_s):
    with Ntp(offset_s=offset_s) as shifted:
        now, uncertainty, before, after = query(target, shifted)
    assert before - uncertainty <= now - offset_s * 1000 <= after + uncertainty
