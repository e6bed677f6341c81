"""Both shells, blocking and asyncio, over real sockets and real TLS, on each target that has them.

A small server on loopback does one thing to whoever connects; the program on the target reports
what came of it. Nothing here looks at a clock: a wait that is not bounded would hang the test.
"""

import contextlib
import errno
import json
import pathlib
import socket
import ssl
import struct
import threading

import pytest

from sigv4_mp.errors import RequestError
from sigv4_mp.net import aio, http
from tools.servers import ca

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
DEFAULTS = {}
BODY = 30000  # bytes that answer_ok wants of a PUT
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"


@pytest.fixture(scope="session", params=["ec", "rsa"])
def certificates(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls-" + request.param)
    ca.write(folder, request.param)
    return pathlib.Path(folder)


@pytest.fixture(autouse=True, params=["http", "aio"])
def shell(request, monkeypatch):
    """Every test here holds for both shells; `ask` says which."""
    monkeypatch.setitem(DEFAULTS, "shell", request.param)
    return request.param


class Server:
    """Listens on loopback and does behave(connection) to each client, in a thread of its own.

    seen: the bytes that the latest client sent. leaf: path of a certificate's stem, for TLS.
    """

    def __init__(self, behave, leaf=None, address="127.0.0.1"):
        self.behave = behave
        self.seen = bytearray()
        self.over = threading.Event()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, 0), family=family)
        self.port = self.listener.getsockname()[1]
        self.context = None
        if leaf:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain("%s.pem" % leaf, "%s-key.pem" % leaf)
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def url(self, host="localhost"):
        return "%s://%s:%d/x" % ("https" if self.context else "http", host, self.port)

    def serve(self):
        self.listener.settimeout(0.05)
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except socket.timeout:
                continue
            self.seen.clear()
            with contextlib.suppress(OSError), connection:
                connection.settimeout(60)
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                with connection:
                    self.behave(self, connection)

    def read(self, connection, count=1 << 30):
        """Read until `count` bytes have been seen, or the client closes; note them."""
        while len(self.seen) < count:
            data = connection.recv(65536)
            if not data:
                return
            self.seen += data

    def read_head(self, connection):
        while b"\r\n\r\n" not in self.seen:
            self.seen += connection.recv(1)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.listener.close()


def ask(target, *commands):
    """Run commands in one program on the target; return their outcomes."""
    text = "".join(json.dumps(dict(DEFAULTS, **command)) + "\n" for command in commands)
    done = target.run("net_http.py", stdin=text.encode(), heap="512k", timeout=120)
    assert done.code == 0, done.stderr.decode()
    return [json.loads(line) for line in done.text.splitlines()]


def one(target, url, **command):
    return ask(target, dict(command, url=url))[0]


def timed_out(outcome):
    return outcome.get("os") and outcome["errno"] == errno.ETIMEDOUT


def wait_for_the_client(server, connection):
    """Do nothing until the client goes away."""
    server.read(connection)


# ---- plain HTTP


def test_get_from_a_server_that_keeps_the_connection_open(target):
    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(OK)
        wait_for_the_client(server, connection)

    with Server(behave) as server:
        first, second = ask(target, {"url": server.url()}, {"url": server.url("127.0.0.1")})
    assert (first["status"], first["body"]) == (200, "hello")
    assert second["status"] == 200
    assert server.seen.startswith(b"GET /x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % server.port)


@pytest.mark.parametrize("pieces", [1, 3, 50])
def test_a_response_in_small_pieces(target, pieces):
    def behave(server, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.read_head(connection)
        data = (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        for at in range(0, len(data), pieces):
            connection.sendall(data[at : at + pieces])

    with Server(behave) as server:
        assert one(target, server.url())["body"] == "abcde"


def test_put_sends_every_byte(target):
    def behave(server, connection):
        server.read_head(connection)
        server.read(connection, server.seen.index(b"\r\n\r\n") + 4 + 100000)
        connection.sendall(OK)

    with Server(behave) as server:
        assert one(target, server.url(), method="PUT", length=100000)["status"] == 200
    head, _, body = bytes(server.seen).partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: 100000" in head
    expected, left = bytearray(), 100000
    while left:
        expected += bytes([65 + left % 26]) * min(left, 512)
        left -= min(left, 512)
    assert body == bytes(expected)


def test_ipv6(target):
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(Server(answer_ok, address="::1"))
        except OSError as error:
            pytest.skip("this machine has no IPv6 loopback: %s" % error)
        assert one(target, server.url("[::1]"))["status"] == 200


def answer_ok(server, connection):
    server.read_head(connection)
    if server.seen.startswith(b"PUT"):
        server.read(connection, server.seen.index(b"\r\n\r\n") + 4 + BODY)
    connection.sendall(OK)


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_refused_connection(target):
    outcome = one(target, "http://127.0.0.1:%d/" % closed_port())
    assert outcome["errno"] == errno.ECONNREFUSED


def test_all_addresses_of_a_name_are_tried(target):
    with Server(answer_ok) as server:
        addresses = [["127.0.0.1", closed_port()], ["127.0.0.1", server.port]]
        assert one(target, "http://some.name/", addresses=addresses)["status"] == 200
    outcome = one(target, "http://some.name/", addresses=[])
    assert outcome["os"]
    assert "some.name" in outcome["text"]


def test_a_name_that_does_not_exist(target):
    assert one(target, "http://no-such-host.invalid/")["os"]


# ---- faults on the way


def test_silence_is_a_timeout(target):
    with Server(wait_for_the_client) as server:
        assert timed_out(one(target, server.url(), settings={"timeout": 0.2}))


def test_silence_amid_the_response_is_a_timeout(target):
    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(OK[:-2])
        wait_for_the_client(server, connection)

    with Server(behave) as server:
        assert timed_out(one(target, server.url(), settings={"timeout": 0.2}))


def test_a_server_that_does_not_read_is_a_timeout(target):
    def behave(server, connection):
        server.over.wait(60)

    with Server(behave) as server:
        outcome = one(target, server.url(), method="PUT", length=1 << 25, settings={"timeout": 0.2})
        assert timed_out(outcome)
        server.over.set()


def test_a_server_that_drips_is_stopped_by_the_total_timeout(target):
    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not server.over.wait(0.02):
            connection.sendall(b"x")

    with Server(behave) as server:
        settings = {"timeout": 5, "total_timeout": 0.5}
        assert timed_out(one(target, server.url(), settings=settings))


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("after", [0, 10, len(OK) - 1])
def test_a_reset_is_an_error(target, after):
    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(OK[:after])
        reset(connection)

    with Server(behave) as server:
        outcome = one(target, server.url())
    assert outcome["os"] or outcome["error"] == "ProtocolError"


def test_a_close_instead_of_an_answer(target):
    with Server(lambda server, connection: server.read_head(connection)) as server:
        outcome = one(target, server.url())
    assert outcome["error"] == "ProtocolError"


@pytest.mark.parametrize("leaf", [None, "server"])
def test_a_refusal_before_the_body_is_read(target, certificates, leaf):
    """The server answers and hangs up while the body is still coming: the answer counts."""

    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(REFUSAL)
        server.over.wait(60)
        reset(connection)

    with Server(behave, leaf and certificates / leaf) as server:
        settings = {"ca_file": str(certificates / "ca.pem")}
        outcome = one(target, server.url(), method="PUT", length=1 << 25, settings=settings)
        server.over.set()
    assert (outcome.get("status"), outcome.get("body")) == (403, "no"), outcome


@pytest.mark.parametrize("leaf", [None, "server"])
def test_a_refusal_is_heard_while_sending_is_stuck(target, certificates, leaf):
    """The server has read some of the body, says no, reads no more and doesn't hang up either."""

    def behave(server, connection):
        server.read_head(connection)
        server.over.wait(0.3)  # until the client's buffers are full; right without it, too
        connection.sendall(REFUSAL)
        server.over.wait(60)

    with Server(behave, leaf and certificates / leaf) as server:
        settings = {"ca_file": str(certificates / "ca.pem")}
        outcome = one(target, server.url(), method="PUT", length=1 << 25, settings=settings)
        server.over.set()
    assert (outcome.get("status"), outcome.get("body")) == (403, "no"), outcome


# ---- one connection for many requests


def answer_all(server, connection):
    """Answer request after request on one connection; count the connections."""
    server.connections = getattr(server, "connections", 0) + 1
    server.read_head(connection)
    while server.seen:
        connection.sendall(OK)
        server.seen.clear()
        while b"\r\n\r\n" not in server.seen:
            data = connection.recv(4096)
            if not data:
                return
            server.seen += data


@pytest.mark.parametrize("leaf", [None, "server"])
def test_one_connection_serves_many_requests(target, certificates, leaf):
    settings = {"ca_file": str(certificates / "ca.pem")}
    with Server(answer_all, leaf and certificates / leaf) as server:
        outcome = one(target, server.url(), times=5, settings=settings)
        assert (outcome["status"], server.connections) == (200, 1)
        assert outcome["count"] == 5 * len("hello")
        outcome = one(target, server.url(), times=5, settings=dict(settings, keep_alive=0))
        assert (outcome["status"], server.connections) == (200, 6)


@pytest.mark.parametrize("leaf", [None, "server"])
@pytest.mark.parametrize("more", [b"", b"HTTP/1.1 408 Timeout\r\n\r\n"])
def test_a_connection_that_the_server_closed_is_not_used(target, certificates, leaf, more):
    """It says nothing of closing, and hangs up or even speaks before it does."""

    def behave(server, connection):
        server.connections = getattr(server, "connections", 0) + 1
        server.read_head(connection)
        connection.sendall(OK + more)

    with Server(behave, leaf and certificates / leaf) as server:
        settings = {"ca_file": str(certificates / "ca.pem")}
        outcome = one(target, server.url(), times=3, pause=0.1, settings=settings)
        assert (outcome.get("status"), server.connections) == (200, 3), outcome


def test_a_tls_session_is_resumed_where_the_port_can(target, certificates):
    """For a server that closes after each answer; MicroPython's `tls` has no way to resume."""
    resumed = []

    def behave(server, connection):
        resumed.append(connection.session_reused)
        server.read_head(connection)
        connection.sendall(OK.replace(b"Content", b"Connection: close\r\nContent"))
        with contextlib.suppress(OSError):
            connection.unwrap()

    with Server(behave, certificates / "server") as server:
        settings = {"ca_file": str(certificates / "ca.pem")}
        assert one(target, server.url(), times=3, settings=settings)["status"] == 200
    assert resumed == [False, target.name == "cpython", target.name == "cpython"]


# ---- TLS


def tls(target, server, certificates, **settings):
    settings = dict({"ca_file": str(certificates / "ca.pem")}, **settings)
    return one(target, server.url(), settings=settings)


def test_tls(target, certificates):
    """A CA as PEM file, DER file, data, and a bundle in which it is the second."""
    bundle = (certificates / "other-ca.pem").read_text() + (certificates / "ca.pem").read_text()
    (certificates / "bundle.pem").write_text(bundle)
    choices = [
        {"ca_file": str(certificates / "ca.pem")},
        {"ca_file": str(certificates / "ca.der")},
        {"ca_file": str(certificates / "bundle.pem")},
        {"ca_data": (certificates / "ca.pem").read_text()},
    ]
    with Server(answer_ok, certificates / "server") as server:
        commands = [{"url": server.url(), "settings": settings} for settings in choices]
        commands += [dict(command, method="PUT", length=BODY) for command in commands]
        outcomes = ask(target, *commands)
    assert [outcome.get("status") for outcome in outcomes] == [200] * 8, outcomes


@pytest.mark.parametrize("leaf", ["expired", "future", "wrong-name", "forged"])
def test_a_bad_certificate_is_refused_before_anything_is_sent(target, certificates, leaf):
    with Server(answer_ok, certificates / leaf) as server:
        outcome = tls(target, server, certificates)
    assert outcome["error"] == "ProtocolError", outcome
    assert outcome["field"] == "ca_file"
    assert "localhost" in outcome["text"]
    assert not server.seen


def test_another_ca_is_refused(target, certificates):
    with Server(answer_ok, certificates / "server") as server:
        outcome = tls(target, server, certificates, ca_file=str(certificates / "other-ca.pem"))
    assert outcome["error"] == "ProtocolError", outcome
    assert not server.seen


def test_a_name_that_the_certificate_does_not_have(target, certificates):
    """The right certificate, asked for by another name of the same machine."""
    with Server(answer_ok, certificates / "server") as server:
        command = {
            "url": "https://other.example:%d/" % server.port,
            "addresses": [["127.0.0.1", server.port]],
            "settings": {"ca_file": str(certificates / "ca.pem")},
        }
        outcome = ask(target, command)[0]
    assert outcome["error"] == "ProtocolError", outcome
    assert not server.seen


def test_without_a_ca_nobody_is_trusted(target, certificates):
    with Server(answer_ok, certificates / "server") as server:
        outcome = one(target, server.url())
    wanted = "ProtocolError" if target.name == "cpython" else "RequestError"
    assert (outcome["error"], outcome["field"]) == (wanted, "ca_file")
    assert not server.seen


def test_a_ca_file_that_is_none(target, certificates):
    for name, text in (
        ("empty", ""),
        ("text", "hello"),
        ("key", (certificates / "server-key.pem").read_text()),
    ):
        (certificates / name).write_text(text)
    with Server(answer_ok, certificates / "server") as server:
        for name in ("empty", "text", "key"):
            outcome = tls(target, server, certificates, ca_file=str(certificates / name))
            assert (outcome["error"], outcome["field"]) == ("RequestError", "ca_file"), name
        missing = tls(target, server, certificates, ca_file="not-there.pem")
        assert (missing["error"], missing["field"]) == ("RequestError", "ca_file")


def test_tls_to_a_plain_port(target, certificates):
    def behave(server, connection):
        server.read(connection, 50)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Server(behave) as server:
        settings = {"ca_file": str(certificates / "ca.pem"), "timeout": 5}
        outcome = one(target, server.url().replace("http:", "https:"), settings=settings)
    assert outcome["os"], outcome
    assert b"AKID" not in server.seen


def test_plain_to_a_tls_port(target, certificates):
    with Server(answer_ok, certificates / "server") as server:
        outcome = one(target, server.url().replace("https:", "http:"), settings={"timeout": 5})
    assert outcome["error"] == "ProtocolError" or outcome["os"], outcome


def test_a_silent_handshake_is_a_timeout(target, certificates):
    with Server(wait_for_the_client) as server:
        settings = {"ca_file": str(certificates / "ca.pem"), "timeout": 0.2}
        assert timed_out(one(target, server.url().replace("http:", "https:"), settings=settings))


def test_silence_over_tls_is_a_timeout(target, certificates):
    with Server(wait_for_the_client, certificates / "server") as server:
        assert timed_out(tls(target, server, certificates, timeout=0.5))


def test_a_whole_response_needs_no_close_notify(target, certificates):
    """Python's own ssl servers hang up without one; what has a length is complete all the same."""

    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(OK)
        connection.close()

    with Server(behave, certificates / "server") as server:
        outcomes = [tls(target, server, certificates) for _ in range(5)]
    assert [outcome.get("body") for outcome in outcomes] == ["hello"] * 5, outcomes


@pytest.mark.parametrize("notify", [True, False])
def test_an_error_without_length_is_read_to_the_end(target, certificates, notify):
    """Such a body ends with the connection, which mbedTLS says only once."""

    def behave(server, connection):
        server.read_head(connection)
        connection.sendall(b"HTTP/1.1 503 Slow\r\n\r\nhello")
        if notify:
            with contextlib.suppress(OSError):
                connection.unwrap()

    with Server(behave, certificates / "server") as server:
        outcome = tls(target, server, certificates, timeout=5)
    assert (outcome.get("status"), outcome.get("body")) == (503, "hello"), outcome


# ---- memory, settings


@pytest.mark.board
@pytest.mark.targets("unix", "unix32")
@pytest.mark.parametrize("leaf", [None, "server"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_streaming_over_a_socket_allocates_nothing(target, certificates, leaf, method, shell):
    """The heap is locked for half of the transfer: an allocation would raise MemoryError."""
    if shell == "aio":
        pytest.skip("asyncio's own tasks allocate; the blocking shell is proved")
    on_board = target.name in ("rp2040", "board")
    if on_board and (leaf or "rsa" in certificates.name):
        pytest.skip("on a board once, without TLS: its clock is not set here; see the demo")
    total = 120000 if on_board else 200000

    def behave(server, connection):
        server.read_head(connection)
        if method == "PUT":
            server.read(connection, total)
            connection.sendall(OK)
        else:
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total + bytes(total)
            )

    with Server(behave, leaf and certificates / leaf) as server:
        more = {"length": total} if method == "PUT" else {}
        settings = {"ca_file": str(certificates / "ca.pem")}
        outcome = one(target, server.url(), method=method, lock=total, settings=settings, **more)
    assert outcome.get("status") == 200, outcome
    assert outcome["locked"] > 100


@pytest.mark.parametrize("field", ["timeout", "total_timeout"])
@pytest.mark.parametrize("value", [-1, 0, 100000, "30"])
def test_settings_out_of_range(field, value, shell):
    with pytest.raises(RequestError, match=field):
        (aio.Aio if shell == "aio" else http.Http)(**{field: value})


def test_there_is_no_way_to_turn_verification_off():
    """Neither an option nor a constant of the shell says "insecure"."""
    folder = pathlib.Path(http.__file__).parent
    for name in ("shell.py", "http.py", "aio.py", "_micropython.py", "_cpython.py"):
        text = (folder / name).read_text()
        assert "CERT_NONE" not in text
        assert "check_hostname =" not in text
        assert "_create_unverified" not in text
