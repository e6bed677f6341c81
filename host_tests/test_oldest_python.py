"""The library on the oldest CPython that it promises, 3.9, where this machine has one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BODIES = sorted((ROOT / "host_tests" / "on_target").glob("core_*.py"))
# Not those that measure MicroPython's heap, or want a server's address.
ELSEWHERE = ("core_alloc", "core_ntp_server")
ALONE = [body for body in BODIES if body.stem not in ELSEWHERE]


def oldest():
    """Return the path of a CPython 3.9, or None."""
    found = shutil.which("python3.9")
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    others = sorted(versions.glob("3.9.*/bin/python"))
    return found if found and "shims" not in found else (others[0] if others else None)


@pytest.mark.parametrize("body", ALONE, ids=lambda path: path.stem)
def test_core(body):
    python = oldest()
    if python is None:
        pytest.skip("no python3.9 on PATH or in pyenv; ruff's target-version stands in for it")
    path = os.pathsep.join((os.fspath(ROOT / "lib"), os.fspath(body.parent)))
    environment = dict(os.environ, PYTHONPATH=path)
    done = subprocess.run(
        [python, "-B", "-X", "utf8", body], env=environment, capture_output=True, check=False
    )
    last = done.stdout.decode().strip().splitlines()[-1:]
    assert done.returncode == 0, done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:]
    assert last, "the body said nothing"
    assert last[0].endswith(", 0 failed"), last
