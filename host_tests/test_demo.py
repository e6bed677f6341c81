"""`make demo`, smaller: it ends well on each target, and says so when it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[1] / "tools" / "demo.py"


@pytest.mark.targets("cpython", "unix", "unix32")
def test_demo(target):
    command = [sys.executable, DEMO, "--mib", "1", "--target", target.name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("1  canonical request", "4  signature", "read it back", "the same"):
        assert words in done.stdout
    if target.name == "unix32":
        assert "of 128064 bytes at most" in " ".join(done.stdout.split())


@pytest.mark.targets("rp2040")
def test_demo_on_the_emulated_board(target):
    """It boots, asks chrony, and uploads over TLS what is larger than its 264 KB of RAM."""
    command = [sys.executable, DEMO, "--board", "rp2040", "--kib", "272"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    for words in ("power off, power on", "pico clock", "4 signature", "278528 bytes of body"):
        assert words in said
    assert "over verified TLS" in said and "the same" in said
    assert said.count("pico sent 0 %") == 1  # no retry
