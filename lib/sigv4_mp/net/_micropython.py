"""Sockets and TLS on MicroPython 1.24 or later: never blocking, nothing allocated.

Traps met here: `readinto` goes on until it has all that it is asked for; a TLS socket has no
`settimeout`, and turns the errno of the socket below negative; a certificate that is not accepted
is a ValueError, raised by the first write (the handshake runs inside it, so that it is under the
same deadline as everything else).
"""

import gc
import select
import socket
import sys
import time
from errno import EAGAIN, ECONNREFUSED, EINPROGRESS

from ..errors import RequestError
from .steps import const

# The unix port does not name it; on Linux it is 1 as well.
_NODELAY = getattr(socket, "TCP_NODELAY", 1 if sys.platform == "linux" else 0)

READ = const(1)
WRITE = const(2)


def ticks_ms():
    """Return monotonic milliseconds, 0..2**30-1."""
    return time.ticks_ms()


def sleep_ms(ms):
    """Wait ms milliseconds."""
    time.sleep_ms(ms)


def tls_context(ca_data):
    """Return a context that verifies. ca_data: bytes, PEM or DER; None raises RequestError."""
    if ca_data is None:
        text = "is needed: this port has no CA certificates of its own; name a PEM or DER file"
        raise RequestError("ca_file", text)
    import tls  # some ports have none

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED
    try:
        context.load_verify_locations(ca_data)
    except ValueError as error:
        raise RequestError("ca_file", "holds no usable certificate (%s)" % error)
    return context


class Socket:
    """One connection, never blocking. wants: READ or WRITE, what `opened` waits for.

    kind: SOCK_STREAM or SOCK_DGRAM. address: an entry of getaddrinfo.
    """

    def __init__(self, kind, address, context, host, session=None):
        """context: None for plain TCP, and for UDP. host: the name that its certificate must have.

        session: not used; MicroPython's `tls` has no way to resume one. Raises: OSError.
        """
        self.wants = WRITE
        self._address = address[-1]
        self._context = context
        self._host = host
        self._raw = self._stream = socket.socket(address[0], kind)
        self._packets = kind == socket.SOCK_DGRAM
        self._poller = select.poll()
        try:
            self._raw.setblocking(False)
            if kind == socket.SOCK_STREAM and _NODELAY:
                # A small body must not wait, 40 ms on Linux, until its head is acknowledged.
                self._raw.setsockopt(6, _NODELAY, 1)  # 6: IPPROTO_TCP
            self._poller.register(self._raw, select.POLLOUT)
            self._raw.connect(self._address)
        except OSError as error:
            if error.errno != EINPROGRESS:
                self._raw.close()
                raise

    def opened(self):
        """Return whether the connection is there. Raises: OSError.

        Not yet TLS: its handshake runs inside the first send.
        """
        for _, flags in self._poller.ipoll(0):
            if flags & (select.POLLERR | select.POLLHUP):
                self._raw.connect(self._address)  # says what went wrong
                raise OSError(ECONNREFUSED)
            if self._context:
                self._poller.unregister(self._raw)
                gc.collect()  # mbedTLS wants some 17 KB in one piece, on rp2 from this heap
                self._stream = self._context.wrap_socket(
                    self._raw, server_hostname=self._host, do_handshake_on_connect=False
                )
                self._poller.register(self._stream, select.POLLIN)
            return True
        return False

    def session(self):
        """Return None: sessions can't be resumed."""

    def receive(self, step):
        """Return the bytes received, 0 at the end, None when there is nothing yet."""
        if self._packets:
            return self._packet(step)
        try:
            return self._stream.readinto(step.buffer, step.least)
        except OSError as error:
            raise _plain(error)

    def _packet(self, step):
        """`readinto` would go on with the next packet where one is short, and lose its rest."""
        try:
            packet = self._raw.recv(step.length)
        except OSError as error:
            if error.errno == EAGAIN:
                return None
            raise
        step.buffer[: len(packet)] = packet
        return len(packet)

    def send(self, buffer, start, end):
        """Return the bytes sent, None or 0 when nothing can be sent yet."""
        try:
            return self._stream.write(buffer, start, end - start)
        except OSError as error:
            raise _plain(error)

    def wait(self, wants, ms):
        """Wait at most ms for READ, WRITE or READ | WRITE. Return which can be done, or 0."""
        flags = select.POLLIN if wants & READ else 0
        if wants & WRITE:
            flags |= select.POLLOUT
        self._poller.modify(self._stream, flags)
        for _, flags in self._poller.ipoll(ms):
            # An error is found by whoever tries.
            return wants if flags & ~(select.POLLIN | select.POLLOUT) else _ready(flags)
        return 0

    def close(self):
        """Close. After a failed handshake the TLS socket no longer knows the raw one."""
        self._stream.close()
        self._raw.close()


def numeric(address):
    """Return the IP address, str, of an entry of getaddrinfo."""
    where = address[-1]
    if isinstance(where, tuple):
        return where[0]
    return socket.inet_ntop(address[0], socket.sockaddr(where)[1])  # the unix port's is packed


def _ready(flags):
    return (READ if flags & select.POLLIN else 0) | (WRITE if flags & select.POLLOUT else 0)


def _plain(error):
    """Return the error with the errno that the socket below TLS had; mbedTLS's own stay."""
    return OSError(-error.errno) if -256 < error.errno < 0 else error


def refused_certificate(error):
    """Return why TLS did not accept the peer's certificate, str, or None if it is not that."""
    return str(error).strip() if isinstance(error, ValueError) else None
