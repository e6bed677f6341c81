"""Has this very request been here before? A bounded memory of signatures that are still good."""

from binascii import unhexlify

from .errors import RequestError


class ReplayCache:
    """Remembers signatures until no clock could find their requests in time any more.

    It never grows beyond its capacity and never forgets one that is still good: when all are, it
    takes no more. So the capacity is requests per second times twice the tolerance (1800 s for S3).
    Two like requests that a client signs in the same second have the same signature.
    RAM: some 80 bytes a signature, 32-bit words; nothing before the first.
    """

    def __init__(self, capacity, presigned=False):
        """capacity: int, 1 or more. presigned: remember those too, though URLs are made to be used
        again."""
        if not isinstance(capacity, int) or capacity < 1:
            raise RequestError("capacity", "must be 1 or more")
        self.capacity = capacity
        self.presigned = presigned
        self._until = {}
        self._base = None  # seconds are kept from here: small ints
        self._soonest = 0  # nothing ends before it

    def admit(self, signature, until, earliest):
        """Return True for a new one, which is remembered; False for a known one; None if full.

        signature: bytes[64] hex, *proven*: else anybody could fill it. until: int Unix seconds
        when the request is too old for sure. earliest: int Unix seconds, the clock's earliest now.
        """
        if self._base is None:
            self._base = earliest
        key = unhexlify(signature)
        if key in self._until:
            return False
        if len(self._until) >= self.capacity and not self._sweep(earliest - self._base):
            return None
        until -= self._base
        if not self._until or until < self._soonest:
            self._soonest = until
        self._until[key] = until
        return True

    def _sweep(self, earliest):
        """Forget what is too old by now. Return whether there is room."""
        if earliest <= self._soonest:
            return False
        kept = self._until
        for key in [key for key in kept if kept[key] < earliest]:
            del kept[key]
        self._soonest = min(kept.values()) if kept else 0
        return len(kept) < self.capacity

    def __len__(self):
        """Return how many signatures are remembered."""
        return len(self._until)
