"""What tests of the emulated board share: mpremote as a program, echo servers, waiting."""

import contextlib
import socket
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

from tools.servers._process import free_port

__all__ = [
    "ROOT",
    "ECHO_16K",
    "free_port",
    "mpremote",
    "printed",
    "tcp_echo",
    "udp_echo",
    "wait_for",
]
ROOT = Path(__file__).resolve().parents[1]
# Sends 16 KB to a port of the host while it reads them back, and compares hashes.
ECHO_16K = """
import emulated_net, hashlib, socket
emulated_net.up()
s = socket.socket()
s.connect(("10.0.2.2", %d))
block, out, back, left = bytearray(1024), hashlib.sha256(), hashlib.sha256(), 0
for i in range(16):
    block[0] = i
    out.update(block)
    s.write(block)
    got = 0
    while got < 1024:
        part = s.recv(1024 - got)
        back.update(part)
        got += len(part)
s.close()
print("echoed", out.digest() == back.digest())
"""


def mpremote(emulator, *words, gone=False, timeout=300):
    """Run mpremote on a board; return what it printed (str).

    gone: the board is expected to vanish under it, and its exit code means nothing.
    """
    command = [sys.executable, "-m", "mpremote", "connect", emulator.address, *map(str, words)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
    )
    if done.returncode and not gone:
        raise AssertionError("%s\n%s%s" % (words, done.stdout, done.stderr[-3000:]))
    return done.stdout


def printed(emulator):
    """Return what the board said so far to nobody (str), up to its last prompt."""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=60) as connection:
        text = b""
        while not text.endswith(b">>> "):
            text += connection.recv(4096)
    return text.decode()


def wait_for(emulator, event, count, limit_s=120):
    """Wait until an event happened `count` times. Raises: AssertionError with the log's end."""
    deadline = time.monotonic() + limit_s
    while len(emulator.events(event)) < count:
        assert time.monotonic() < deadline, emulator.log_tail()
        time.sleep(0.05)


class _Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            data = self.request.recv(65536)
            if not data:
                return
            self.request.sendall(data)


class _UdpEcho(socketserver.BaseRequestHandler):
    def handle(self):
        data, server = self.request
        server.sendto(data, self.client_address)


@contextlib.contextmanager
def _serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def tcp_echo():
    """Return a context manager: the port (int) of a TCP server that sends everything back."""
    return _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo))


def udp_echo():
    """Return a context manager: the port (int) of a UDP server that sends everything back."""
    return _serving(socketserver.UDPServer(("127.0.0.1", 0), _UdpEcho))
