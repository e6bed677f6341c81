"""Clocks that a Signer can ask for the time. They fail closed: no good time, no signature."""

import time

from ..amzdate import check_amz_date, from_seconds, to_seconds
from ..errors import ClockError, ClockNotSet
from ..version import BUILD_DATE

_TOLERANCES = {b"s3": 900}
"""Seconds that a service lets a request's date be off; most others: 300 (AWS's documentation)."""

_BUILT = to_seconds(BUILD_DATE)
_MARGIN = 30  # seconds kept for the way to the server, and its clock's own error


def tolerance(service):
    """Return the seconds, int, by which a service (bytes) lets a request's date be off."""
    return _TOLERANCES.get(service, 300)


def _check_age(age, service):
    limit = tolerance(service) - _MARGIN
    if not -limit <= age <= limit:
        raise ClockError(
            "lies %d s from now, and %s tolerates %d s; seal the request anew"
            % (age, service.decode(), limit + _MARGIN)
        )


class FixedClock:
    """A clock that stands still: for tests, examples, and requests dated by somebody else."""

    def __init__(self, amz_date):
        """amz_date: str or bytes[16]. Raises: RequestError unless it is a date."""
        self._amz_date = check_amz_date(amz_date)

    def require(self, service):
        """Return the amz_date, bytes[16]."""
        return self._amz_date

    def check_fresh(self, amz_date, service):
        """Raise ClockError unless a request of that amz_date may still go to service (bytes)."""
        _check_age(to_seconds(self._amz_date) - to_seconds(amz_date), service)


class SystemClock:
    """The system's clock, which must run in UTC, plus an offset that evidence has shown.

    offset: int seconds, added to what the system says; set() works it out.
    A time before this library was built is no time: boards start in 2000 or 2021.
    """

    # Seconds from 1970 to the port's epoch: ESP32 and most ports count from 2000, others from 1970.
    EPOCH = 946684800 if time.gmtime(0)[0] == 2000 else 0

    def __init__(self, offset=0):
        self.offset = offset

    def set(self, unix_ms):
        """Take unix_ms, Unix time in milliseconds as `net.ntp.query` returns it, for now."""
        self.offset = 0
        self.offset = unix_ms // 1000 - self.unverified_seconds()

    def unverified_seconds(self):
        """Return the Unix time, int, whether it makes sense or not."""
        return int(time.time()) + self.EPOCH + self.offset

    def seconds(self):
        """Return the Unix time, int. Raises: ClockNotSet before the library's build date."""
        now = self.unverified_seconds()
        if now < _BUILT:
            raise ClockNotSet(
                "the clock says %s, before this library was built (%s); set it from NTP first"
                % (from_seconds(max(now, 0)).decode(), BUILD_DATE)
            )
        return now

    def require(self, service):
        """Return the amz_date, bytes[16], to sign a request to service with."""
        return from_seconds(self.seconds())

    def check_fresh(self, amz_date, service):
        """Raise ClockError unless a request of that amz_date may still go to service (bytes)."""
        _check_age(self.seconds() - to_seconds(amz_date), service)
