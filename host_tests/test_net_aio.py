"""The asyncio shell beside other tasks, on each target that has sockets.

What it shares with the blocking shell is in test_net_http.py, which runs everything on both.
"""

import contextlib
import pathlib
import socket
import ssl
import threading

import pytest

from tools.servers import ca

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def answer(connection):
    """Answer requests until the client goes away; those for /silent never."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
        head, _, data = data.partition(b"\r\n\r\n")
        left = 0
        if b"Content-Length:" in head:
            left = int(head.split(b"Content-Length:")[1].split(b"\r\n")[0]) - len(data)
            data = b""
        while left > 0:
            more = connection.recv(min(left, 65536))
            if not more:
                return
            left -= len(more)
        if b" /silent" in head:
            connection.recv(1)
            return
        connection.sendall(OK)


class Server:
    """Answers each connection in a thread of its own."""

    def __init__(self, context=None):
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.over = False
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        self.listener.settimeout(0.05)
        while not self.over:
            with contextlib.suppress(socket.timeout):
                connection, _ = self.listener.accept()
                threading.Thread(target=self.one, args=(connection,), daemon=True).start()
        self.listener.close()

    def one(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(60)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                answer(connection)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return (port, TLS port, CA file) of a server that both are served by."""
    folder = pathlib.Path(tmp_path_factory.mktemp("aio"))
    ca.write(folder, "ec")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    plain, tls = Server(), Server(context)
    yield plain.port, tls.port, str(folder / "ca.pem")
    plain.over = tls.over = True


def test_on_target(target, place, ntp, capsys):
    done = target.run("net_aio.py", [*place, ntp.port], heap="512k", timeout=120).check()
    with capsys.disabled():
        for line in done.text.splitlines():
            if line.startswith("stall "):
                print("\n%s: longest %s" % (target.name, line), end="")
