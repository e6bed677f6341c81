"""Reading a spool: record after record, segment after segment, past whatever is damaged."""

from ..errors import RequestError
from .frame import RECORD
from .spool import HEAD_SIZE, Record, name_of

_TRIES = 3


def read(spool, after):
    """Generator of Record; see Spool.read."""
    spool.reads += 1
    mine = spool.reads
    record = Record(spool.spool_id)
    current = -1
    expect = after + 1
    while True:
        first = _next(spool, current, expect)
        if first is None:
            _damaged(spool, expect, spool.durable)  # what was in segments that were set aside
            return
        expect = max(expect, spool.floor)
        try:
            opened = _open(spool, first, expect)
            if opened is None:
                continue
            scanner, extent, limit, expect = opened
            while scanner.next():
                seq = scanner.seq
                if seq < expect:
                    continue
                _damaged(spool, expect, seq - 1)
                expect = seq + 1
                record.set(scanner)
                spool.places[0] = spool.places[1]
                spool.places[1] = (seq, first, scanner.where, limit)
                yield record
                if spool.reads != mine:
                    raise RequestError("read", "another one was begun since")
            spool.failures = 0
        except OSError as error:
            if first in spool.firsts:
                _failed(spool, first, error)
            continue
        grown = first in spool.firsts and spool.extent(first) != extent
        current = first - 1 if grown else first


def _next(spool, current, expect):
    """Return the first segment behind `current` that may hold the number `expect` or later ones."""
    for first in spool.firsts:
        if first > current and spool.extent(first)[1] > expect:
            return first
    return None


def _open(spool, first, expect):
    """Start the scanner; return it, the segment's extent, its longest record, what to expect.

    None: the segment is none of this spool, and was set aside. Raises: OSError.
    """
    extent = spool.extent(first)
    place = spool.place_of(expect - 1)
    if place and place[1] == first:
        offset, limit = place[2:]
    else:
        try:
            head = spool.head_of(first)
            if head and head[0] != spool.spool_id:
                raise ValueError("it is another spool's")
        except ValueError as error:
            spool.set_aside(first, str(error))
            return None
        offset = HEAD_SIZE if head else 0
        limit = head[3] if head else spool.max_record
        last = head[2] if head else first - 1
        if expect <= first:
            _damaged(spool, expect, min(last, first - 1))  # the end of the segment before
            expect = first
    name = name_of(first)
    scanner = spool.scanner(limit)
    scanner.start(
        lambda at, view: spool.folder.read(name, at, view),
        offset,
        extent[0],
        RECORD,
        limit,
        first,
        extent[1],
    )
    return scanner, extent, limit, expect


def _damaged(spool, low, high):
    """Count the records low..high as lost by damage, once."""
    low = max(low, spool.holes + 1)
    if low <= high:
        spool.holes = high
        spool.counters["damaged"] += high - low + 1
        spool.event("records %d to %d are damaged" % (low, high))


def _failed(spool, first, error):
    """Note that a segment can't be read; raise the error, until it is set aside."""
    spool.failures += 1
    if spool.failures < _TRIES:
        raise error
    spool.failures = 0
    spool.set_aside(first, "it can't be read (%s)" % error)
