"""What a TrustedClock does with evidence that contradicts what it knows. Loaded when it happens.

In this order. A server's word less than 4 margins (2 minutes) beside SNTP makes no date wrong: it
is noted, no more. Drift beyond its budget, up to 20 times, explains it: taken, and reported. What
is known rests on the RTC alone: the evidence is taken. SNTP against SNTP, apart by less than a
margin: the interval is widened over both. Else nothing is signed until further evidence decides: a
verified server's word is settled by another verified one, or for it by SNTP; an agreement of SNTP
servers by a second one, at least a minute later, or a day later if a verified server stood by us.
"""

from .refusal import hint, undecided
from .trusted import RTC, SNTP, VERIFIED, growth

_EXPLAINED = 20  # times the budget: what a cold or a warm crystal, or a light sleep, can do
_HARMLESS = 4  # margins: two minutes, when the least tolerance of a service is five
_AGAIN_MS = 60000
_FADES_MS = 86400000  # then a verified word of once no longer stands against SNTP


def decide(clock, unix_ms, uncertainty, source, rank):
    """Take evidence (as of now) while there is a contradiction. Raises: ClockDisagreement."""
    if clock.rival:
        _settle(clock, unix_ms, uncertainty, source, rank)
        return
    own, half = clock.own()
    off = unix_ms - own
    gap = abs(off) - uncertainty - half
    bound = rank == SNTP or abs(off) <= clock.max_move_ms
    drift = (_EXPLAINED - 1) * growth(clock.elapsed, clock.drift_ppm)
    if rank == VERIFIED and clock.rank >= SNTP and gap <= _HARMLESS * clock.margin_ms:
        clock.diagnosis = "%s is %d s off what %s said" % (source, off // 1000, clock.source)
    elif bound and gap <= drift:
        text = "drifted %d ms in %d s, over its budget of %d ppm by %d ms; now %s's"
        parts = (-off, clock.elapsed // 1000, clock.drift_ppm, gap, source)
        clock.anchor(unix_ms, uncertainty, source, rank)
        clock.event(text % parts)
    elif bound and clock.rank == RTC:
        clock.anchor(unix_ms, uncertainty, source, rank)
        text = "the RTC's time was %d s off, more than its budget allows%s; now %s's"
        clock.event(text % (-off // 1000, hint(-off), source))
    elif gap <= clock.margin_ms:
        _widen(clock, own, half, unix_ms, uncertainty, source)
    elif source == clock.outvoted:
        clock.diagnosis = "%s is %d s off; it was outvoted before" % (source, off // 1000)
    else:
        _oppose(clock, unix_ms, uncertainty, source, rank)


def _widen(clock, own, half, unix_ms, uncertainty, source):
    earliest = min(own - half, unix_ms - uncertainty)
    latest = max(own + half, unix_ms + uncertainty)
    text = "%s and %s are %d ms apart: both may be right" % (clock.source, source, unix_ms - own)
    rank, confirmed, known = clock.rank, clock.confirmed, clock.source
    clock.anchor((earliest + latest) // 2, (latest - earliest + 1) // 2, known, rank)
    clock.confirmed = confirmed
    clock.event(text)


def _oppose(clock, unix_ms, uncertainty, source, rank):
    off = unix_ms - clock.own()[0]
    clock.rival = (off, uncertainty, clock.elapsed, source, rank)
    error = undecided(clock)
    clock.event(error.message)
    raise error


def _settle(clock, unix_ms, uncertainty, source, rank):
    own, half = clock.own()
    off, width, since, other, other_rank = clock.rival
    waited = clock.elapsed - since
    width += growth(waited, clock.drift_ppm)
    with_own = abs(unix_ms - own) <= uncertainty + half
    with_rival = abs(unix_ms - own - off) <= uncertainty + width
    if with_own and not with_rival and rank >= other_rank:
        clock.rival = None
        clock.outvoted = other if other_rank == VERIFIED and other != source else None
        clock.event("%s is outvoted: %s stands by %s" % (other, source, clock.source))
        clock.agree(unix_ms, uncertainty, source, rank)
    elif with_rival and not with_own and _carries(clock, rank, source, waited):
        text = "moved %d s: %s stands by %s" % ((unix_ms - own) // 1000, source, other)
        clock.outvoted = None
        clock.anchor(unix_ms, uncertainty, source, rank)
        clock.confirmed = True
        clock.event(text)
    elif not with_own and not with_rival and rank >= other_rank:
        _oppose(clock, unix_ms, uncertainty, source, rank)
    else:
        raise undecided(clock)


def _carries(clock, rank, source, waited):
    """Whether the rival and one who stands by it outweigh what is known."""
    off, _, _, other, other_rank = clock.rival
    if rank == VERIFIED and other_rank == VERIFIED:  # the bound holds for two servers, too
        return source != other and abs(off) <= clock.max_move_ms
    if rank == SNTP and other_rank == SNTP:
        return waited >= (_FADES_MS if clock.rank == VERIFIED else _AGAIN_MS)
    return True
