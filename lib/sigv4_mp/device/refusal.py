"""What a TrustedClock says when it refuses: which rule, by how much, what to do. Loaded then."""

from ..amzdate import from_seconds
from ..encode import to_bytes
from ..errors import ClockDisagreement, ClockError, ClockRollback, ClockUncertain
from .trusted import VERIFIED

_QUARTER = 900000  # ms; time zones lie at multiples of it


def unsure(clock, half, service, limit):
    """Return the error for an interval too wide (ms) for a service's limit (ms)."""
    text = "the time may be %d s off; %s; ask SNTP again"
    return ClockUncertain(text % (half // 1000 + 1, _tolerates(clock, service, limit)))


def unsure_url(half, expires):
    """Return the error for an interval too wide (ms) for a URL's life (seconds)."""
    return ClockUncertain(
        "the time may be %d s off, too much for a URL that expires after %d s; "
        "ask SNTP again, or let it live longer" % (half // 1000 + 1, expires)
    )


def stale(clock, off, service, limit):
    """Return the error for a request dated too far (ms) from now."""
    text = "may lie %d s from now; %s; seal the request anew"
    return ClockError(text % (off // 1000, _tolerates(clock, service, limit)))


def _tolerates(clock, service, limit):
    return "%s tolerates %d s, of which %d are our margin" % (
        to_bytes(service, "service").decode(),
        (limit + clock.margin_ms) // 1000,
        clock.margin_ms // 1000,
    )


def sunk(clock, latest):
    """Return the error for an interval that ends below the floor."""
    text = "the clock is %d s below its floor (build date, or last good time); ask SNTP again"
    return ClockRollback(text % ((clock.floor_ms - latest) // 1000 + 1))


def below_floor(clock, source, unix_ms, uncertainty):
    """Log, and return the error for evidence that lies below the floor."""
    text = "%s says %s, %d s below the floor (build date, or last good time)" % (
        source,
        from_seconds(max(0, unix_ms // 1000)).decode(),
        (clock.floor_ms - unix_ms - uncertainty) // 1000 + 1,
    )
    clock.event(text)
    return ClockRollback(text + "; ask others, or clear the store if the floor is wrong")


def parted(clock, apart):
    """Have the clock lose its anchor: the two sources went apart, by so many ms."""
    text = "since %s, the system's clock counted %d s %s than the ticks%s"
    more = "more" if apart > 0 else "less"
    text %= (clock.source, abs(apart) // 1000, more, hint(apart))
    clock.lose(text, ClockDisagreement)


def unproved(clock, unix_ms, source, verified, usable):
    """Note a server's word that changes nothing."""
    off, why = "", "alone starts no clock"
    if usable:
        off = ", %d s from this clock" % ((unix_ms - clock.own()[0]) // 1000)
        why = "is not asked for" if verified else "was not verified"
    said = from_seconds(max(0, unix_ms // 1000)).decode()
    clock.diagnosis = "%s says %s%s; its word %s" % (source, said, off, why)


def undecided(clock):
    """Return the ClockDisagreement to raise while there is a rival."""
    off, _, _, source, rank = clock.rival
    return ClockDisagreement(
        "%s is %d s off what %s said%s; one of them is wrong; ask %s"
        % (
            source,
            off // 1000,
            clock.source,
            hint(off),
            "another verified server" if rank == VERIFIED else "again, or a verified server",
        )
    )


def hint(off):
    """Return what an offset in ms looks like, str, in parentheses; "" for nothing in particular."""
    zone = (off + _QUARTER // 2) // _QUARTER
    if not zone or not -56 <= zone <= 56 or abs(off - zone * _QUARTER) > 60000:
        return ""
    return " (as far as local time at %s is from UTC)" % _zone(zone)


def _zone(zone):
    minutes = abs(zone) * 15
    return "UTC%s%d%s" % (
        "+" if zone > 0 else "-",
        minutes // 60,
        ":%02d" % (minutes % 60) if minutes % 60 else "",
    )


def diagnose_rtc(clock, seconds):
    """Return what is wrong with an RTC that says seconds (Unix), str; None if nothing is."""
    middle, half = clock.estimate()
    off = seconds * 1000 + 500 - middle
    if abs(off) <= half + 1500:
        return None
    zone = (off + _QUARTER // 2) // _QUARTER
    if zone and -56 <= zone <= 56 and abs(off - zone * _QUARTER) <= half + 60000:
        return (
            "the RTC is %d s off: it looks like local time, %s; `mpremote rtc --set` and Thonny "
            "set that; set it to UTC" % (off // 1000, _zone(zone))
        )
    date = from_seconds(max(0, seconds)).decode()
    if seconds * 1000 < clock.floor_ms:
        return "the RTC says %s: it was not set since power came on; set it to UTC" % date
    return "the RTC says %s, %d s off; set it to UTC" % (date, off // 1000)
