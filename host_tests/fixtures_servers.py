"""Fixtures of the real servers: `swift`, `swift_rsa`, `ministack`, `ntp`; conftest.py loads them.

Each pytest process starts its own instance, the first time a test asks for it. Sharing one between
pytest-xdist workers through lock files was weighed and dropped: an instance starts in 0.05 s
(chrony), 0.5 s (MiniStack) and 0.7 s (Swift) and holds 5 to 65 MB, so nothing is won; and each dies
with the worker that started it (see tools/servers/_guard.py), whatever happens to the others.

A server that cannot start is an error with the end of its log, never a skip.
"""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tools.servers.ministack import Ministack
from tools.servers.ntp import Ntp
from tools.servers.rclone import Rclone
from tools.servers.swift import Swift

_SERVERS = ("swift", "swift_rsa", "swift_small", "ministack", "ntp", "rclone")


@pytest.fixture(scope="session")
def swift():
    """A running OpenStack Swift, certificates on P-256."""
    with Swift() as server:
        yield server


@pytest.fixture(scope="session")
def swift_rsa():
    """A second Swift: RSA 2048 certificates and another region than us-east-1."""
    with Swift(tls_key="rsa", region="eu-north-1") as server:
        yield server


@pytest.fixture(scope="session")
def ministack():
    """A running MiniStack that verifies signatures, with an IAM user and an assumed role."""
    with Ministack() as server:
        yield server


@pytest.fixture(scope="session")
def ntp():
    """A running chrony that serves the machine's time."""
    with Ntp() as server:
        yield server


@pytest.fixture(scope="session")
def second_ntp():
    """A running chrony that serves the machine's time."""
    with Ntp() as server:
        yield server


@pytest.fixture(scope="session")
def swift_small():
    """A Swift that takes parts of 64 KiB."""
    with Swift(min_segment_size=65536) as server:
        yield server


@pytest.fixture(scope="session")
def rclone():
    """A running `rclone serve s3` behind TLS."""
    with Rclone(tls=True) as server:
        yield server


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Show the end of a server's log below the failure of a test that used it."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for name in _SERVERS:
            server = getattr(item, "funcargs", {}).get(name)
            if server is not None:
                report.sections.append(("end of %s's log" % name, server.log_tail(15)))


def pytest_terminal_summary(terminalreporter):
    """Show the heap peaks that tests recorded; they come from pytest-xdist's workers as well."""
    for report in terminalreporter.stats.get("passed", ()):
        properties = dict(report.user_properties)
        if "peak_live_heap" in properties:
            words = (properties.get("target"), properties["peak_live_heap"])
            terminalreporter.write_line("peak live heap of an upload over TLS, %s: %s" % words)
