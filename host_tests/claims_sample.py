"""Tests that prove nothing, for test_security_docs.py: pytest runs none of them by itself."""

import pytest


@pytest.mark.skip(reason="late")
def test_late():
    raise AssertionError


@pytest.mark.soak
def test_long():
    assert test_late


@pytest.mark.parametrize("part", [1])
def test_part(part):
    assert part


def test_gives_up():
    pytest.skip("no")


@pytest.fixture
def absent():
    pytest.skip("not here")


def test_by_fixture(absent):
    assert absent


def test_empty():
    pass
