"""A world for the uploader's tests: time runs as fast as it likes, the service fails as told."""

from sigv4_mp.errors import ClockNotSet, RequestError, ServiceError
from sigv4_mp.net.steps import SLEEP, TICKS, Io, drive

START_S = 1767225600  # 2026-01-01


class World:
    """ms: since the start. Is a clock for a Signer, a function for ticks, a shell."""

    def __init__(self):
        self.ms = 0
        self.trusted = True
        self.limits = []
        self.asked = 0

    def ticks(self):
        """Milliseconds that wrap as a port's do."""
        return (self.ms + 0x3FFF0000) & 0x3FFFFFFF

    def require(self, service):
        """Return a date, as a trusted clock does."""
        self.asked += 1
        if not self.trusted:
            raise ClockNotSet("no time yet")
        return b"20260101T000000Z"

    def estimate(self):
        """Return (unix_ms, uncertainty_ms)."""
        self.require(b"")
        return START_S * 1000 + self.ms, 5

    def perform(self, step):
        """Do a step of an operation."""
        if step.op == TICKS:
            return self.ticks()
        if step.op == SLEEP:
            self.ms += step.ms
        return None

    def run(self, operation):
        """As Http.run."""
        return drive(operation, self.perform)

    def limit_ms(self, total_ms):
        """As Shell.limit_ms."""
        self.limits = self.limits[-3:] + [total_ms]
        return 7


class Signer:
    def __init__(self, clock):
        self.clock = clock


class Destination:
    """Takes batches. fails: a list of what the next send()s do: an exception, or [(index, …)].

    got: list of (id, payload, stream, time_s) delivered; sends: how often. poison: payloads that
    begin with this are refused for ever. ms: how long one send takes.
    """

    service = b"kinesis"
    oldest_s = None

    def __init__(self, world, count=10, size=1000):
        self.signer = Signer(world)
        self.world = world
        self.fails = []
        self.got = []
        self.sends = 0
        self.poison = b"poison"
        self.ms = 100
        self._limits = count, size
        self._io = Io()
        self.clear()

    def clear(self):
        self.batch = []
        self._size = 0

    @property
    def count(self):
        return len(self.batch)

    def add(self, payload, record_id, stream, time_s):
        if len(payload) > self._limits[1] or bytes(payload) == b"never":
            raise RequestError("record", "is too long for the service")
        if len(self.batch) == self._limits[0] or self._size + len(payload) > self._limits[1]:
            return False
        self.batch.append((record_id, bytes(payload), stream, time_s))
        self._size += len(payload)
        return True

    def send(self):
        self.sends += 1
        if not self.world.trusted:
            raise AssertionError("signed without a trusted time")
        yield self._io.sleep(self.ms)
        failed = self.fails.pop(0) if self.fails else []
        if isinstance(failed, Exception):
            raise failed
        lost = [one[0] for one in failed]
        for index, one in enumerate(self.batch):
            if one[1][: len(self.poison)] == self.poison and index not in lost:
                failed = failed + [(index, "InvalidArgument", True)]
            elif index not in lost:
                self.deliver(one)
        return failed

    def deliver(self, one):
        self.got.append(one)

    @property
    def payloads(self):
        """The delivered payloads, as one bytes."""
        return b" ".join([one[1] for one in self.got])


def throttled():
    return ServiceError(400, "ProvisionedThroughputExceededException", "slow down")


def expired():
    return ServiceError(403, "ExpiredTokenException", "the token has expired")


def denied():
    return ServiceError(400, "AccessDeniedException", "not allowed")
