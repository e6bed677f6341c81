"""clock.sync over real UDP and TLS, both shells, against servers of bad character and chrony.

Each answer is judged by the machine's clock: a signature lies within a minute of it, or there is
none. (Two hostile servers that collude are test_net_clock.py's; here they meet a real TLS server.)
"""

import calendar
import time

import pytest

from e2e_tools import ask
from hostile_ntp import HostileNtp
from tools.servers.ntp import Ntp

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")
SHELLS = ["http", "aio"]
DROPPED = [  # for these, the client goes on listening until its time is up
    "guessed",
    "mode3",
    "mode5",
    "mode1",
    "version3",
    "version0",
    "short",
    "empty",
    "silent",
]
REFUSED = [  # the server's own word: no use to wait for a better one
    "deny",
    "rstr",
    "rate",
    "kiss",
    "leap3",
    "stratum0",
    "stratum16",
    "zero",
    "backwards",
    "delay",
    "dispersion",
]


def sync(target, shell, *lines):
    """Run syncs in one program; return the answers, each checked: a sound signature, or none."""
    # The checks' own program beside all of the library, as .mpy.
    told = ask(target, "time_client", [dict(line, shell=shell) for line in lines], heap="256k")
    for answer in told:
        if "amz_date" in answer:
            signed = calendar.timegm(time.strptime(answer["amz_date"], "%Y%m%dT%H%M%SZ"))
            assert abs(signed - time.time()) < 300, answer
    return told


@pytest.mark.parametrize("shell", SHELLS)
def test_liars(target, shell):
    with HostileNtp("honest", "hour", "honest", "back", "years") as server:
        a, hour, b, back, years = server.names
        outvoted, two, three, alone, floor = sync(
            target,
            shell,
            {"servers": [a, hour, b]},
            {"servers": [a, back], "forget": True},
            {"servers": [a, back, hour], "forget": True},
            {"servers": [a], "agreeing": 1, "forget": True},
            {"servers": [years], "agreeing": 1},
        )
    assert sorted(outvoted["agreed"]) == sorted([a, b])
    assert outvoted["false"] == [hour]
    assert outvoted["amz_date"]
    assert two["error"] == three["error"] == "ClockDisagreement"
    assert back in two["text"]
    assert hour in three["text"]
    assert two["unsigned"] == three["unsigned"] == floor["unsigned"] == "ClockNotSet"
    assert alone["amz_date"]
    assert floor["error"] == "ClockRollback"


@pytest.mark.parametrize("shell", SHELLS)
def test_bad_packets(target, shell):
    """All of them in one round with two honest servers; nobody but the honest ones is counted."""
    bad = DROPPED + REFUSED
    with HostileNtp("honest", "honest", *bad) as server:
        (told,) = sync(target, shell, {"servers": server.names, "timeout_ms": 500})
    assert sorted(told["agreed"]) == sorted(server.names[:2]), told
    assert told["false"] == []
    assert len(told["failures"]) == len(bad)
    assert told["amz_date"]


def test_a_second_round(target):
    """15 s later: who sent us away is left alone, and what was recorded before is no answer.

    CPython waits these 15 s, the others 2 s: it is the same number that they wait for.
    """
    least_ms = 15000 if target.name == "cpython" else 2000
    bad = ["deny", "rstr", "rate", "kiss", "replay"]
    with HostileNtp("honest", "honest", *bad) as server:
        line = {"servers": server.names, "timeout_ms": 500, "least_ms": least_ms}
        began = time.monotonic()
        first, again = sync(target, "http", line, line)
        assert time.monotonic() - began >= least_ms / 1000
        counts = [server.asked[name] for name in server.names]
    assert first["false"] == server.names[-1:]  # it was its own packet then, an hour off
    assert again["false"] == []
    assert counts == [2, 2, 1, 1, 1, 2, 2]
    assert len([text for text in again["failures"] if "not asked" in text]) == 3
    assert sorted(again["agreed"]) == sorted(server.names[:2])


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("character", ["long", "glued", "flood", "spoof", "slow"])
def test_the_true_answer_is_taken(target, shell, character):
    with HostileNtp(character) as server:
        (told,) = sync(target, shell, {"servers": server.names, "agreeing": 1})
    assert told.get("amz_date"), told
    late = {"flood": 300, "slow": 700}.get(character, 0)
    assert told["uncertainty_ms"] >= late, told


@pytest.mark.parametrize("shell", SHELLS)
def test_ipv6(target, shell):
    with HostileNtp("honest", "hour", "honest", address="::1") as server:
        (told,) = sync(target, shell, {"servers": server.names})
    assert told["false"] == [server.names[1]]
    assert told["amz_date"]


@pytest.mark.parametrize("shell", SHELLS)
def test_colluders_meet_a_verified_date(target, shell, swift):
    with HostileNtp("hour", "hour", "honest", "honest") as server:
        trust = {"tls": swift.https_url, "ca_file": str(swift.ca_file)}
        other = {"tls": swift.https_url, "ca_file": str(swift.ca_file).replace("ca.", "other-ca.")}
        caught, good, stranger = sync(
            target,
            shell,
            dict(trust, servers=server.names[:3]),
            dict(trust, servers=server.names[2:], forget=True),
            dict(other, servers=server.names[2:], forget=True),
        )
    assert caught["error"] == "ClockDisagreement"
    assert "3600 s off" in caught["text"] or "3599 s off" in caught["text"], caught
    assert caught["unsigned"] == "ClockNotSet"
    assert good["checked"]
    assert good["amz_date"]
    assert stranger["error"] == "ProtocolError"
    assert stranger["unsigned"] == "ClockNotSet"


@pytest.mark.parametrize("shell", SHELLS)
def test_chrony(target, shell, ntp):
    """Three real servers, one of them 20 minutes fast; then two that agree and one that drifts."""
    with Ntp() as second, Ntp(offset_s=1200) as fast:
        names = ["%s:%d" % (server.address, server.port) for server in (ntp, fast, second)]
        outvoted, torn = sync(
            target, shell, {"servers": names}, {"servers": names[:2], "forget": True}
        )
    assert sorted(outvoted["agreed"]) == sorted([names[0], names[2]])
    assert outvoted["false"] == [names[1]]
    assert outvoted["uncertainty_ms"] < 1000
    assert torn["error"] == "ClockDisagreement"
    assert any(text in torn["text"] for text in ("1199 s", "1200 s", "1201 s")), torn
