"""Certificates that must be refused, and names that nobody has: at once, for good, unheard.

Four attempts are allowed and not made: another try meets the same certificate.
"""

import errno
import os

import pytest
from cryptography.hazmat.primitives import serialization

from e2e_tools import boto_client
from fault_grid import Way, outcome_of
from tools.servers import _process, ca
from tools.servers.fault_proxy import Answer, FaultProxy

pytestmark = pytest.mark.targets("cpython", "unix32")


@pytest.fixture(params=["http", "aio"])
def way(request, target, swift):
    with Way("plain", target, swift, boto_client(swift, "s3"), request.param) as found:
        yield found


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory):
    """The stem of a certificate for localhost that nobody else signed."""
    stem = tmp_path_factory.mktemp("self") / "self-signed"
    own = ca.Authority(name="localhost")
    pem = own.certificate.public_bytes(serialization.Encoding.PEM)
    stem.with_suffix(".pem").write_bytes(pem)
    stem.with_name("self-signed-key.pem").write_bytes(ca._pem(own.key))
    return str(stem)


def refused(way, leaf, **more):
    with FaultProxy(leaf=leaf) as proxy:
        proxy.script(*[Answer(b"", "head")] * 4)
        more = dict({"key": "k", "file": "body", "attempts": 4, "shell": way.shell}, **more)
        answer = way.client.ask(do="put", endpoint=proxy.url, **more)
        seen = proxy.settle()
    assert (outcome_of(answer), answer.get("field")) == ("ProtocolError", "ca_file"), answer
    assert len(seen) == 1
    assert not seen[0].heard
    assert not answer["open"]
    assert answer["slept"] == []


@pytest.mark.parametrize("leaf", ["wrong-name", "expired", "future", "forged"])
def test_a_bad_certificate(way, swift, leaf):
    refused(way, os.path.join(swift.tls_dir, leaf))


def test_a_self_signed_certificate(way, self_signed):
    refused(way, self_signed)


def test_the_wrong_ca(way, swift):
    other = os.path.join(swift.tls_dir, "other-ca.pem")
    refused(way, os.path.join(swift.tls_dir, "server"), ca_file=other)


def test_a_name_that_nobody_has(way):
    answer = way.client.ask(
        do="put",
        endpoint="http://nobody.invalid",
        key="k",
        file="body",
        shell=way.shell,
        attempts=3,
    )
    assert answer.get("os"), answer
    assert len(answer["slept"]) <= 2  # a name server may be back by then
    assert not answer["open"]


def test_nobody_listens(way):
    endpoint = "http://127.0.0.1:%d" % _process.free_port()
    answer = way.client.ask(do="get", endpoint=endpoint, key="k", into="x", shell=way.shell)
    assert answer.get("errno") == errno.ECONNREFUSED, answer
    assert not answer["open"]
