"""A world in a script: a true time, ticks, NTP servers of any character, a TLS server. No socket.

world = World(); world.serve("a", honest()); world.run(sync(clock, ["a"], agreeing=1))
"""

from ntp_packets import answer, put

from sigv4_mp.net import steps

TRUTH = 1900000000000  # 2030-03-17T17:46:40Z, in Unix ms, when a world begins
HOUR = 3600000


def packet(cookie, received_ms, sent_ms, **more):
    """Return an answer with times in Unix ms; more: as for ntp_packets.answer."""
    made = answer(cookie=cookie, **more)
    stamp(made, 32, received_ms)
    stamp(made, 40, sent_ms)
    return made


def stamp(made, at, unix_ms):
    """Write a 64-bit NTP timestamp."""
    seconds, ms = divmod(unix_ms, 1000)
    put(made, at, (seconds + 2208988800) & 0xFFFFFFFF)
    put(made, at + 4, ((ms << 32) + 999) // 1000)


def honest(off_ms=0, there_ms=20, back_ms=20, **more):
    """Return a server whose clock is off_ms off; there_ms, back_ms: the network's delays."""

    def serve(cookie, now):
        at = now + there_ms
        return [(at + back_ms, packet(cookie, at + off_ms, at + off_ms, **more))]

    return serve


def silent(cookie, now):
    """A server that never answers."""
    return []


def kissing(code, **more):
    """Return a server that sends everybody away."""
    return honest(stratum=0, code=code, **more)


class World:
    """now: the truth, Unix ms. asked: [(address, now)]. dialled: [(host, port)] over TLS."""

    def __init__(self, tick=0x3FFFFF00):
        self.now = TRUTH
        self._tick = tick  # the ticks wrap soon after the beginning
        self.names = {}
        self.servers = {}
        self.asked = []
        self.jitter = None  # the first sleep
        self.dialled = []
        self.tls_off = 0  # of the TLS server's Date, ms; None: its certificate is not accepted
        self.tls_headers = ""
        self._arrivals = []
        self._stream = None

    def serve(self, name, *servers):
        """Give a name one address for each server."""
        base = len(self.servers)
        texts = ["192.0.2.%d" % (base + i) for i in range(1, len(servers) + 1)]
        self.names[name] = texts
        for text, server in zip(texts, servers):
            self.servers[text] = server
        return texts

    def ticks(self):
        """Monotonic ms, 0..2**30-1."""
        return (self._tick + self.now - TRUTH) & 0x3FFFFFFF

    def run(self, operation):
        """Run an operation to its end; return its result."""
        return steps.drive(operation, self.perform)

    def perform(self, step):
        """Do a step."""
        op = step.op
        if op == steps.TICKS:
            return self.ticks()
        if op == steps.SLEEP:
            if self.jitter is None:
                self.jitter = step.ms
            self.now += step.ms
        elif op == steps.RESOLVE:
            if step.host not in self.names:
                raise OSError(-2, "no such name")
            return [(text, (2, 2, 17, "", (text, step.port))) for text in self.names[step.host]]
        elif op == steps.CONNECT:
            self._connect(step)
        elif op == steps.SEND:
            self._send(step)
        elif op in (steps.RECV, steps.RECV_NOW):
            return self._receive(step)

    def _connect(self, step):
        self._arrivals = []
        self._stream = None
        self._peer = step.host
        if step.scheme == "https":
            self.dialled.append((step.host, step.port))
            if self.tls_off is None:
                raise steps_error()
            self._stream = b""

    def _send(self, step):
        self.now += 1
        if self._stream is not None:
            self._stream = self._response()
            return
        self.asked.append((self._peer, self.now))
        cookie = bytes(memoryview(step.buffer)[40:48])
        self._arrivals = sorted(self.servers[self._peer](cookie, self.now), key=lambda a: a[0])

    def _receive(self, step):
        if self._stream is not None:
            data, self._stream = self._stream[: step.length], self._stream[step.length :]
        elif self._arrivals and self._arrivals[0][0] <= self.now:
            data = bytes(self._arrivals.pop(0)[1])[: step.length]
        else:
            return -1
        step.buffer[: len(data)] = data
        return len(data)

    def _response(self):
        self.now += 30
        date = http_date((self.now + self.tls_off) // 1000)
        self.now += 30
        text = "HTTP/1.1 403 Forbidden\r\nDate: %s\r\n%s\r\n" % (date, self.tls_headers)
        return text.encode()


def steps_error():
    """Return what a shell raises where a certificate is not accepted."""
    from sigv4_mp.errors import ProtocolError

    return ProtocolError("certificate of h not accepted: x; check name, CA and clock", "ca_file")


def http_date(seconds):
    """Return an IMF-fixdate, str, of a Unix time."""
    from sigv4_mp.amzdate import from_seconds

    text = from_seconds(seconds).decode()
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[int(text[4:6]) * 3 - 3 :][:3]
    day = "ThuFriSatSunMonTueWed"[seconds // 86400 % 7 * 3 :][:3]
    parts = (day, text[6:8], month, text[:4], text[9:11], text[11:13], text[13:15])
    return "%s, %s %s %s %s:%s:%s GMT" % parts
