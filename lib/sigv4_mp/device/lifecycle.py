"""When to fetch temporary credentials anew: policy only; no I/O, no clock, no randomness.

Times are Unix seconds, int, by one clock. All of a fleet that got its credentials in the same
second asks again spread over a quarter of an hour or, if they live shorter, a part of their life.
Source: botocore's RefreshableCredentials asks 15 min before the end; scaled here to the lifetime,
for the 900 s that AWS grants at least would be asked for all the time.
"""

from ..errors import ProtocolError
from .credentials import LEAST

WINDOW = 900
"""Seconds before the end in which new ones are asked for, at most a third of the lifetime."""

LONGEST = 129600
"""Seconds, 36 hours: AWS grants no more (GetSessionToken); what says more is believed for this."""

PAUSE = 5
"""Seconds for which AWS may remember that a key was not good."""


class Lifecycle:
    """expires_at: when what is held ends, 0 without any. refresh_at: when to ask for new ones.

    retry_at: not before then, after failures. failures: int, in a row. None as expires_at: for
    ever (static credentials of a chain).
    """

    def __init__(self, base_s=PAUSE, cap_s=300):
        """base_s, cap_s: the n-th wait after failures is from base_s to base_s * 2**n, at most
        cap_s: half of it random, so that a fleet does not come back in step."""
        self.expires_at = self.refresh_at = self.retry_at = self.failures = 0
        self._base = base_s
        self._cap = cap_s

    def due(self, now):
        """Return whether to fetch now."""
        if self.refresh_at is None or now < self.refresh_at and self.usable(now):
            return False
        return self.wait(now) == 0

    def wait(self, now):
        """Return the seconds until the next fetch is allowed, int; 0: it is."""
        left = self.retry_at - now
        return left if 0 < left <= self._cap * 2 else 0  # more: the clock was set back

    def usable(self, now):
        """Return whether what is held may still sign: it must outlive the request."""
        return self.expires_at is None or now + LEAST <= self.expires_at

    def fetched(self, now, expires_at, entropy):
        """Take note of new credentials. entropy: bytes, 2 random ones.

        Returns: when they end, which is never later than LONGEST from now.
        Raises: ProtocolError (expires_at) for ones that are over by this clock.
        """
        if expires_at is not None:
            life = expires_at - now
            if life < LEAST:
                text = "of the new credentials is %d s away by this clock; is it right?" % life
                raise ProtocolError(text, "expires_at")
            life = min(life, LONGEST)
            window = min(WINDOW, life // 3)
            at = life - window + _share(window // 2, entropy)
            self.refresh_at = now + max(min(at, life - 2 * LEAST), life // 2)
            expires_at = now + life
        else:
            self.refresh_at = None
        self.expires_at = expires_at
        self.retry_at = self.failures = 0
        return expires_at

    def failed(self, now, entropy):
        """Take note of a failure."""
        ceiling = min(self._cap, self._base << min(self.failures + 1, 16))
        self.failures += 1
        self.retry_at = now + max(self._base, ceiling // 2) + _share(ceiling // 2, entropy)

    def refused(self, now):
        """Take note that a service does not take what is held: ask for new ones."""
        self.refresh_at = now


def _share(seconds, entropy):
    """Return 0..seconds, by two random bytes."""
    return (seconds + 1) * (entropy[0] << 8 | entropy[1]) >> 16
