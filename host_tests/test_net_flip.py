"""What leaves is what was signed: every byte flipped in turn, a real server never sees it all."""

import contextlib
import socket
import threading

import pytest

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


class Counter:
    """Counts connections, bytes that came, and complete requests, which it answers with 200."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.listener.getsockname()[1]
        self.over = False
        self.connections = self.bytes = self.complete = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        self.listener.settimeout(0.05)
        while not self.over:
            with contextlib.suppress(socket.timeout):
                connection, _ = self.listener.accept()
                self.connections += 1
                with contextlib.suppress(OSError), connection:
                    connection.settimeout(60)
                    self.read(connection)

    def read(self, connection):
        data = connection.recv(65536)
        seen = bytearray()
        while data:
            self.bytes += len(data)
            seen += data
            head, end, body = bytes(seen).partition(b"\r\n\r\n")
            if end and len(body) >= int(head.split(b"Content-Length:")[1].split(b"\r\n")[0]):
                self.complete += 1
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                seen.clear()
            data = connection.recv(65536)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        self.listener.close()


def test_no_flipped_byte_gets_through(target):
    with Counter() as server:
        target.run("net_flip.py", [server.port], heap="512k").check()
    assert server.complete == 1  # the control
    assert server.connections > 1000
    assert server.bytes > 0
