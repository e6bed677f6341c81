"""What servers say about the time, parsed; test_net_hearing.py: what an exchange makes of it."""

import pytest

from core import section


@pytest.mark.parametrize("part", ["words", "answers"])
def test_net_evidence(target, part):
    assert section(target, "time_agreement.py", part)
