"""When to try again, and how long after: policy only, no I/O, no time, no randomness of its own.

Full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog), and a budget like that of
AWS's SDKs in their standard mode: each retry costs tokens, success gives some back. So a service
that is down costs a little and then fails fast, instead of being hammered by a fleet.
"""

from ..errors import ProtocolError, RequestError, ServiceError

_STATUSES = (429, 500, 502, 503, 504)
# Beside all that start with "Throttl" or "RequestThrottled".
_CODES = (
    " RequestTimeout RequestTimeoutException PriorRequestNotComplete TooManyRequestsException"
    " ProvisionedThroughputExceededException RequestLimitExceeded SlowDown LimitExceededException"
    " BandwidthLimitExceeded EC2ThrottledException TransactionInProgressException"
    " InternalError ServiceUnavailable "
)
_COST = 5  # tokens of one retry


class Policy:
    """How often to try. It may be shared: its budget then holds for all who share it.

    tokens: int, what is left of the budget.
    """

    def __init__(self, attempts=4, base_ms=250, cap_ms=20000, max_wait_ms=60000, budget=500):
        """attempts: int, 1 or more, of one operation in all; 1 means never again.

        base_ms, cap_ms: the n-th wait is random, from 0 to base_ms * 2**(n-1), at most cap_ms.
        max_wait_ms: the longest that a Retry-After is heeded; one that asks for more is an error.
        budget: int tokens; a retry costs 5, a success gives back 1, or 5 if it needed a retry.
        """
        for name, value in (("attempts", attempts), ("base_ms", base_ms), ("cap_ms", cap_ms)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise RequestError(name, "must be an int, 1 or more")
        self.attempts = attempts
        self.tokens = budget
        self._budget = budget
        self._base_ms = base_ms
        self._cap_ms = cap_ms
        self._max_wait_ms = max_wait_ms

    def refusal(self, failed, wait_ms):
        """Return why an error that may pass by itself gets no retry, str; None if it gets one.

        failed: int, attempts that have failed. wait_ms: int, what the server asked for, or 0.
        None: the tokens are taken; wait for `delay_ms` and try again.
        "": there is nothing to be said about it, all attempts are used up.
        """
        if failed >= self.attempts:
            return ""
        if wait_ms > self._max_wait_ms:
            return "not retried: the server asks to wait %d s" % (wait_ms // 1000)
        if self.tokens < _COST:
            return "not retried: too many retries of late, the budget is used up"
        self.tokens -= _COST
        return None

    def delay_ms(self, failed, wait_ms, entropy):
        """Return how long to wait, int. entropy: bytes, 2 random ones. wait_ms: as for refusal."""
        ceiling = min(self._cap_ms, self._base_ms << min(failed - 1, 16))
        return wait_ms + ((ceiling + 1) * (entropy[0] << 8 | entropy[1]) >> 16)

    def succeeded(self, failed):
        """Note a success after `failed` failures."""
        self.tokens = min(self._budget, self.tokens + (_COST if failed else 1))


def retriable(error):
    """Return whether an error may pass by itself. OSError: the caller knows it is the network's.

    A ProtocolError with a field is one that will come again (a certificate, a limit); without one
    it is a connection that broke or brought garbage.
    """
    if isinstance(error, ServiceError):
        code = error.code
        if error.status in _STATUSES or " %s " % code in _CODES:
            return True
        return code[:7] == "Throttl" or code[:16] == "RequestThrottled"
    if isinstance(error, ProtocolError):
        return error.field is None
    return isinstance(error, OSError)


def retry_after_ms(headers):
    """Return the milliseconds that a response's Retry-After asks for, int, or 0.

    headers: dict, lower-case names. A date is measured from the response's own Date: this device's
    clock has no say.        Retry-After = HTTP-date / 1*DIGIT                    RFC 9110 §10.2.3
    """
    value = headers.get("retry-after", "")
    if value.encode().isdigit():
        return int(value[:9]) * 1000
    if not value:
        return 0
    from .httpdate import http_seconds  # few servers say it as a date

    try:
        seconds = http_seconds(value) - http_seconds(headers.get("date", ""))
    except RequestError:
        return 0
    return max(seconds, 0) * 1000
