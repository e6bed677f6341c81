"""Dates as AWS writes them, as plain arithmetic: no `time`, no epoch of a port.

`amz_date` is bytes[16], YYYYMMDDTHHMMSSZ; its first 8 bytes are the `scope_date`. Seconds are Unix
time (1970), an int of any size: MicroPython's small ints end at 2**30.
"""

from .encode import to_bytes
from .errors import RequestError

_checked = b"19700101T0000"  # the last minute that was found to be one: many dates share it
_written = (0, b"19700101")  # likewise, of from_seconds()
_counted = (b"19700101T0000", 0)  # a minute that to_seconds() worked out: 350 us less on RP2040
_DAYS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"  # of each month


def check_amz_date(amz_date):
    """Return amz_date (str or bytes) as bytes[16]. Raises: RequestError unless it is a date.

    Cost: nothing is allocated for bytes of a minute that was seen before. Every sealing comes
    through here.
    """
    text = amz_date if isinstance(amz_date, bytes) else to_bytes(amz_date, "amz_date")
    if len(text) != 16 or text[15] != 0x5A:  # Z
        _refuse()
    # Second 60 would be a leap second, which Unix time and AWS do not have.
    if not (0x30 <= text[13] <= 0x35 and 0x30 <= text[14] <= 0x39):
        _refuse()
    if not text.startswith(_checked):
        _check_minute(text[:13])
    return text


def _check_minute(text):
    """Refuse 13 bytes that are not YYYYMMDDThhmm."""
    global _checked
    day, clock = text[:8], text[9:]
    if not day.isdigit() or text[8] != 0x54 or not clock.isdigit():  # T
        _refuse()
    if clock >= b"2400" or clock[2] > 0x35:
        _refuse()
    year, month, day_of_month = _number(day, 0, 4), _number(day, 4, 6), _number(day, 6, 8)
    if year < 1970 or not 1 <= month <= 12 or not 1 <= day_of_month <= days_in_month(year, month):
        _refuse()
    _checked = text


def _number(text, at, end):
    value = 0
    while at < end:
        value = value * 10 + text[at] - 0x30
        at += 1
    return value


def to_seconds(amz_date):
    """Return the Unix time of an amz_date. Raises: RequestError unless it is a real date."""
    global _counted
    text = check_amz_date(amz_date)
    minute, seconds = _counted
    if not text.startswith(minute):
        days = days_from_1970(_number(text, 0, 4), _number(text, 4, 6), _number(text, 6, 8))
        seconds = ((days * 24 + _number(text, 9, 11)) * 60 + _number(text, 11, 13)) * 60
        _counted = (text[:13], seconds)
    return seconds + (text[13] * 10 + text[14] - 0x210)


def from_seconds(seconds):
    """Return the amz_date, bytes[16], of a Unix time, int >= 0."""
    global _written
    days, rest = divmod(seconds, 86400)
    if days != _written[0]:
        _written = (days, _day(days))
    clock = "T%02d%02d%02dZ" % (rest // 3600, rest // 60 % 60, rest % 60)
    return _written[1] + clock.encode()


def _day(days):
    """Return the date, bytes[8], of days since 1970-01-01."""
    year = 1970 + days // 366
    while days_from_1970(year + 1, 1, 1) <= days:
        year += 1
    days -= days_from_1970(year, 1, 1)
    month = 1
    while days >= days_in_month(year, month):
        days -= days_in_month(year, month)
        month += 1
    return ("%04d%02d%02d" % (year, month, days + 1)).encode()


def iso8601(amz_date):
    """Return an amz_date as str YYYY-MM-DDTHH:MM:SSZ."""
    text = amz_date if isinstance(amz_date, str) else amz_date.decode()
    return "%s-%s-%s:%s:%s" % (text[:4], text[4:6], text[6:11], text[11:13], text[13:])


def days_in_month(year, month):
    """Return 28..31. Gregorian rule; month: 1..12."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _DAYS[month - 1] + (1 if leap and month == 2 else 0)


def days_from_1970(year, month, day):
    """Return the days from 1970-01-01 to a Gregorian date of 1970 or later."""
    before = year - 1
    days = (year - 1970) * 365 + (before // 4 - before // 100 + before // 400) - 477
    for earlier in range(1, month):
        days += days_in_month(year, earlier)
    return days + day - 1


def _refuse():
    raise RequestError("amz_date", "must be a UTC date YYYYMMDDTHHMMSSZ of 1970 or later")
