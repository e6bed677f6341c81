"""Sockets and TLS on MicroPython 1.24 or later: never blocking but in connect, nothing allocated.

Traps met here: `readinto` goes on until it has all that it is asked for; a TLS socket has no
`settimeout`, and turns the errno of the socket below negative; a certificate that is not accepted
is a ValueError, raised by the first write (the handshake runs inside it, so that it is under the
same deadline as everything else).
"""

import gc
import select
import socket
import time

from ..errors import RequestError


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
    """One connection. kind: SOCK_STREAM or SOCK_DGRAM. address: an entry of getaddrinfo.

    context: None for plain TCP, and for UDP.
    """

    def __init__(self, kind, address, timeout, context, host):
        self._raw = socket.socket(address[0], kind)
        try:
            self._raw.settimeout(timeout)
            self._raw.connect(address[-1])
            self._raw.setblocking(False)
            self._stream = self._raw
            if kind == socket.SOCK_STREAM and hasattr(socket, "TCP_NODELAY"):
                # A small body must not wait until its head is acknowledged.
                self._raw.setsockopt(6, socket.TCP_NODELAY, 1)  # 6: IPPROTO_TCP
            if context:
                gc.collect()  # mbedTLS wants some 17 KB in one piece, on rp2 from this heap
                self._stream = context.wrap_socket(
                    self._raw, server_hostname=host, do_handshake_on_connect=False
                )
            self._poller = select.poll()
            self._poller.register(self._stream, select.POLLIN)
        except Exception:
            self._raw.close()
            raise

    def receive(self, step):
        """Return the bytes received, 0 at the end, None when there is nothing yet."""
        try:
            return self._stream.readinto(step.buffer, step.least)
        except OSError as error:
            raise _plain(error)

    def send(self, buffer, start, end):
        """Return the bytes sent, None or 0 when nothing can be sent yet."""
        try:
            return self._stream.write(buffer, start, end - start)
        except OSError as error:
            raise _plain(error)

    def wait(self, to_send, ms):
        """Wait at most ms. Return whether it is worth trying again."""
        self._poller.modify(self._stream, select.POLLOUT if to_send else select.POLLIN)
        for _ in self._poller.ipoll(ms):
            return True
        return False

    def close(self):
        """Close. After a failed handshake the TLS socket no longer knows the raw one."""
        self._stream.close()
        self._raw.close()


def _plain(error):
    """Return the error with the errno that the socket below TLS had; mbedTLS's own stay."""
    return OSError(-error.errno) if -256 < error.errno < 0 else error


def refused_certificate(error):
    """Return why TLS did not accept the peer's certificate, str, or None if it is not that."""
    return str(error).strip() if isinstance(error, ValueError) else None
