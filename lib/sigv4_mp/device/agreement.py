"""Which of several servers to believe: the interval that a majority shares. No I/O, no time.

Each claim is an interval that must hold the true time if its server is honest. Honest ones thus
overlap, whatever their errors; a server that overlaps with no majority is a falseticker, and named.
What is taken are all points that more than half of the claims share. While more than half of them
are honest the truth is among these, whatever the others claim; the densest point alone could be one
where liars pile up on the edge of two honest claims.
Source: Marzullo's algorithm; RFC 5905 §11.2.1, the clock select algorithm.
"""

from ..errors import ClockDisagreement


def agree(claims, least):
    """Return (earliest_ms, latest_ms, agreed, false) of the servers' claims.

    claims: list of (name, earliest_ms, latest_ms), all at the same moment, at least one.
    least: int, how many must agree on some moment; more than half of the claims in any case.
    earliest_ms, latest_ms: int, the first and the last moment that more than half claim.
    agreed, false: lists of names; the false ones touch nothing of it.
    Raises: ClockDisagreement, naming all with how far they lie apart.
    """
    half = len(claims) // 2
    edges = []
    for _, earliest, latest in claims:
        edges.append((earliest, 0))  # an interval that begins where another one ends touches it
        edges.append((latest, 1))
    edges.sort()
    most, low, high = _shared(edges, half)
    if most < least or most <= half:
        raise ClockDisagreement(_told(claims, most, least))
    agreed = []
    false = []
    for name, earliest, latest in claims:
        (agreed if earliest <= high and latest >= low else false).append(name)
    return low, high, agreed, false


def _shared(edges, half):
    """Return (most, low, high): the most claims that share a point; where more than half do."""
    most = count = low = high = 0
    for at, end in edges:
        if end:
            if count == half + 1:
                high = at
            count -= 1
        else:
            count += 1
            if count == half + 1 and most <= half:
                low = at
            most = max(most, count)
    return most, low, high


def _told(claims, most, least):
    first = _middle(claims[0])
    parts = ["%s %+d s" % (claim[0], (_middle(claim) - first + 500) // 1000) for claim in claims]
    need = max(least, len(claims) // 2 + 1)
    return "only %d of %d time servers agree, %d must (apart: %s); check the servers" % (
        most,
        len(claims),
        need,
        ", ".join(parts),
    )


def _middle(claim):
    return (claim[1] + claim[2]) // 2


def agree_by_name(groups, least):
    """Return the same as agree() for claims of several names, each with one vote.

    groups: dict name -> its addresses' claims. One name is one operator, so its addresses first
    agree among themselves; one whose addresses contradict each other has no vote. Where there are
    fewer names than `least`, addresses are counted instead.
    """
    if len(groups) < least or len(groups) == 1:
        return agree([claim for name in sorted(groups) for claim in groups[name]], least)
    votes = []
    false = []
    for name in sorted(groups):
        try:
            earliest, latest, _, wrong = agree(groups[name], 1)
        except ClockDisagreement:
            false.append(name)
            continue
        votes.append((name, earliest, latest))
        false += wrong
    if len(votes) < least:
        text = "%s: each contradicts itself; check the servers" % ", ".join(false)
        raise ClockDisagreement(text)
    earliest, latest, agreed, wrong = agree(votes, least)
    return earliest, latest, agreed, wrong + false
