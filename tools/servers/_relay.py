"""Passes bytes both ways between a client and a server, and breaks one direction at one byte."""

import select
import socket
import struct
import time

PATIENCE_S = 60  # nothing waits longer, whatever a client does
_BLOCK = 65536


class Relay:
    """One connection's two directions, in one thread: a TLS socket must not be used from two.

    connection: see fault_proxy.Connection; its counters are kept here. fault: a fault_proxy.Fault.
    """

    def __init__(self, connection, server, fault):
        self._connection, self._server, self._fault = connection, server, fault
        self._client = connection.client
        self._passed = {"request": 0, "response": 0}
        self._spoil = 0  # bytes still to be made garbage of
        self._single = 0  # bytes still to go one by one

    def run(self):
        """Relay until one side closes or the fault ends it."""
        while True:
            for where in self._ready():
                if not self._pass(where):
                    return

    def _ready(self):
        """Return the directions that have bytes, or an end, to pass on."""
        if getattr(self._client, "pending", int)():  # TLS has decrypted more than was asked for
            return ["request"]
        found = select.select([self._client, self._server], [], [], PATIENCE_S)[0]
        if not found:
            raise TimeoutError("nothing came from either side")
        return ["request" if side is self._client else "response" for side in found]

    def _pass(self, where):
        """Pass one block. Return False when this was the last."""
        fault, count = self._fault, _BLOCK
        source, drain = self._client, self._server
        if where == "response":
            source, drain = drain, source
        if where == fault.where:
            if not self._connection.fired and self._passed[where] == fault.at:
                self._connection.fired = True
                if not getattr(self, "_" + fault.kind)(source):
                    return False
            count = self._room(where)
        data = source.recv(count)
        if not data:
            return False
        self._deliver(where, drain, self._changed(data) if where == fault.where else data)
        return True

    def _room(self, where):
        """Return how many bytes may pass at once."""
        if self._single:
            return 1
        if self._spoil:
            return self._spoil
        if not self._connection.fired:
            return min(_BLOCK, self._fault.at - self._passed[where])
        return _BLOCK

    def _changed(self, data):
        rate = self._fault.rate
        if rate:
            time.sleep(len(data) / rate)
        if self._single:
            self._single -= len(data)
            time.sleep(0.001)
        if not self._spoil:
            return data
        self._spoil -= len(data)
        return garbage(data)

    def _deliver(self, where, drain, data):
        drain.sendall(data)
        self._passed[where] += len(data)
        if where == "request":
            self._connection.note(data)
        else:
            self._connection.received += len(data)

    # What the faults do; each returns whether the relay goes on.
    def _reset(self, _):
        reset(self._server)
        reset(self._client)

    def _fin(self, _):
        return False

    def _stall(self, _):
        self._connection.wait_for_the_end()

    def _delay(self, _):
        time.sleep(self._fault.seconds)
        return True

    def _short(self, _):
        self._single = self._fault.count
        return True

    def _garbage(self, _):
        self._spoil = self._fault.count
        return True


def garbage(data):
    """Return other bytes for each of data: alternately inverted, and a control byte."""
    return bytes(byte ^ 255 if at % 2 else (1 if byte != 1 else 2) for at, byte in enumerate(data))


def reset(connection):
    """Close with RST: unsent data is dropped, the peer gets ECONNRESET."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
