"""docs/telemetry.md: its numbers are those that its command prints, its names are there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4_mp.services.telemetry import Uploader

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "host_tests" / "on_target"))
PAGE = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")


@pytest.mark.targets("unix")
def test_the_wear_table_is_as_measured(target):
    words = [sys.executable, ROOT / "tools" / "spool_wear.py", "--check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    years = [int(row.split("|")[-2]) for row in re.findall(r"^\| \d+ \|.*", PAGE, re.M)]
    assert len(years) == 4 and min(years) > 20


def test_its_counters_are_counted():
    from spool_medium import Ram
    from telemetry_world import Destination, World

    from sigv4_mp.services.spool import Spool

    uploader = Uploader(Spool(Ram()), Destination(World()))
    known = set(uploader.counters) | set(uploader.spool.counters)
    rows = re.findall(r"^\|.*\| ((?:`\w+`[^|]*)+) \|$", PAGE, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) >= 9
    assert named <= known, named - known


def test_its_files_are_there():
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert len(links) >= 3
    for link in links:
        assert (ROOT / "docs" / link).resolve().is_file(), link
    for name in re.findall(r"`(test_\w+\.py)`", PAGE):
        assert (ROOT / "host_tests" / name).is_file(), name
