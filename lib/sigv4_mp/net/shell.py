"""What the shells share: sockets, TLS, time limits, and the one connection that is kept.

It knows no HTTP and no signing. A step is done in pieces that never block; http.py and aio.py only
know how to wait between them. Every wait has its limit, but for the name look-up: no port of
MicroPython lets `getaddrinfo` be interrupted.
"""

import socket
import sys
from errno import ETIMEDOUT

from ..errors import ProtocolError, RequestError
from .steps import CLOSE, TICKS, Io, const, ticks_diff

if sys.implementation.name == "micropython":
    from . import _micropython as port
else:
    from . import _cpython as port

PENDING = const(-2)
"""What a step says that can't go on yet: no result of any step."""

_MAX_AGE_MS = const(600000)  # then a name may have moved to other addresses


class Shell:
    """Does the steps of operations, one at a time, and keeps one connection.

    timeout: seconds that one step may wait: a connection to one address, the sending of one block,
    the next bytes of a response. total_timeout: seconds for a whole operation, or None.
    ca_file: path of the CA's certificate, PEM or DER. ca_data: the same as bytes. With neither,
    CPython trusts the system's CAs; MicroPython has none and refuses. A PEM file may hold several.
    keep_alive: seconds for which an idle connection is worth keeping; 0 keeps none.
    CPython keeps the TLS session, too, for a shorter handshake; MicroPython's `tls` can't.
    """

    def __init__(self, timeout=30, total_timeout=None, ca_file=None, ca_data=None, keep_alive=30):
        """The settings are the class's."""
        self._timeout_ms = _milliseconds("timeout", timeout)
        self._total_ms = 0
        if total_timeout is not None:
            self._total_ms = _milliseconds("total_timeout", total_timeout)
        self._keep_ms = _milliseconds("keep_alive", keep_alive) if keep_alive else 0
        self._ca_file = ca_file
        self._ca_data = ca_data
        self._context = None
        self._socket = None
        self._peer = (None, "", 0, None)  # scheme, host, port, identity
        self._kept = False
        self._session = None
        self._addresses = None  # still to be tried
        self._probe = Io().recv(bytearray(1), 1)
        self._began = 0  # ticks: of the step, of the operation, of the connection, when it was kept
        self._started = self._opened = self._idle = 0
        self._wants = self._ms = self._ready = self._sent = 0  # of the step that is pending
        self._steps = (
            self._connect,
            self._send,
            self._recv,
            self._recv_now,
            self._end,
            self._sleep,
            self._ticks,
            self._look,
        )

    def close(self):
        """Close the kept connection. The shell stays usable."""
        self._kept = False
        if self._socket:
            self._socket.close()
            self._socket = None

    def limit_ms(self, total_ms):
        """Bound every operation from now on to total_ms, 0 for none. Return the bound before."""
        before = self._total_ms
        self._total_ms = total_ms
        return before

    def _start(self):
        self._started = port.ticks_ms()

    def _finish(self):
        if not self._kept:
            self.close()

    def _begin(self, step):
        """Do as much of a step as can be done at once; return its result, or PENDING.

        PENDING: wait up to _ms milliseconds for what _wants says, or with 0 for the time itself;
        note in _ready what came of it; then call _steps[step.op] again.
        """
        self._began = port.ticks_ms()
        self._ready = 0
        self._sent = step.start
        self._addresses = None
        if step.op != CLOSE and step.op != TICKS:
            self._left()  # a peer that never lets us wait must not outlast total_timeout
        return self._steps[step.op](step)

    def _pending(self, wants):
        self._wants = wants
        self._ms = self._left()
        return PENDING

    def _left(self):
        """Return the milliseconds that this step may still take. Raises: OSError(ETIMEDOUT)."""
        now = port.ticks_ms()
        left = self._timeout_ms - ticks_diff(now, self._began)
        if self._total_ms:
            left = min(left, self._total_ms - ticks_diff(now, self._started))
        if left <= 0:
            text = "%s took too long; see timeout, total_timeout" % self._peer[1]
            raise OSError(ETIMEDOUT, text)
        return left

    def _connect(self, step):
        if self._addresses is None:
            if self._reusable(step):
                self._kept = False
                return True
            self._addresses = [step.address] if step.address else list(self._resolve(step))
            self._error = OSError(ETIMEDOUT, "no address for " + step.host)
        while True:
            try:
                if not self._socket:
                    if not self._addresses:
                        self._fail(self._error)
                    self._open(step)
                if self._socket.opened():
                    self._opened = port.ticks_ms()
                    return False
                return self._pending(self._socket.wants)
            except (OSError, ValueError) as error:
                self.close()
                self._error = error
                if not self._addresses or port.refused_certificate(error) is not None:
                    self._fail(error)

    def _resolve(self, step):
        kind = socket.SOCK_DGRAM if step.scheme == "udp" else socket.SOCK_STREAM
        return socket.getaddrinfo(step.host, step.port, 0, kind)

    def _open(self, step):
        """Start to connect to the next address."""
        context = self._tls(step.identity) if step.scheme == "https" else None
        kind = socket.SOCK_DGRAM if step.scheme == "udp" else socket.SOCK_STREAM
        self._began = port.ticks_ms()
        address = self._addresses.pop(0)
        session = None if step.identity else self._session  # it belongs to its context
        self._socket = port.Socket(kind, address, context, step.host, session)

    def _reusable(self, step):
        """Return whether the kept connection will do; close it if not."""
        peer = (step.scheme, step.host, step.port, step.identity)
        if self._kept and peer == self._peer and self._alive():
            return True
        self.close()
        if peer != self._peer:
            self._session = None
        self._peer = peer
        return False

    def _alive(self):
        """Return whether the kept connection is young enough, and the peer has not spoken since."""
        now = port.ticks_ms()
        idle = ticks_diff(now, self._idle)
        if not 0 <= idle < self._keep_ms or not 0 <= ticks_diff(now, self._opened) < _MAX_AGE_MS:
            return False
        try:
            return self._socket.receive(self._probe) is None
        except (OSError, ValueError):
            return False

    def _tls(self, identity):
        if self._context and not identity:
            return self._context
        data = self._ca_data
        if data is None and self._ca_file is not None:
            try:
                with open(self._ca_file, "rb") as file:
                    data = file.read()
            except OSError as error:  # not the network's: it would be tried again
                raise RequestError("ca_file", "can't be read (%s)" % error)
        context = port.tls_context(data)
        if identity:  # not kept: a private key is in RAM no longer than its connection
            identity.load_into(context)
        else:
            self._context = context
        return context

    def _send(self, step):
        if self._ready == port.READ and step.listen:
            return self._sent
        try:
            while self._sent < step.length:
                count = self._socket.send(step.buffer, self._sent, step.length)
                if not count:
                    return self._pending(port.READ | port.WRITE if step.listen else port.WRITE)
                self._sent += count
        except ValueError as error:
            self._fail(error)
        return self._sent

    def _recv(self, step):
        count = self._socket.receive(step)
        return self._pending(port.READ) if count is None else count

    def _recv_now(self, step):
        count = self._socket.receive(step)
        return -1 if count is None else count

    def _end(self, step):
        if self._socket:
            self._session = self._socket.session()
        self._kept = bool(step.keep and self._keep_ms and self._socket)
        if not self._kept:
            self.close()
        self._idle = port.ticks_ms()

    def _sleep(self, step):
        now = port.ticks_ms()
        self._wants = 0
        self._ms = step.ms - ticks_diff(now, self._began)
        if self._ms <= 0:
            return None
        if self._total_ms and self._ms > self._total_ms - ticks_diff(now, self._started):
            raise OSError(ETIMEDOUT, "total_timeout leaves no time to wait")
        return PENDING

    def _ticks(self, _):
        return port.ticks_ms()

    def _look(self, step):
        return [(port.numeric(address), address) for address in self._resolve(step)]

    def _fail(self, error):
        why = port.refused_certificate(error)
        if why is None:
            raise error
        text = "certificate of %s not accepted: %s; check name, CA and clock" % (
            self._peer[1],
            why,
        )
        raise ProtocolError(text, "ca_file")


def _milliseconds(field, seconds):
    if not isinstance(seconds, (int, float)) or not 0 < seconds <= 86400:
        raise RequestError(field, "must be above 0 and at most 86400 seconds")
    return int(seconds * 1000) or 1
