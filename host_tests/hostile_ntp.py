"""Time servers of bad character on loopback, for tests: real UDP sockets, one port for each.

    with HostileNtp("honest", "hour", "deny") as server:
        server.names        # ["127.0.0.1:40001", "127.0.0.1:40002", "127.0.0.1:40003"]

    python host_tests/hostile_ntp.py honest hour deny      # prints the names and serves

CHARACTERS says what there is. Each is written after RFC 5905 §7.3, apart from the code under test.
"""

import contextlib
import os
import select
import socket
import struct
import sys
import threading
import time

_TO_1900 = 2208988800


def reply(request, off_s=0.0, first=0x24, stratum=2, code=b"LOCL", cookie=None, **fields):
    """Return an answer to `request` (bytes[48]); off_s: how far the clock is off.

    fields: receive, transmit (64-bit ints), delay, dispersion (16.16 ints).
    """
    seconds = time.time() + off_s + _TO_1900
    now = int(seconds * 2**32) & 0xFFFFFFFFFFFFFFFF
    return struct.pack(
        ">BBbbII4sQ8sQQ",
        first,
        stratum,
        6,
        -20,
        fields.get("delay", 0),
        fields.get("dispersion", 0),
        code,
        now,
        request[40:48] if cookie is None else cookie,
        fields.get("receive", now),
        fields.get("transmit", now),
    )


def _lie(**more):
    return lambda request: reply(request, 3600, **more)


# What is sent at once, for a request. What a client must not take is an hour off as well.
CHARACTERS = {
    "honest": reply,
    "hour": _lie(),
    "back": lambda request: reply(request, -3600),
    "years": lambda request: reply(request, -4 * 365 * 86400),
    "deny": lambda request: reply(request, stratum=0, code=b"DENY"),
    "rstr": lambda request: reply(request, stratum=0, code=b"RSTR"),
    "rate": lambda request: reply(request, stratum=0, code=b"RATE"),
    "kiss": lambda request: reply(request, stratum=0, code=b"INIT"),
    "guessed": _lie(cookie=b"\0" * 8),
    "mode3": lambda request: request,
    "mode5": _lie(first=0x25),
    "mode1": _lie(first=0x21),
    "version3": _lie(first=0x1C),
    "version0": _lie(first=0x04),
    "leap3": _lie(first=0xE4),
    "stratum0": _lie(stratum=0, code=b"\0\0\0\0"),
    "stratum16": _lie(stratum=16),
    "zero": _lie(transmit=0),
    "backwards": _lie(transmit=5 << 32, receive=6 << 32),
    "delay": _lie(delay=60 << 16),
    "dispersion": _lie(dispersion=60 << 16),
    "short": lambda request: _lie()(request)[:47],
    "empty": lambda request: b"",
    "long": lambda request: reply(request) + bytes(24),
    "silent": lambda request: None,
}


class HostileNtp:
    """Servers on free ports of 127.0.0.1, or `address`; asked: {name: how often}.

    More characters than CHARACTERS: "replay" sends the answer to its first request for ever, an
    hour off; "glued" a short packet and the true answer at once; "flood" three hundred packets of
    strangers from the same port and the true answer 700 ms late; "spoof" an answer from another
    port first, an hour off; "slow" the true answer after 1.5 s.
    """

    def __init__(self, *characters, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._characters = characters
        self._sockets = []
        for _ in characters:
            one = socket.socket(family, socket.SOCK_DGRAM)
            one.bind((address, 0))
            self._sockets.append(one)
        shown = "[%s]:%d" if ":" in address else "%s:%d"
        self.names = [shown % (address, one.getsockname()[1]) for one in self._sockets]
        self.asked = dict.fromkeys(self.names, 0)
        self._recorded = None
        self._end, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        os.close(self._stop)
        self._thread.join()
        for one in self._sockets:
            one.close()
        os.close(self._end)

    def _serve(self):
        while True:
            ready, _, _ = select.select([self._end, *self._sockets], [], [])
            if self._end in ready:
                return
            for one in ready:
                request, peer = one.recvfrom(512)
                at = self._sockets.index(one)
                self.asked[self.names[at]] += 1
                with contextlib.suppress(OSError):  # the client may be gone
                    self._answer(self._characters[at], one, request, peer)

    def _answer(self, character, one, request, peer):
        if character in CHARACTERS:
            data = CHARACTERS[character](request)
            if data is not None:
                one.sendto(data, peer)
            return
        getattr(self, "_" + character)(one, request, peer)

    def _replay(self, one, request, peer):
        self._recorded = self._recorded or reply(request, 3600)
        one.sendto(self._recorded, peer)

    def _glued(self, one, request, peer):
        one.sendto(reply(request, 3600)[:20], peer)
        one.sendto(reply(request), peer)

    def _flood(self, one, request, peer):
        for i in range(300):
            one.sendto(reply(request, 3600, cookie=bytes([i & 255] * 8)), peer)
            if i % 20 == 19:  # its receive buffer is not what is tested here
                time.sleep(0.046)
        one.sendto(reply(request), peer)

    def _spoof(self, one, request, peer):
        with socket.socket(one.family, socket.SOCK_DGRAM) as other:
            other.bind((one.getsockname()[0], 0))
            other.sendto(reply(request, 3600), peer)
        time.sleep(0.05)
        one.sendto(reply(request), peer)

    def _slow(self, one, request, peer):
        data = reply(request)
        time.sleep(1.5)
        one.sendto(data, peer)


def main():
    with HostileNtp(*sys.argv[1:]) as server:
        for name, character in zip(server.names, sys.argv[1:]):
            print(name, character, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
