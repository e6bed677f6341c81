"""Sockets and TLS on CPython, with the same manners as _micropython.py."""

import os
import select
import socket
import ssl
import time
from errno import EINPROGRESS, EWOULDBLOCK

from ..errors import RequestError

READ = 1
WRITE = 2
_WAITS = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


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
    """One connection, never blocking. wants: READ or WRITE, what `opened` waits for.

    kind: SOCK_STREAM or SOCK_DGRAM. address: an entry of getaddrinfo. session: what `session()` of
    an earlier connection to the same peer returned, or None.
    """

    def __init__(self, kind, address, context, host, session=None):
        """context: None for plain TCP, and for UDP. host: the name that its certificate must have.

        Raises: OSError.
        """
        self.wants = WRITE
        self._tls = (context, host, session) if context else None
        self._connected = self._shaken = False
        self._stream = socket.socket(address[0], kind)
        self._stream.setblocking(False)
        if kind == socket.SOCK_STREAM:
            self._stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = self._stream.connect_ex(address[-1])
        if code not in (0, EINPROGRESS, EWOULDBLOCK):
            self._stream.close()
            raise OSError(code, os.strerror(code))

    def opened(self):
        """Return whether the connection is there, TLS and all. Raises: OSError."""
        if not self._connected:
            if not self.wait(WRITE, 0):
                return False
            code = self._stream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))
            self._connected = True
            if self._tls:
                context, host, session = self._tls
                self._stream = context.wrap_socket(
                    self._stream, False, False, server_hostname=host, session=session
                )
        return not self._tls or self._shake_hands()

    def _shake_hands(self):
        try:
            self._stream.do_handshake()
            self._shaken = True
            return True
        except ssl.SSLWantReadError:
            self.wants = READ
        except ssl.SSLWantWriteError:
            self.wants = WRITE
        return False

    def session(self):
        """Return the TLS session, for a shorter handshake next time, or None."""
        return self._stream.session if self._shaken else None

    def receive(self, step):
        """Return the bytes received, 0 at the end, None when there is nothing yet."""
        try:
            return self._stream.recv_into(step.buffer, step.length)
        except _WAITS:
            return None

    def send(self, buffer, start, end):
        """Return the bytes sent, None when nothing can be sent yet."""
        try:
            return self._stream.send(memoryview(buffer)[start:end])
        except _WAITS:
            return None

    def wait(self, wants, ms):
        """Wait at most ms for READ, WRITE or READ | WRITE. Return which can be done, or 0."""
        stream = [self._stream]
        read, write, _ = select.select(
            stream if wants & READ else [], stream if wants & WRITE else [], [], ms / 1000
        )
        return (READ if read else 0) | (WRITE if write else 0)

    def close(self):
        """Close."""
        self._stream.close()


def numeric(address):
    """Return the IP address, str, of an entry of getaddrinfo."""
    return address[-1][0]


def refused_certificate(error):
    """Return why TLS did not accept the peer's certificate, str, or None if it is not that."""
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else None
