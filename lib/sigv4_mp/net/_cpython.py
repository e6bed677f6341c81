"""Sockets and TLS on CPython, with the same manners as _micropython.py."""

import select
import socket
import ssl
import time
from errno import ETIMEDOUT

from ..errors import RequestError


def ticks_ms():
    """Return monotonic milliseconds, 0..2**30-1."""
    return int(time.monotonic() * 1000) & 0x3FFFFFFF


def sleep_ms(ms):
    """Wait ms milliseconds."""
    time.sleep(ms / 1000)


def tls_context(ca_data):
    """Return a context that verifies. ca_data: bytes, PEM or DER; None: the system's own CAs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # CERT_REQUIRED, check_hostname
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_data is None:
        context.load_default_certs()
        return context
    try:
        pem = b"-----BEGIN" in ca_data
        context.load_verify_locations(cadata=ca_data.decode() if pem else ca_data)
    except (ssl.SSLError, ValueError) as error:
        raise RequestError("ca_file", "holds no usable certificate (%s)" % error)
    return context


class Socket:
    """One connection. kind: SOCK_STREAM or SOCK_DGRAM. address: an entry of getaddrinfo.

    context: None for plain TCP, and for UDP.
    """

    def __init__(self, kind, address, timeout, context, host):
        self._stream = socket.socket(address[0], kind)
        try:
            self._stream.settimeout(timeout)
            self._stream.connect(address[-1])
            if kind == socket.SOCK_STREAM:
                self._stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context:
                self._stream = context.wrap_socket(self._stream, server_hostname=host)
            self._stream.setblocking(False)
        except Exception as error:
            self._stream.close()
            if isinstance(error, socket.timeout):  # it has no errno
                raise OSError(ETIMEDOUT, "no connection in time")
            raise

    def receive(self, step):
        """Return the bytes received, 0 at the end, None when there is nothing yet."""
        try:
            return self._stream.recv_into(step.buffer, step.length)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def send(self, buffer, start, end):
        """Return the bytes sent, None when nothing can be sent yet."""
        try:
            return self._stream.send(memoryview(buffer)[start:end])
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def wait(self, to_send, ms):
        """Wait at most ms. Return whether it is worth trying again."""
        read, write = ([], [self._stream]) if to_send else ([self._stream], [])
        return any(select.select(read, write, [], ms / 1000))

    def close(self):
        """Close."""
        self._stream.close()


def refused_certificate(error):
    """Return why TLS did not accept the peer's certificate, str, or None if it is not that."""
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else None
