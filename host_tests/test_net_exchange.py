"""One exchange, driven from a script with no socket: on every target, and its I/O contract."""

import ast
import io
import pathlib
import sys

import pytest

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.errors import RequestError, TamperError
from sigv4_mp.net import exchange, steps
from sigv4_mp.net.exchange import Exchange
from targets import ON_TARGET

sys.path.insert(0, str(ON_TARGET))
from net_script import Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NET = pathlib.Path(exchange.__file__).parent


def test_on_target(target):
    target.run("net_exchange.py", heap="512k").check()


@pytest.mark.board
def test_streaming_allocates_nothing(target):
    target.run("net_alloc.py", heap="512k").check()


def signer(token=None):
    return Signer(
        Credentials("AKID", "secret", token), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )


def test_what_is_sent_is_the_sealed_head():
    sealed = signer().sign("PUT", "https://h.example:8443/k", payload=b"abc")
    peer = Peer(OK)
    peer.run(Exchange().perform(sealed, io.BytesIO(b"abc")))
    assert bytes(peer.sent) == sealed.head + b"abc"
    assert peer.steps[0] == "connect https h.example 8443"


def test_a_request_sealed_again_since_is_not_sent():
    prepared = signer().prepare("GET", "https://h.example/")
    old = prepared.seal()
    prepared.seal()
    peer = Peer(OK)
    with pytest.raises(TamperError):
        peer.run(Exchange().perform(old))
    assert not peer.sent
    assert not peer.open


def test_a_session_token_never_goes_over_plain_http_by_accident():
    sealed = signer("token").sign("GET", "http://h.example/")
    peer = Peer(OK)
    with pytest.raises(RequestError, match="insecure_http"):
        peer.run(Exchange(insecure_http=True).perform(sealed))
    assert peer.steps == []


def test_an_operation_that_is_given_up_frees_its_exchange():
    """KeyboardInterrupt in the shell: nothing more is asked, and the next operation may start."""
    one = Exchange()
    sealed = signer().sign("GET", "https://h.example/")

    def interrupted(step):
        if step.op == steps.RECV:
            raise KeyboardInterrupt
        return Peer.perform(peer, step)

    peer = Peer(OK)
    with pytest.raises(KeyboardInterrupt):
        steps.drive(one.perform(sealed), interrupted)
    assert peer.steps[-1] == "send"
    assert Peer(OK).run(one.perform(sealed)).status == 200


def test_ticks_diff_wraps():
    assert steps.ticks_diff(5, (1 << 30) - 5) == 10
    assert steps.ticks_diff((1 << 30) - 5, 5) == -10


@pytest.mark.parametrize("module", ["steps", "http1", "attempt", "exchange", "retry", "body"])
def test_the_protocol_knows_no_socket_and_no_time(module):
    """What both shells share does no network I/O of its own and reads no clock."""
    tree = ast.parse((NET / (module + ".py")).read_text())
    imports = {node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)}
    assert not imports & {"socket", "ssl", "tls", "select", "time", "asyncio"}


@pytest.mark.parametrize("module", ["shell", "http", "aio", "_micropython", "_cpython"])
def test_the_shell_knows_no_http(module):
    tree = ast.parse((NET / (module + ".py")).read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not modules & {"http1", "exchange", "body", "signer"}
