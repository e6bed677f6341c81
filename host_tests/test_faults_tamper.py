"""What leaves is what was signed, as a proxy in front of a real server counts it.

Every byte of a head flipped between sealing and sending, every byte of a body changed between
hashing and sending: each is a TamperError, and the server never gets a complete request.
"""

import pytest

from e2e_tools import boto_client
from fault_grid import Way

pytestmark = pytest.mark.targets("cpython", "unix32")


@pytest.fixture(params=["plain", "inside-tls"])
def way(request, target, swift):
    with Way(request.param, target, swift, boto_client(swift, "s3")) as found:
        yield found


def caught(way, do, **more):
    """Run one of the client's series; return how many were tried, once all were caught."""
    answer, outer, _ = way.ask(None, do, key="tampered", attempts=4, **more)
    assert answer.get("ok"), answer
    assert answer["missed"] == []
    assert answer["caught"] == answer["tried"] == len(outer)  # and none was tried again
    assert [connection for connection in outer if connection.complete] == []
    assert answer["open"] == 0
    assert "tampered" not in way.stored_keys()
    return answer["tried"], sum(connection.sent for connection in outer)


def test_every_byte_of_a_head(way):
    tried, sent = caught(way, "flip_head")
    assert tried > 300
    assert sent == 0


def test_every_byte_of_a_body(way):
    length = 600 if way.way == "plain" else 100
    assert caught(way, "flip_body", length=length, step=1)[0] == length


def test_bytes_of_a_long_body(way):
    """What stands before the last block is on its way by then; the last is not."""
    tried, sent = caught(way, "flip_body", length=9000, step=499)
    assert tried > 15
    assert sent > 10000


def test_another_length(way):
    assert caught(way, "other_length", length=5000)[0] == 3
