"""What an exchange does with the server's Date, in a script; test_time_servers.py has real ones."""

import pytest

from core import section

PARTS = ["sealed_anew", "bounds", "plain_http", "never_after_a_clock_error"]


@pytest.mark.parametrize("part", PARTS)
def test_net_hearing(target, part):
    assert section(target, "time_hearing.py", part)
