"""A TrustedClock over a reset or a deep sleep, by the RTC: what is written, what is believed.

The record says what the time was, how far it might be off, and what the RTC said then. It bears the
mark "was set" only if the RTC was in UTC and right: a RTC that lost its power starts in 2000 or
2021, before any record, and so gives itself away. An RTC that was never set would not.
"""

from struct import pack, unpack

from ..amzdate import to_seconds
from ..errors import ClockDisagreement, ClockError, ClockRollback
from ..version import BUILD_DATE
from .trusted import RTC, growth, ticks_diff

SIZE = 34
"""Bytes of a record."""

_FORM = "<BBQQIQI"
_MAGIC = 0x54
_WAS_SET = 1
_CONFIRMED = 2
_LATEST = 7258118400000  # Unix ms, year 2200: what is later is not a record of ours
_STEP_MS = 1000  # of the RTC: it says whole seconds


def suspend(clock, rtc_seconds):
    """Return the record, bytes[34], of a clock and of its floor.

    rtc_seconds: int, what the RTC says, as Unix time. If it isn't right, or the clock has no
    estimate, the record holds the floor only. The floor rises to the interval's beginning once a
    second piece of evidence, some time later or verified, agreed: one wrong answer can't poison it.
    """
    flags = middle = half = 0
    try:
        middle, half = clock.estimate()
    except ClockError:
        pass
    else:
        if clock.confirmed:
            clock.floor_ms = max(clock.floor_ms, middle - half)
        if abs(rtc_seconds * 1000 + 500 - middle) <= half + 1500:
            flags = _WAS_SET | (_CONFIRMED if clock.confirmed else 0)
        else:
            clock.event("not resumable: " + clock.diagnose_rtc(rtc_seconds))
    half = min(half, 0xFFFFFFFF)
    rtc_seconds = max(0, rtc_seconds)
    return pack(_FORM, _MAGIC, flags, clock.floor_ms, middle, half, rtc_seconds, clock.ticks)


def resume(clock, record, rtc_seconds, same_boot=False):
    """Go on from a record. Return whether the clock has an estimate now; it has rank RTC.

    record: bytes, or None: nothing is known. rtc_seconds: int, what the RTC says now, Unix time.
    same_boot: True after a soft reset (machine.reset_cause()): the ticks ran on, so they are asked
    too, and the RTC may not differ from them.
    The floor is raised to the record's. The uncertainty grows by asleep_ppm and a second.
    Raises: ClockRollback if the RTC was set back below the record; ClockDisagreement if the ticks
    say otherwise. The floor is in force all the same.
    """
    if not raise_floor(clock, record):
        return False
    _, flags, _, middle, half, rtc_then, ticks = unpack(_FORM, record)
    if clock.usable() or not flags & _WAS_SET:
        return False
    slept = (rtc_seconds - rtc_then) * 1000
    ppm = clock.asleep_ppm
    if slept < 0:
        return _went_back(clock, rtc_seconds, slept)
    if same_boot:
        counted = ticks_diff(clock.ticks, ticks)
        ppm = clock.drift_ppm
        if abs(slept - counted) > _STEP_MS + growth(max(slept, counted, 0), clock.asleep_ppm):
            from .refusal import hint

            text = "over the reset the RTC and the ticks went %d s apart%s"
            text %= ((slept - counted) // 1000, hint(slept - counted))
            clock.lose(text, ClockDisagreement)
            raise ClockDisagreement(text + "; ask SNTP again")
        slept = counted
    half += growth(slept + _STEP_MS, ppm) + _STEP_MS
    clock.anchor(middle + slept, half, "the RTC", RTC)
    clock.confirmed = bool(flags & _CONFIRMED)
    clock.event("resumed after %d s" % (slept // 1000))
    return True


def _went_back(clock, rtc_seconds, slept):
    from .refusal import hint  # those whose RTC runs on don't pay for it

    text = "the RTC is %d s behind the record%s" % (-slept // 1000, hint(slept))
    if rtc_seconds < to_seconds(BUILD_DATE):  # it started anew, in 2000 or 2021
        clock.event(text + ": power was off")
        return False
    clock.lose(text + ": it was set back", ClockRollback)
    raise ClockRollback(text + ": it was set back; ask SNTP again")


def raise_floor(clock, record):
    """Raise a clock's floor to a record's. record: bytes, or None. Return whether it is ours."""
    if record is None or len(record) != SIZE:
        return False
    magic, _, floor_ms, middle, _, _, _ = unpack(_FORM, record)
    if magic != _MAGIC or floor_ms > _LATEST or middle > _LATEST:
        return False
    clock.floor_ms = max(clock.floor_ms, floor_ms)
    return True
