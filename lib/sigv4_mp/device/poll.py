"""How often to ask time servers, and how each wants to be treated: policy only, no I/O.

Ticks are monotonic milliseconds, 0..2**30-1, as the shells give them.
Source: RFC 4330 §10 (never faster than 15 s; DENY, RATE), RFC 8633 §3.
"""

LEAST_MS = 15000
"""Between two questions to the same address."""

SHORTEST_MS = 900000
"""Between two syncs: 15 minutes."""

_LONGEST_MS = 28800000  # 8 h: ticks and deep sleeps stay far from their limits
_MOST_REST_MS = 86400000
_PERIOD = 0x40000000
_HALF = 0x20000000


KNOWN = {}
"""label -> Peer, for as long as the program runs. Here, so that net/ntp.py can be unloaded."""

_REMEMBERED = 32


def peer(label):
    """Return the Peer of a label, str: always the same one."""
    found = KNOWN.get(label)
    if found is None:
        if len(KNOWN) >= _REMEMBERED:  # a pool's addresses come and go; refusals stay
            for other in sorted(KNOWN):
                if not KNOWN[other].denied:
                    del KNOWN[other]
                    break
        found = KNOWN[label] = Peer(label)
    return found


class Peer:
    """One address of a time server. label: str. denied: None, or the code that ended it, str."""

    def __init__(self, label):
        self.label = label
        self.denied = None
        self.rest_ms = LEAST_MS
        self._asked = None

    def wait_ms(self, ticks):
        """Return the milliseconds, int, until it may be asked again."""
        if self._asked is None:
            return 0
        gone = ((ticks - self._asked + _HALF) & (_PERIOD - 1)) - _HALF
        return max(0, self.rest_ms - gone) if gone >= 0 else 0  # negative: over 6 days ago

    def asked(self, ticks):
        """Note that it is asked now."""
        self._asked = ticks

    def kissed(self, code, interval_ms):
        """Take a kiss-o'-death to heart. interval_ms: how often servers are asked at present."""
        if code in ("DENY", "RSTR"):
            self.denied = code
        elif code == "RATE":
            self.rest_ms = min(2 * max(self.rest_ms, interval_ms), _MOST_REST_MS)


class Poll:
    """When to ask next: 15 minutes after the first answers, then as the measured drift allows.

    interval_ms: int. error_ms: how far the clock may run off between two polls.
    """

    def __init__(self, error_ms=1000):
        self.interval_ms = SHORTEST_MS
        self._error_ms = error_ms

    def learned(self, drift_ppm):
        """Learn from a sync. drift_ppm: int, how fast the clock ran since the one before, or None.

        Jitter of the network looks like drift over a short interval; so the interval at most
        doubles each time, and grows as the measurement gets better.
        """
        if drift_ppm is not None:
            wanted = self._error_ms * 1000000 // max(abs(drift_ppm), 1)
            most = min(2 * self.interval_ms, _LONGEST_MS)
            self.interval_ms = max(SHORTEST_MS, min(wanted, most))

    def failed(self):
        """Learn that no sync came about: try again after the shortest interval."""
        self.interval_ms = SHORTEST_MS

    def next_ms(self, entropy):
        """Return the milliseconds to wait, int: the interval -10 % to +10 %.

        entropy: bytes[2], random: a fleet that was switched on together must not poll together.
        """
        part = self.interval_ms // 10
        return self.interval_ms - part + (2 * part * (entropy[0] << 8 | entropy[1]) >> 16)
