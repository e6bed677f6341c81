"""What a spool finds when it is opened: after a reset at any moment, and after damage.

Of all segments only the newest one is read through. Whatever is not as it should be is told to the
spool's on_event; nothing is removed but an empty file, and nothing with records in it is ignored.
"""

from .frame import CURSOR, HEADER, RECORD, whole
from .spool import ENOSPC, HEAD_SIZE, name_of


def recover(spool, entropy):
    """Set a Spool's firsts, aside, floor, stored, tail, durable, next_seq, acked and spool_id.

    entropy: a function like os.urandom, for the id of a new spool.
    """
    spool.firsts = []
    spool.aside = []
    spool.tail = None
    top = _list(spool)  # no record has had this number, or a higher one
    durable, above, head = _newest(spool)
    cursor = _cursor(spool, head)
    if cursor is None:
        acked, spool.spool_id = _without_cursor(spool, head, entropy)
        try:
            spool.save_cursor(acked)
        except OSError as error:
            if error.errno != ENOSPC or not spool.firsts:
                raise
            spool.event("no room for the cursor")  # delivering makes some
    else:
        acked, spool.spool_id = cursor
    spool.acked = acked
    spool.floor = spool.firsts[0] if spool.firsts else 0
    spool.durable = max(durable, acked)
    spool.next_seq = max(top, above, acked + 1)
    if spool.next_seq != durable + 1:  # numbers in one segment have no gap unless it is damaged
        spool.tail = None
    spool.clean()


def _list(spool):
    """Note the files; return a number above all that segments set aside can hold."""
    top = 1
    spool.stored = 0
    for name, size in spool.folder.sizes().items():
        first = _number(name)
        if first is None:
            if name not in ("cursor", "cursor.new", "letters", "letters.old"):
                spool.event("%s is no file of the spool; it is left alone" % name)
            continue
        spool.stored += size
        if name == name_of(first):
            spool.firsts.append(first)
        else:
            spool.aside.append(name)
            top = max(top, first + size // HEADER + 1)
    spool.firsts.sort()
    spool.aside.sort()
    return top


def _number(name):
    try:
        first = int(name[:8], 16)
    except ValueError:
        return None
    return first if name in (name_of(first), name_of(first)[:8] + ".bad") else None


def _newest(spool):
    """Find the end of the newest segment. Return the last record's number, one above all, its head.

    Segments that hold nothing are removed, those of another place set aside, and the one before
    is taken.
    """
    above = 1
    while spool.firsts:
        first = spool.firsts[-1]
        size = max(0, spool.folder.size(name_of(first)))
        try:
            head = spool.head_of(first)
            last, end = _last(spool, first, size, head)
        except ValueError as error:
            above = max(above, first + size // HEADER + 1)
            spool.set_aside(first, str(error))
            continue
        except OSError as error:  # the reader will try again; whatever is in it keeps its numbers
            spool.event("%s can't be read: %s" % (name_of(first), error))
            last = first + size // HEADER
            return last, max(above, last + 1), None
        if last is None and head is None:
            _nothing_in(spool, first, size)
            above = max(above, first + size // HEADER)
            continue
        return _end_of(spool, first, size, head, last, end, above)
    return 0, above, None


def _last(spool, first, size, head):
    """Return the number of a segment's last record, or None, and the offset behind it."""
    limit = head[3] if head else spool.max_record
    scanner = spool.scanner(limit)
    start = HEAD_SIZE if head else 0
    last = None
    scanner.start(_reader(spool, first), start, size, RECORD, limit, first)
    while scanner.next():
        last = scanner.seq
    return last, scanner.where


def _reader(spool, first):
    name = name_of(first)
    return lambda offset, view: spool.folder.read(name, offset, view)


def _nothing_in(spool, first, size):
    if size:
        spool.set_aside(first, "there is no whole record in it")
    else:  # a cut between making the file and filling it
        spool.firsts.pop()
        spool.folder.remove(name_of(first))


def _end_of(spool, first, size, head, last, end, above):
    """Take the newest segment as it is, to be gone on with if it is sound up to its end."""
    torn = size - end
    if last is None:
        last = head[2]
        above = max(above, first)
    if torn == 0 and head:
        spool.tail = size
        return max(last, first - 1), max(above, last + 1, first), head
    if torn:
        # Not committed, or damaged afterwards: then its numbers may be known to a receiver.
        spool.counters["torn_bytes"] += torn
        text = "%s ends in %d bytes that are no record: cut off, or damaged"
        spool.event(text % (name_of(first), torn))
    return last, max(above, last + torn // HEADER + 2, first + torn // HEADER + 1), head


def _cursor(spool, head):
    """Return (acked, spool_id) by the cursor file, or by its successor; None without either."""
    found = None
    for name in ("cursor", "cursor.new"):
        view = memoryview(bytearray(HEADER + 9))
        try:
            count = spool.folder.read(name, 0, view)
        except OSError:
            continue
        if count != HEADER + 8 or whole(view, 0, count, CURSOR, 8) != count:
            if name == "cursor":  # the other one may have been cut while it was written
                spool.event("the cursor is damaged")
            continue
        seq = view[4] | view[5] << 8 | view[6] << 16 | view[7] << 24
        if found is None or seq > found[0]:  # both: it was written, but not renamed yet
            found = seq, bytes(view[HEADER:count])
    if found and head and found[1] != head[0]:
        spool.event("the cursor is another spool's")
        return None
    return found


def _without_cursor(spool, head, entropy):
    """Return (acked, spool_id) as well as the segments know them. Raises: OSError.

    A medium that can't be read now may be sound later: another id would make strangers of its
    segments.
    """
    problem = None
    for first in reversed(spool.firsts):
        if head:
            break
        try:
            head = spool.head_of(first)
        except ValueError:
            continue
        except OSError as error:
            problem = error
    if problem and not head:
        raise problem
    if not spool.firsts:
        return 0, entropy(8)
    acked, spool_id = (head[1], head[0]) if head else (0, entropy(8))
    spool.event("no cursor: records from %d on may be sent twice" % (acked + 1))
    return acked, spool_id
