"""The blocking shell: drives an operation over a socket, with TLS that always verifies.

    from sigv4_mp.net import http
    http.run(s3.put_object("log.txt", "log.txt"), ca_file="ca.pem")

It knows no HTTP and no signing, only sockets, TLS and time. Every wait has its limit, but for the
name look-up: no port lets `getaddrinfo` be interrupted.
"""

import socket
import sys
from errno import ETIMEDOUT

from ..errors import ProtocolError, RequestError
from .steps import drive, ticks_diff

if sys.implementation.name == "micropython":
    from . import _micropython as port
else:
    from . import _cpython as port


class Http:
    """Drives operations, one at a time, with the same settings.

    timeout: seconds that one step may wait: a connection to one address, the sending of one block,
    the next bytes of a response. total_timeout: seconds for a whole operation, or None.
    ca_file: path of the CA's certificate, PEM or DER. ca_data: the same as bytes. With neither,
    CPython trusts the system's CAs; MicroPython has none and refuses. A PEM file may hold several.
    """

    def __init__(self, timeout=30, total_timeout=None, ca_file=None, ca_data=None):
        self._timeout_ms = _milliseconds("timeout", timeout)
        self._total_ms = 0
        if total_timeout is not None:
            self._total_ms = _milliseconds("total_timeout", total_timeout)
        self._ca_file = ca_file
        self._ca_data = ca_data
        self._context = None
        self._socket = None
        self._host = ""
        self._began = 0  # ticks: of the step, of the operation
        self._start = 0
        self._steps = (
            self._connect,
            self._send,
            self._recv,
            self._recv_now,
            self._close,
            self._sleep,
            self._ticks,
        )

    def run(self, operation):
        """Run an operation (a generator, such as s3.put_object(...)) and return its result.

        Raises: what the operation raises; OSError when the network fails or is too slow
        (ETIMEDOUT); ProtocolError when the certificate is not accepted. No connection stays open.
        """
        self._start = port.ticks_ms()
        try:
            return drive(operation, self._perform)
        finally:
            self._close(None)

    def iterate(self, listing):
        """Yield the entries of a listing (s3.list_objects_v2(...)), fetching page after page."""
        while not listing.finished:
            yield from self.run(listing.next_page())

    def _perform(self, step):
        self._began = port.ticks_ms()
        return self._steps[step.op](step)

    def _connect(self, step):
        self._close(None)
        self._host = step.host
        context = self._tls() if step.scheme == "https" else None
        kind = socket.SOCK_DGRAM if step.scheme == "udp" else socket.SOCK_STREAM
        error = OSError(ETIMEDOUT, "no address for " + step.host)
        for address in socket.getaddrinfo(step.host, step.port, 0, kind):
            self._began = port.ticks_ms()
            try:
                self._socket = port.Socket(kind, address, self._left() / 1000, context, step.host)
                return
            except (OSError, ValueError) as failed:
                error = failed
                if port.refused_certificate(failed) is not None:
                    break
        self._fail(error)

    def _tls(self):
        if self._context is None:
            data = self._ca_data
            if data is None and self._ca_file is not None:
                with open(self._ca_file, "rb") as file:
                    data = file.read()
            self._context = port.tls_context(data)
        return self._context

    def _send(self, step):
        sent = 0
        try:
            while sent < step.length:
                count = self._socket.send(step.buffer, sent, step.length)
                if count:
                    sent += count
                else:
                    self._wait(True)
        except (OSError, ValueError) as error:
            self._fail(error)

    def _recv(self, step):
        count = self._socket.receive(step)
        while count is None:
            self._wait(False)
            count = self._socket.receive(step)
        return count

    def _recv_now(self, step):
        count = self._socket.receive(step)
        return -1 if count is None else count

    def _close(self, _):
        if self._socket:
            self._socket.close()
            self._socket = None

    def _sleep(self, step):
        if step.ms:
            port.sleep_ms(step.ms)

    def _ticks(self, _):
        return port.ticks_ms()

    def _left(self):
        """Return the milliseconds that this step may still take. Raises: OSError(ETIMEDOUT)."""
        now = port.ticks_ms()
        left = self._timeout_ms - ticks_diff(now, self._began)
        if self._total_ms:
            left = min(left, self._total_ms - ticks_diff(now, self._start))
        if left <= 0:
            raise OSError(ETIMEDOUT, self._host + " took too long; see timeout, total_timeout")
        return left

    def _wait(self, to_send):
        while not self._socket.wait(to_send, self._left()):
            pass

    def _fail(self, error):
        why = port.refused_certificate(error)
        if why is None:
            raise error
        text = "certificate of %s not accepted: %s; check name, CA and clock" % (self._host, why)
        raise ProtocolError(text, "ca_file")


def _milliseconds(field, seconds):
    if not isinstance(seconds, (int, float)) or not 0 < seconds <= 86400:
        raise RequestError(field, "must be above 0 and at most 86400 seconds")
    return int(seconds * 1000) or 1


def run(operation, **settings):
    """Run one operation with a shell of its own; settings as for Http."""
    return Http(**settings).run(operation)


def iterate(listing, **settings):
    """Yield the entries of a listing; settings as for Http."""
    return Http(**settings).iterate(listing)
