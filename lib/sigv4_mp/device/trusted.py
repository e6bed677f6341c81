"""A clock that knows how far it may be off, and gives no date where that is too far. No I/O.

It holds one piece of evidence, the anchor (Unix ms, ticks, uncertainty), and counts ticks from
there. The uncertainty grows with every tick by what the oscillator may drift. As long as evidence
is honest and the drift within its budget, the true time lies in the interval; host_tests/ try that
on 100,000 histories. Where pieces of evidence contradict each other, dispute.py decides; refusal.py
has the words for every refusal. suspend.py carries the clock over a deep sleep or a soft reset,
store.py keeps the floor through a power cut. What isn't needed isn't loaded.
"""

from ..amzdate import from_seconds, to_seconds
from ..encode import to_bytes
from ..errors import ClockNotSet, ClockUncertain, RequestError
from ..version import BUILD_DATE
from .clock import tolerance

RTC = 1
"""Rank of evidence: the RTC went on while we slept. It may have been set by anybody since."""
SNTP = 2
"""Rank: several SNTP servers agree, or the user says so."""
VERIFIED = 3
"""Rank: a TLS peer with a verified certificate."""

_MASK = 0x3FFFFFFF  # ticks_ms wraps at 2**30 on every port with 32-bit words; net/steps.py too
_HALF = 0x20000000
_EVENTS = 8
_CONFIRMS_MS = 60000  # evidence sooner than this is of the same round
_NOTABLE_MS = 500
_DRIFT_MS = 600000  # a drift measured over less is mostly jitter


def growth(ms, ppm):
    """Return by how many ms a count of ms may be off the truth, if the rate is to ppm of it.

    A clock that runs at 1 - ppm/10**6 counts ms while ms / (1 - ppm/10**6) pass: hence the divisor.
    """
    per = 1000000 - ppm
    return (ms * ppm + per - 1) // per


class TrustedClock:
    """Gives a Signer its dates: `require(service)`, for as long as the evidence bears it.

    drift_ppm: int, how fast or slow the ticks may run, temperature and ageing included. A crystal
    has 10 to 50. asleep_ppm: the same for the RTC in deep sleep; ESP32's RC oscillator has up to
    50,000. wall_ppm: by how much the two sources may differ, beyond drift_ppm.
    margin_ms: int, kept free below each tolerance, for the way to the server.
    tolerances: {service: seconds}, over `clock.tolerance`. floor_ms: Unix ms before which it never
    is; default the library's build date. max_move_ms: how far one server's word may move it; 0:
    not at all, it is only a diagnosis: for servers of your own whose clocks are known to be off.
    ticks: function, monotonic ms modulo 2**30; default the port's own ticks_ms.
    wall: function, Unix seconds of a second source, to notice ticks that stand still and a silence
    of more than 6.2 days; default time.time(), False for none. It need not be right, only run.
    on_event: function, called with each text that goes to the log.
    Attributes: log, [(ticks, text)], the newest 8. diagnosis: str or None, what the latest unproved
    or useless word said. drift_seen_ppm: int or None, how fast the ticks ran between two agreements
    of SNTP. floor_ms, as above; `suspend.py` raises it.
    RAM: 416 bytes an object and 7 KB of code (.mpy, MicroPython 1.27, 32-bit words).
    """

    def __init__(
        self,
        drift_ppm=100,
        asleep_ppm=50000,
        wall_ppm=500,
        margin_ms=30000,
        tolerances=None,
        floor_ms=None,
        max_move_ms=86400000,
        ticks=None,
        wall=None,
        on_event=None,
    ):
        """Without evidence: require() raises ClockNotSet until set(). Raises: RequestError."""
        self.drift_ppm = _whole("drift_ppm", drift_ppm, 499999)
        self.asleep_ppm = _whole("asleep_ppm", asleep_ppm, 499999)
        self._wall_ppm = _whole("wall_ppm", wall_ppm, 499999)
        self.margin_ms = _whole("margin_ms", margin_ms, 900000)
        self.max_move_ms = max_move_ms
        self.floor_ms = to_seconds(BUILD_DATE) * 1000 if floor_ms is None else floor_ms
        self._tolerances = {}
        for service in tolerances or ():
            seconds = _whole("tolerances", tolerances[service], 604800)
            self._tolerances[to_bytes(service, "tolerances")] = seconds
        if ticks is None or wall is None:
            port_ticks, port_wall = _of_port()
            ticks = ticks or port_ticks
            wall = port_wall if wall is None else wall
        self._read_ticks = ticks
        self._read_wall = wall
        self.on_event = on_event
        self.log = []
        self.diagnosis = self.drift_seen_ppm = self.source = None
        self.rank = 0  # of the anchor; 0: there is none
        self.confirmed = False  # whether a second piece of evidence said the same, some time later
        self.rival = self.outvoted = None  # dispute.py's
        self._lost = None  # the error to raise where an anchor was lost
        self._ms = self._uncertainty = self._slack = self._wall_at = self._wall_from = 0
        self.elapsed = 0  # ms since the anchor
        self.ticks = ticks() & _MASK  # the latest that were read

    # What a Signer and a transport ask.

    def require(self, service):
        """Return the amz_date, bytes[16], to sign a request to service (bytes or str) with.

        It is the interval's middle, rounded to a second.
        Raises: ClockNotSet, ClockUncertain, ClockRollback, ClockDisagreement.
        """
        return self._require(service, None)

    def require_presigned(self, service, expires):
        """Return the amz_date as require() does, for a URL that expires after so many seconds.

        Raises as well: ClockUncertain unless at least half of its life is certain.
        """
        return self._require(service, expires)

    def _require(self, service, expires):
        middle, half = self.estimate()
        limit = self._limit(service)
        # Half a second more: the date is rounded to whole ones.
        if half + 500 > limit:
            from .refusal import unsure  # those who never see one don't pay for it

            raise unsure(self, half, service, limit)
        if expires is not None and half > expires * 500:
            from .refusal import unsure_url

            raise unsure_url(half, expires)
        return from_seconds((middle + 500) // 1000)

    def check_fresh(self, amz_date, service):
        """Raise ClockError unless a request of that amz_date may still go to service (bytes)."""
        earliest, latest = self.now()
        at = to_seconds(amz_date) * 1000
        limit = self._limit(service)
        off = max(latest - at, at - earliest)
        if off > limit:
            from .refusal import stale

            raise stale(self, off, service, limit)

    def _limit(self, service):
        service = to_bytes(service, "service")
        seconds = self._tolerances.get(service)
        return (tolerance(service) if seconds is None else seconds) * 1000 - self.margin_ms

    def now(self):
        """Return (earliest, latest), Unix ms: the true time lies between them. Raises: ClockError.

        Call it, or anything that asks for the time, at least every 6 days: the ticks wrap.
        """
        if not self.usable():
            raise self._lost or ClockNotSet("there is no evidence of the time yet; ask SNTP first")
        if self.rival:
            from .refusal import undecided

            raise undecided(self)
        middle, half = self.own()
        if middle + half < self.floor_ms:
            from .refusal import sunk

            raise sunk(self, middle + half)
        return max(middle - half, self.floor_ms), middle + half

    def estimate(self):
        """Return (unix_ms, uncertainty_ms): the interval's middle, half its width."""
        earliest, latest = self.now()
        return (earliest + latest) // 2, (latest - earliest + 1) // 2

    # Evidence.

    def set(self, unix_ms, uncertainty_ms, ticks=None, source="the user"):
        """Take strong evidence: the agreement of SNTP servers, a GPS, the user's own word.

        unix_ms: int, Unix time in ms at the moment when ticks() said ticks (int; None: now).
        uncertainty_ms: int, how far it may be off. source: str, for the log.
        Raises: ClockRollback if all of it lies below the floor. ClockDisagreement if it contradicts
        what is known by more than the margin and than drift explains (up to 20 x the budget: that
        is taken and logged): then nothing is signed until further evidence decides.
        """
        self._weigh(unix_ms, uncertainty_ms, ticks, source, SNTP)

    def hear(self, unix_ms, uncertainty_ms, ticks, source, verified):
        """Take a server's word: its Date, or the time in its error. Return whether it moved us.

        True: the estimate moved by a second or more; seal anew. Arguments as for set(); source: its
        host. verified: whether it came over TLS with a verified certificate of the host we meant;
        if not, it is noted in `diagnosis` and changes nothing.
        It narrows the interval, corrects an estimate that rests on the RTC alone by up to
        max_move_ms, and stands against one that rests on SNTP: that is the cross-check. Less than 4
        margins (2 minutes) apart, it can't make a date wrong: that is noted, no more.
        Raises, if verified: ClockRollback, ClockDisagreement, as set() does.
        """
        usable = self.usable()
        if not verified or not usable or not self.max_move_ms:
            from .refusal import unproved

            unproved(self, unix_ms, source, verified, usable)
            return False
        before = self.own()[0]
        self._weigh(unix_ms, uncertainty_ms, ticks, source, VERIFIED)
        return abs(self.own()[0] - before) >= 1000

    def _weigh(self, unix_ms, uncertainty, ticks, source, rank):
        usable = self.usable()
        age = 0 if ticks is None else ticks_diff(self.ticks, ticks)
        if age < 0 or uncertainty < 0:
            raise RequestError("ticks", "must not lie in the future, nor uncertainty_ms below 0")
        unix_ms += age
        uncertainty += growth(age, self.drift_ppm)
        if unix_ms + uncertainty < self.floor_ms:
            from .refusal import below_floor

            raise below_floor(self, source, unix_ms, uncertainty)
        if not usable:
            self.anchor(unix_ms, uncertainty, source, rank)
            self.event("set by %s, to %d ms" % (source, uncertainty))
            return
        own, half = self.own()
        if self.rival or abs(unix_ms - own) > uncertainty + half:
            from .dispute import decide

            decide(self, unix_ms, uncertainty, source, rank)
        else:
            self.agree(unix_ms, uncertainty, source, rank)

    # What dispute.py and suspend.py work with.

    def usable(self):
        """Count the ticks since the last time. Return whether there is an anchor to count from."""
        if not self._count():
            return False
        if self._read_wall:
            counted = self.elapsed - self._wall_from
            apart = (self._read_wall() - self._wall_at) * 1000 - counted
            longer = counted + max(apart, 0)
            may = 1000 + self._slack + growth(longer, self.drift_ppm + self._wall_ppm)
            if abs(apart) > may:
                from .refusal import parted

                parted(self, apart)
                return False
        return True

    def _count(self):
        """Count on, by the ticks alone. Return whether there is an anchor to count from."""
        ticks = self._read_ticks() & _MASK
        step = ticks_diff(ticks, self.ticks)
        self.ticks = ticks
        if not self.rank:
            return False
        if step < 0:
            self.lose("the ticks went back, or nobody asked for 6 days")
            return False
        self.elapsed += step
        return True

    def own(self):
        """Return (unix_ms, uncertainty_ms) as usable() left it, floor and rival left aside."""
        # One more, since ticks are whole milliseconds.
        grown = self._slack + growth(self.elapsed + 1, self.drift_ppm)
        return self._ms + self.elapsed, self._uncertainty + grown + 1

    def anchor(self, unix_ms, uncertainty, source, rank):
        """Start anew from one piece of evidence of this moment."""
        self._ms = unix_ms
        self._uncertainty = uncertainty
        self.source = source
        self.rank = rank
        self.elapsed = self._slack = 0
        self.confirmed = False
        self.rival = self._lost = None
        self.rtc_was_set()

    def agree(self, unix_ms, uncertainty, source, rank):
        """Take evidence that overlaps what is known: the narrower, or what both have in common."""
        own, half = self.own()
        confirmed = self.confirmed or self._confirms(source, rank)
        if rank == SNTP and self.rank >= SNTP and self.elapsed >= _DRIFT_MS:
            self.drift_seen_ppm = (own - unix_ms) * 1000000 // self.elapsed
        # A server's word never leads out of what SNTP said, or many words would move us far.
        if uncertainty > half or rank == VERIFIED and self.rank >= SNTP:
            earliest = max(own - half, unix_ms - uncertainty)
            latest = min(own + half, unix_ms + uncertainty)
            unix_ms, uncertainty = (earliest + latest) // 2, (latest - earliest + 1) // 2
        rank = max(rank, self.rank)
        if uncertainty < half:
            moved = unix_ms - own
            self.anchor(unix_ms, uncertainty, source, rank)
            if abs(moved) >= _NOTABLE_MS or half - uncertainty >= _NOTABLE_MS:
                self.event("%s moves it %d ms, to %d ms" % (source, moved, uncertainty))
        self.rank = rank
        self.confirmed = confirmed

    def _confirms(self, source, rank):
        """Whether evidence that agrees is a second piece, not the first one's echo."""
        if self.rank == SNTP == rank:
            return self.elapsed >= _CONFIRMS_MS
        return self.rank != RTC and source != self.source

    def lose(self, text, error=ClockUncertain):
        """Have no estimate any more, and say why; the floor stays."""
        self.rank = 0
        self.rival = None
        self._lost = error(text + "; ask SNTP again")
        self.event(text)

    def event(self, text):
        """Note what happened to the clock, in the log and to on_event."""
        if len(self.log) >= _EVENTS:
            self.log.pop(0)
        self.log.append((self.ticks, text))
        if self.on_event:
            self.on_event(text)

    # What the application says.

    def rtc_was_set(self):
        """Say that the system's clock (`wall`) was stepped on purpose just now."""
        self._count()
        if self._read_wall:
            self._wall_at = self._read_wall()
            self._wall_from = self.elapsed

    def slept(self, ms):
        """Say that ms of the ticks since the last evidence were counted in light sleep.

        Their uncertainty grows by asleep_ppm. Call it before asking for the time again.
        """
        self._slack += growth(ms + 1, self.asleep_ppm)

    def diagnose_rtc(self, seconds):
        """Return what is wrong with an RTC that says seconds (Unix, int), str; None: nothing."""
        from .refusal import diagnose_rtc

        return diagnose_rtc(self, seconds)

    def suspend(self, rtc_seconds):
        """Return a record, bytes, to resume() from after a reset or a deep sleep."""
        from .suspend import suspend

        return suspend(self, rtc_seconds)

    def resume(self, record, rtc_seconds, same_boot=False):
        """Go on from a record of suspend() by the RTC; see suspend.resume. Return bool."""
        from .suspend import resume

        return resume(self, record, rtc_seconds, same_boot)

    def __repr__(self):
        return "<TrustedClock %s>" % (self.source if self.rank else "not set")


def ticks_diff(later, earlier):
    """Return the signed ms from one tick to another, right to 6.2 days either way."""
    return ((later - earlier + _HALF) & _MASK) - _HALF


def _whole(field, value, most):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise RequestError(field, "must be a whole number, 0 to %d" % most)
    return value


def _of_port():
    """Return the port's own (ticks, wall)."""
    import time

    from .clock import SystemClock

    if not hasattr(time, "ticks_ms"):  # CPython; the same count as net/_cpython.py
        return lambda: int(time.monotonic() * 1000) & _MASK, lambda: int(time.time())
    return time.ticks_ms, lambda: int(time.time()) + SystemClock.EPOCH
