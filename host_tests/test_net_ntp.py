"""An SNTP round: against a script, and against chrony, which sets a clock that signs.

test_e2e_ntp.py judges the time that it gives.
"""

import socket

import pytest

from core import section

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


def test_rounds(target):
    assert section(target, "core_ntp.py", "rounds")


@pytest.mark.board
def test_chrony_sets_the_clock(target, ntp):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))  # takes packets, and never answers
        ports = [ntp.port, silent.getsockname()[1]]
        target.run("core_ntp_server.py", ports, heap="512k").check()
