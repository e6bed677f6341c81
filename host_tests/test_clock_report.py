"""docs/clock.svg is what tools/clock_report.py draws, and what it shows is true."""

import json
import re
import subprocess
import sys

import pytest

from targets import ROOT
from tools import clock_report

NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture(scope="module")
def drawn():
    """Return [(device, samples, events)] of the docs' devices."""
    return [(device, *clock_report.simulate(device)) for device in clock_report.DOCS]


def holds_truth(one):
    return one["earliest"] <= 0 <= one["latest"]


def stops(samples, name):
    """Return the days when signing for a service stopped."""
    return [first for first, _, why in clock_report.spans(samples, name) if why]


def test_within_the_budget_the_truth_is_in_the_interval(drawn):
    for at in (0, 2):
        _, samples, _ = drawn[at]
        assert len(samples) > 100 and all(map(holds_truth, samples[1:]))


def test_the_crystal_signs_through_five_weeks_without_network(drawn):
    _, samples, _ = drawn[0]
    (day,) = stops(samples, "most others")
    # 269.5 s at 100 ppm are 31.2 days, counted from a sync up to 8 hours before the outage.
    assert 36.8 < day < 37.3 and not stops(samples, "S3")
    why = next(one["most others"] for one in samples if one["day"] == day)
    assert "the time may be 271 s off" in why and "ask SNTP" in why


def test_a_broken_budget_is_found_by_the_next_sync(drawn):
    device, samples, events = drawn[1]
    wrong = [one["day"] for one in samples if not holds_truth(one)]
    assert 8 < min(wrong) and max(wrong) < 10.5
    (report,) = [(day, text) for day, text in events if "over its budget of 100 ppm" in text]
    assert max(wrong) <= report[0] < max(wrong) + device.sync_hours / 24


def test_a_sleeper_stops_for_most_before_it_stops_for_s3(drawn):
    _, samples, _ = drawn[2]
    others, s3 = stops(samples, "most others"), stops(samples, "S3")
    assert len(others) == 3 and len(s3) == 1
    assert others[1] < s3[0]
    for one in samples:  # and no date was ever outside the tolerance
        for name, _, tolerance in clock_report.SERVICES:
            if one[name] is None:
                assert abs(one["earliest"] + one["latest"]) / 2 < tolerance


def test_the_picture_in_the_docs_is_what_is_drawn(tmp_path):
    clock_report.main(["--out", str(tmp_path / "clock.svg")])
    old, new = (path.read_text() for path in (clock_report.PICTURE, tmp_path / "clock.svg"))
    assert len(new) < 200_000
    # The same up to the last digits, which may depend on the machine's floating point.
    assert NUMBER.sub("#", old) == NUMBER.sub("#", new), "run tools/clock_report.py"
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new))
    assert all(abs(float(a) - float(b)) < 0.01 for a, b in pairs), "run tools/clock_report.py"


def test_a_device_of_ones_own(tmp_path):
    out = tmp_path / "own.png"
    words = ["--days", "4", "--sleep", "10/20", "--asleep-ppm", "-30000", "--sync-hours", "2"]
    tool = [sys.executable, ROOT / "tools" / "clock_report.py", *words, "--outage", "1:2"]
    subprocess.run([*tool, "--out", out], check=True, capture_output=True)
    assert out.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    told = subprocess.run([*tool, "--numbers"], check=True, capture_output=True, text=True)
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert "device" in rows[0] and any(row.get("S3") for row in rows)
    before = clock_report.PICTURE.read_bytes()
    assert subprocess.run(tool, check=False, capture_output=True).returncode == 2
    assert clock_report.PICTURE.read_bytes() == before
