"""Trusted time against real services: Swift refuses what we would have refused, at the same limits;
its Date over verified TLS mends a clock, over plain HTTP it does not; MiniStack's words are read.
"""

import calendar
import json
import time

import pytest

from e2e_tools import amz_date, ask, boto_client, code_of, seal, send
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import ClockError
from sigv4_mp.net import evidence

SOCKETS = pytest.mark.targets("cpython", "unix", "unix32")
RTC, SNTP = 1, 2


@pytest.fixture(scope="session")
def bucket(swift):
    boto_client(swift, "s3").create_bucket(Bucket="clocks")
    return "clocks"


def exact_clock():
    """Return a TrustedClock that has the machine's time."""
    clock = TrustedClock()
    clock.set(int(time.time() * 1000), 100, source="the machine")
    return clock


def lets_out(date, service):
    """Return whether a clock that knows the time lets a request of that date go to a service."""
    try:
        exact_clock().check_fresh(date, service)
    except ClockError:
        return False
    return True


@pytest.mark.targets("cpython")
@pytest.mark.parametrize(
    ("shift_s", "ours", "theirs"),
    [
        (-1200, False, False),
        (-915, False, False),  # Swift's limit is 900 s, S3's own, too
        (-885, False, True),  # the 30 s between are our margin
        (-855, True, True),
        (0, True, True),
        (855, True, True),
        (885, False, True),
        (915, False, False),
        (1200, False, False),
    ],
)
def test_swift_has_the_same_limits(target, swift, bucket, shift_s, ours, theirs):
    date = amz_date(shift_s)
    line = {"do": "header", "service": "s3", "method": "GET", "url": swift.http_url + "/clocks"}
    (sealed,) = seal(target, swift, line, amz_date=date)
    assert lets_out(date, "s3") is ours
    status, text = send(swift.http_url, bytes.fromhex(sealed["head"]))
    assert (status == 200) is theirs, text
    if not theirs:
        assert code_of(text) == "RequestTimeTooSkewed"
        said = evidence.iso(text.partition("<ServerTime>")[2].partition("<")[0])
        assert said is None or abs(said[0] / 1000 - time.time()) < 60


@pytest.mark.targets("cpython")
@pytest.mark.parametrize(
    ("shift_s", "ours"), [(-315, False), (-255, True), (255, True), (315, False)]
)
def test_ministack_says_what_the_time_is(target, ministack, shift_s, ours):
    """Kinesis' 300 s; the message has the server's time in words."""
    date = amz_date(shift_s)
    line = {
        "do": "header",
        "method": "POST",
        "url": ministack.http_url + "/",
        "service": "kinesis",
        "headers": [
            ["X-Amz-Target", "Kinesis_20131202.ListStreams"],
            ["Content-Type", "application/x-amz-json-1.1"],
        ],
        "body": b"{}".hex(),
    }
    (sealed,) = seal(target, ministack, line, amz_date=date)
    assert lets_out(date, "kinesis") is ours
    status, text = send(ministack.http_url, bytes.fromhex(sealed["head"]) + b"{}")
    assert (status == 200) is ours, text
    if not ours:
        message = json.loads(text)["message"]
        unix_ms, _ = evidence.spoken(message)
        assert abs(unix_ms / 1000 - time.time()) < 60, message


def store(target, swift, *lines):
    common = {
        "region": swift.region,
        "access_key_id": swift.access_key_id,
        "secret_access_key": swift.secret_access_key,
        "bucket": "clocks",
        "ca_file": str(swift.ca_file),
        "endpoint": swift.https_url,
        "rank": RTC,
        "key": target.name,
    }
    return ask(target, "time_reseal", [dict(common, **line) for line in lines], heap="256k")


@SOCKETS
def test_a_verified_date_mends_the_clock(target, swift, bucket):
    late, early, good = store(target, swift, {"off_s": -3600}, {"off_s": 7200}, {"off_s": 0})
    for told in (late, early):
        assert told.get("stored"), told
        assert told["signed"] == 2  # once wrong, once right
        assert abs(told["off_ms"]) < 10000
        assert any("off" in text for text in told["log"]), told
    assert good["signed"] == 1


@SOCKETS
def test_what_a_date_may_not_do(target, swift, bucket):
    far, sntp, plain = store(
        target,
        swift,
        {"off_s": 2 * 86400},  # not back: that is below the floor
        {"off_s": 3600, "rank": SNTP},
        {"off_s": -3600, "endpoint": swift.http_url},
    )
    for told in (far, sntp, plain):
        assert told["error"] == "ServiceError", told
        assert told["signed"] == 1
        assert abs(told["off_ms"]) > 3000000  # it did not move
    now = time.strftime("%Y%m%dT%H", time.gmtime())
    before = time.strftime("%Y%m%dT%H", time.gmtime(time.time() - 3600))
    said = plain["text"]
    assert "the server's clock says " + now in said or calendar.timegm(time.gmtime()) % 3600 < 120
    assert "ours " + before in said or calendar.timegm(time.gmtime()) % 3600 < 120
