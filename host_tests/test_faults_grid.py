"""A fault at every 1 KiB of request and response, on a real server: nothing partial, no leak.

The default run strikes plain HTTP at every boundary and TLS at some; `make soak` all of it.
"""

import pytest

from e2e_tools import boto_client
from fault_grid import SHA256, WAYS, Way
from fault_tools import BODY
from tools.servers.fault_proxy import Fault

pytestmark = pytest.mark.targets("cpython", "unix32")
QUICK = ("reset", "fin", "short", "garbage")  # a stall costs the client's whole patience
SHELLS = ["http", "aio"]


@pytest.fixture
def way(request, target, swift):
    """A Way: the name in request.param, over the shell beside it."""
    name, shell = request.param
    with Way(name, target, swift, boto_client(swift, "s3"), shell) as found:
        yield found


def ways(*pairs):
    """Parametrize over (way, shell)."""
    return pytest.mark.parametrize("way", pairs, indirect=True, ids="-".join)


@ways(("plain", "http"))
def test_each_boundary_once(way):
    """No retry: the error that a caller sees."""
    assert way.grid(1024, attempts=1) > 200


@ways(("plain", "aio"))
def test_each_boundary_and_again(way):
    """The second connection is unharmed: what can be tried again ends well."""
    assert way.grid(1024, attempts=4, kinds=QUICK) > 150


@ways(("inside-tls", "http"), ("tls-bytes", "aio"))
def test_over_tls(way):
    assert way.grid(4096, attempts=1, kinds=QUICK) > 40


@ways(("tls-bytes", "http"))
def test_over_tls_and_again(way):
    assert way.grid(16384, attempts=6, kinds=("stall",)) > 10


@ways(("plain", "http"), ("plain", "aio"))
def test_a_download_goes_on_where_it_broke_off(way):
    """At each boundary: the next try asks for the rest, and the whole is what was promised."""
    head = way.clean["download"][1] - len(BODY)
    for at in range(1024, head + len(BODY), 1024):
        place = way.client.place("download-%d" % at)
        more = {"sha256": SHA256, "into": place, "attempts": 1}
        kind = ("reset", "fin")[at // 1024 % 2]
        answer, _, _ = way.ask(Fault(kind, "response", at), "download", **more)
        assert not answer.get("ok"), at
        answer, outer, _ = way.ask(None, "download", **more)
        assert answer.get("ok"), answer
        assert way.client.content(place) == BODY
        assert outer[0].received < head + 100 + len(BODY) - (at - head) // 2048 * 2048, at


@pytest.mark.soak
@ways(*[(way, shell) for way in WAYS for shell in SHELLS])
@pytest.mark.parametrize("attempts", [1, 6])
def test_everything(way, attempts):
    way.grid(1024, attempts, ("put", "get", "download"))
