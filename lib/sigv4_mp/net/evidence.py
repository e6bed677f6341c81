"""What servers say about the time, as intervals, and what a clock makes of it. No I/O.

Every parser returns (unix_ms, uncertainty_ms), or None for what says nothing. Loaded when a clock
can hear, or when a service says that the request's date is wrong.
"""

from ..amzdate import from_seconds, to_seconds
from ..errors import ClockError, RequestError, ServiceError
from .exchange import noted
from .httpdate import http_seconds
from .steps import ticks_diff

_HALF_MS = 500  # a date in whole seconds has been true for up to a second
_DATE = 16  # bytes of an amz_date
_NEAR_S = 60  # a signature that is wrong at a time as good as this is wrong for another reason
_MAY_BE = ("AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch", "403")


def date(text):
    """Parse an HTTP Date, str: "Sun, 06 Nov 1994 08:49:37 GMT" and no other form.

    Source: RFC 9110 §5.6.7; the obsolete forms are not sent by anybody who matters.
    """
    if len(text) != 29 or text[3:5] != ", " or text[25:] != " GMT":
        return None
    if text[7] + text[11] + text[16] != "   " or text[19] + text[22] != "::":
        return None
    return _exact(http_seconds, text)


def iso(text):
    """Parse ServerTime of S3's RequestTimeTooSkewed, str: "2026-11-22T10:00:00Z"."""
    if len(text) != 20 or text[4] + text[7] + text[13] + text[16] != "--::":
        return None
    plain = text[:4] + text[5:7] + text[8:13] + text[14:16] + text[17:]
    return _exact(to_seconds, plain)


def spoken(message):
    """Parse what most services say, str; the server's time stands in the parentheses.

    "Signature expired: A is now earlier than B (C - 5 min.)",
    "Signature not yet current: A is still later than B (C + 5 min.)". The minutes vary. None as
    well unless B and C are as far apart as it says: then it isn't the message that we know.
    """
    before, _, rest = message.partition("(")
    words = rest.partition(")")[0].split(" ")
    if "Signature" not in before or len(words) != 4 or words[3] != "min.":
        return None
    if words[1] not in ("-", "+") or not words[2].encode().isdigit() or len(words[2]) > 4:
        return None
    said = _exact(to_seconds, words[0])
    limit = _exact(to_seconds, before.strip()[-_DATE:])
    minutes = int(words[2]) if words[1] == "+" else -int(words[2])
    if said is None or limit is None or limit[0] - said[0] != minutes * 60000:
        return None
    return said


def _exact(parse, text):
    try:
        return parse(text) * 1000 + _HALF_MS, _HALF_MS
    except RequestError:
        return None


def said(response, error=None):
    """Return what a response says of the time: its Date, or else what is in its error.

    response: has headers, a dict. error: the ServiceError made of it, or None. A response out of a
    cache (it has an Age) says nothing.
    """
    headers = response.headers
    if "age" in headers:
        return None
    found = date(headers.get("date", ""))
    if found is None and error is not None:
        found = iso(getattr(error, "server_time", None) or "") or spoken(error.message)
    return found


def weigh(clock, sealed, response, error, began, ticks, skewed):
    """Do what a response calls for: hear() where the clock can, diagnose() where it did not move.

    began: None for a clock that can't hear. skewed: the error may be one of the date. The others,
    and the result: see hear().
    """
    moved = False
    if began is not None:
        moved, error = hear(clock, sealed, response, error, began, ticks)
    if skewed and not moved:
        error = diagnose(clock, response, error)
    return moved, error


def hear(clock, sealed, response, error, began, ticks):
    """Tell a clock what a server said. Return (moved, error).

    sealed: what was asked, has scheme and host. error: None or the exception that came of it; the
    one returned says why the clock does not follow. began, ticks: of the request's start and of
    now. moved: the clock says something else than before; seal anew. Only https is evidence, for
    there the shells verify who answers.
    """
    refused = isinstance(error, ServiceError)
    found = said(response, error if refused else None)
    if found is None:
        return False, error
    unix_ms, uncertainty_ms = found
    trip = max(0, ticks_diff(ticks, began))  # it was said at some time between the two
    unix_ms += trip // 2
    uncertainty_ms += (trip + 1) // 2
    try:
        verified = sealed.scheme == "https"
        return clock.hear(unix_ms, uncertainty_ms, ticks, sealed.host, verified), error
    except ClockError as contradiction:
        # A success stays one; the clock itself refuses the next signature.
        return False, noted(error, contradiction.message) if refused else error


def diagnose(clock, response, error):
    """Return the ServiceError with what both clocks say, where the date may be what was wrong.

    clock: the Signer's, or None. Over plain HTTP this is all that a server's word is good for.
    """
    found = said(response, error)
    if found is None:
        return error
    theirs = found[0] // 1000
    try:
        ours = clock.require("s3")
    except (ClockError, AttributeError):
        ours = None
    if ours and abs(to_seconds(ours) - theirs) < _NEAR_S and error.code in _MAY_BE:
        return error
    text = "the server's clock says %s, ours %s; if theirs is right, set ours with clock.sync"
    ours = ours.decode() if ours else "nothing"
    return noted(error, text % (from_seconds(theirs).decode(), ours))
