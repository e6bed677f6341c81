"""Store and forward: records that wait on flash until a service has taken them.

    spool = Spool("/spool")
    spool.put(b'{"t": 21.5}', time_s)       in RAM until a group of them is committed
    for record in spool.read(): ...         the oldest first
    spool.ack(record.seq)                   delivered up to here

A record that commit() has made durable is read again after every crash until it is acknowledged. It
may be read twice, never torn, never out of order. Each has a number, `seq`, which no other record
of this spool ever gets, and an id of it and the spool's own random one for receivers to drop
duplicates by. Finding the end again after a reset reads one segment, no more.
"""

import struct
from binascii import hexlify

from ..errors import RequestError, SigV4Error
from ..net.steps import const, ticks_diff
from .frame import CURSOR, HEADER, LAST_SEQ, RECORD, SEGMENT, Scanner, pack, whole

# After a segment's first frame, whose seq is that of its first record: the spool's id, what was
# acknowledged and what was the last record before it when it was begun, the longest record allowed.
_FACTS = "<8sIIH"
_FACTS_SIZE = const(18)
HEAD_SIZE = const(34)
ENOSPC = const(28)  # littlefs, FAT and desktops alike; MicroPython's errno does not name it
_LEAST = const(512)  # bytes to read at once: on flash each read costs as much as many bytes
_NOWHERE = (-1, 0, 0, 0)
_POLICIES = ("drop_oldest", "drop_newest", "refuse")


class SpoolFull(SigV4Error):
    """There is no room for the record, and the policy is to refuse it."""


class Record:
    """One record as it is read; the same object each time: use it before the next one is read.

    seq: int.    time_s: int, Unix seconds, 0 where unknown.    stream: int, 0..255.
    payload: memoryview.
    """

    def __init__(self, spool_id):
        self._spool_id = hexlify(spool_id).decode()

    @property
    def id(self):
        """The record's id, str: unlike that of any other record, of any device."""
        return _id(self._spool_id, self.seq)

    def set(self, source):
        """Show what a Scanner has found."""
        self.seq = source.seq
        self.time_s = source.time_s
        self.stream = source.stream
        self.payload = source.payload


class Spool:
    """Records in a folder, as append-only segments. One read() at a time.

    next_seq: the number of the next record. durable: of the last one that a reset can't take away.
    acked: all records up to this number are delivered. floor: numbers below it were dropped for
    space, and counted. spool_id: bytes[8]. ticks: the function.
    firsts: the segments, by the number of their first record. aside: names of damaged ones.
    stored: bytes of all these. tail: of the newest segment; None if nothing may be added to it.
    counters: dict of int, since this object was made; the keys say what of.
    """

    def __init__(
        self,
        folder,
        max_bytes=262144,
        segment_bytes=16384,
        max_record=1024,
        commit_bytes=1024,
        commit_ms=60000,
        policy="drop_oldest",
        on_event=None,
        ticks=None,
        entropy=None,
    ):
        """folder: str, a path that exists or can be made; or a Folder or what behaves like one.

        max_bytes: of all segments. segment_bytes: of one; a multiple of the flash's block size.
        max_record: the longest payload. commit_bytes, commit_ms: records are made durable when so
        many bytes of them wait in RAM, or the oldest waits so long (0: each at once).
        policy: when max_bytes are used up: "drop_oldest" drops the oldest segment, "drop_newest"
        the new record, "refuse" raises SpoolFull.
        on_event(text): hears what was found or done that is not everyday.
        ticks, entropy: functions like time.ticks_ms and os.urandom, the defaults.
        Cost: RAM for max_record, and for commit_bytes or max_record, whichever is more.
        Raises: RequestError; OSError of the medium. Nothing found on the medium is an error.
        """
        _check(policy, max_bytes, segment_bytes, max_record, commit_bytes)
        if isinstance(folder, str):
            from .folder import Folder

            folder = Folder(folder)
        self.folder = folder
        self.ticks = ticks or _ticks()
        self.max_record = max_record
        self._max_bytes = max_bytes
        self._segment_bytes = segment_bytes
        self._commit_bytes = commit_bytes
        self._commit_ms = commit_ms
        self._policy = policy
        self._on_event = on_event
        self._group = bytearray(max(commit_bytes, max_record + HEADER))
        self._used = self._waiting = self._since = 0
        self._scanner = Scanner(max(max_record + HEADER, _LEAST))
        # What segments.read() knows: how often reading failed, damage told of up to which number,
        # how many reads were begun, and where the two latest records end, and what is acknowledged:
        # number, segment, offset behind it, longest record there.
        self.failures = self.holes = self.reads = 0
        self.places = [_NOWHERE] * 3
        self.counters = dict.fromkeys(
            "put bytes commits written dropped_oldest dropped_newest refused damaged torn_bytes "
            "set_aside".split(),
            0,
        )
        from .recovery import recover

        recover(self, entropy or _urandom)

    def put(self, payload, time_s=0, stream=0):
        """Take a record; return its seq, int, or None where "drop_newest" dropped it.

        payload: a buffer, 1..max_record bytes, copied. time_s: int, Unix seconds, 0 if unknown.
        stream: int 0..255; what it means is up to the destination.
        It is durable after the next commit(), which this may do. Raises: RequestError, SpoolFull;
        OSError: the record was not taken, and those before it still wait in RAM.
        """
        size = HEADER + len(payload)
        if not HEADER < size <= HEADER + self.max_record:
            text = "must be of 1 to %d bytes (max_record), not %d" % (
                self.max_record,
                len(payload),
            )
            raise RequestError("payload", text)
        if self.next_seq > LAST_SEQ:
            raise RequestError("seq", "all numbers are used; empty the spool and remove it")
        if self._used + size > len(self._group):
            self.commit()
        if not self._make_room(size):
            self.counters["dropped_newest"] += 1
            return None
        seq = self.next_seq
        if not self._used:
            self._since = self.ticks()
        self._used = pack(self._group, self._used, RECORD, stream, seq, time_s, payload)
        self.next_seq = seq + 1
        self._waiting += 1
        self.counters["put"] += 1
        self.counters["bytes"] += len(payload)
        if self._used >= self._commit_bytes or self.due_ms() == 0:
            self._commit_softly()
        return seq

    def _commit_softly(self):
        """Commit after a record was taken: an error is the next one's concern, it tries again."""
        try:
            self.commit()
        except (OSError, SpoolFull) as error:
            self.event("could not commit: %s" % error)

    @property
    def next_id(self):
        """The id that the next record will have, str: for those who want it in their payload."""
        return _id(hexlify(self.spool_id).decode(), self.next_seq)

    def due_ms(self):
        """Return the milliseconds until a commit is due by age, 0 if it is, None if none waits."""
        if not self._used:
            return None
        return max(0, self._commit_ms - ticks_diff(self.ticks(), self._since))

    def poll(self):
        """Commit if it is due by age. Return as due_ms(), of what then waits."""
        if self.due_ms() == 0:
            self.commit()
        return self.due_ms()

    def commit(self):
        """Make all records durable; return `durable`. Raises: OSError, SpoolFull: they still wait.

        Cost: one append and flush; where a segment is full, a new file.
        """
        while self._used:
            try:
                self._write()
            except OSError as error:
                self._end_segment()
                if error.errno != ENOSPC:
                    raise
                if self._policy == "drop_oldest" and self._drop_oldest():
                    continue
                if self._policy != "drop_newest":
                    raise SpoolFull(None, "the medium is full; records wait in RAM")
                self.counters["dropped_newest"] += self._waiting
                self.event("the medium is full: the newest records are dropped")
                self.next_seq -= self._waiting
            self._used = self._waiting = 0
        return self.durable

    def _write(self):
        """Append the group to the newest segment, or to a new one."""
        first = self.next_seq - self._waiting
        if self._begins():
            head = bytearray(HEAD_SIZE)
            facts = (self.spool_id, self.acked, self.durable, self.max_record)
            pack(head, 0, SEGMENT, 0, first, 0, struct.pack(_FACTS, *facts))
            self.folder.append(name_of(first), head, HEAD_SIZE, False)
            self.folder.append(name_of(first), self._group, self._used)
            self.firsts.append(first)
            self.tail = 0
            self._grow(HEAD_SIZE)
        else:
            self.folder.append(name_of(self.firsts[-1]), self._group, self._used)
        self._grow(self._used)
        self.counters["commits"] += 1
        self.durable = self.next_seq - 1

    def _grow(self, count):
        self.tail += count
        self.stored += count
        self.counters["written"] += count

    def _end_segment(self):
        """After an error: what the newest segment holds behind its old end is not known."""
        if self._begins():
            self.folder.remove(name_of(self.next_seq - self._waiting))
            return
        size = max(0, self.folder.size(name_of(self.firsts[-1])))
        if size != self.tail:  # its frames of this group have numbers that will lie elsewhere
            self.stored += size - self.tail
            self.tail = None

    def _begins(self):
        """Return whether the group will begin a segment."""
        return self.tail is None or self.tail + self._used > self._segment_bytes

    def _make_room(self, size):
        """See to it that there is room for a record. Return False if it is to be dropped."""
        while self.stored + self._used + size + HEAD_SIZE > self._max_bytes:
            if self._policy == "drop_newest":
                return False
            if self._policy == "refuse":
                self.counters["refused"] += 1
                raise SpoolFull(None, "%d bytes are used; deliver some first" % self.stored)
            if not self._drop_oldest():
                break
        return True

    def _drop_oldest(self):
        """Drop what is oldest, a segment set aside or the first one; return whether there was."""
        if self.aside:
            self._remove(self.aside.pop(0))
            self.event("dropped a damaged segment, for space")
            return True
        if len(self.firsts) < 2:  # the newest one knows the numbers
            return False
        first = self.firsts.pop(0)
        end = self.floor = self.firsts[0]
        self._remove(name_of(first))
        lost = max(0, end - max(first, self.acked + 1))
        self.counters["dropped_oldest"] += lost
        if lost:
            self.event("dropped the oldest records, %d to %d, for space" % (first, end - 1))
        return True

    def _remove(self, name):
        size = self.folder.size(name)
        self.folder.remove(name)
        self.stored -= max(0, size)

    @property
    def backlog(self):
        """How many durable records are not acknowledged yet, int; an upper bound after damage."""
        return self.durable - max(self.acked, self.firsts[0] - 1 if self.firsts else self.durable)

    def read(self, after=None):
        """Yield the durable records behind the number `after`, or all that are not acknowledged.

        Yields the one Record again and again. Commits and acknowledgements may go on meanwhile.
        Damage is stepped over, counted and told. Raises: OSError, of the medium; the third time a
        segment can't be read it is set aside.
        """
        from .segments import read  # a device that only gathers doesn't pay for it

        return read(self, self.acked if after is None else after)

    def place_of(self, seq):
        """Return where the record ends, if that is known: see `places`. Else None."""
        for place in self.places:
            if place[0] == seq:
                return place
        return None

    def scanner(self, limit):
        """Return the Scanner, which holds a record of `limit` bytes."""
        if self._scanner.size < HEADER + limit:  # written with a larger max_record
            self._scanner = Scanner(HEADER + limit)
        return self._scanner

    def extent(self, first):
        """Return (end, high) of a segment: its bytes to read, and a number above all its own."""
        at = self.firsts.index(first) + 1
        if at < len(self.firsts):
            return self.folder.size(name_of(first)), self.firsts[at]
        return self.folder.size(name_of(first)) if self.tail is None else self.tail, (
            self.durable + 1
        )

    def ack(self, seq):
        """Take note that all records up to seq are delivered: they are never read again.

        Raises: RequestError for a number that is not durable; OSError: not acknowledged. On a full
        medium it is noted in RAM only, and told.
        """
        if seq <= self.acked:
            return
        if seq > self.durable:
            raise RequestError("seq", "%d is not durable yet, it can't be delivered" % seq)
        try:
            self.save_cursor(seq)
        except OSError as error:
            if error.errno != ENOSPC:
                raise
            # Going on makes room, once a segment is delivered; until then a reset means duplicates.
            self.acked = seq
            self.event("no room for the cursor; after a reset records are sent twice")
        self.places[2] = self.place_of(seq) or self.places[2]
        self.clean()

    def save_cursor(self, seq):
        """Replace the cursor file. seq: int, what is acknowledged."""
        frame = bytearray(HEADER + 8)
        pack(frame, 0, CURSOR, 0, seq, 0, self.spool_id)
        self.folder.replace("cursor", frame)
        self.acked = seq

    def clean(self):
        """Remove the segments that are delivered, but never the newest: it knows the numbers.

        The cursor on the medium may be behind; what is not there is not read again.
        """
        while len(self.firsts) > 1 and self.firsts[1] - 1 <= self.acked:
            self._remove(name_of(self.firsts.pop(0)))
            self.floor = self.firsts[0]

    def head_of(self, first):
        """Return (spool_id, acked, last before it, max_record) of a segment; None if unreadable.

        Raises: ValueError if the segment is another one's.
        """
        head = bytearray(HEAD_SIZE)
        view = memoryview(head)
        count = self.folder.read(name_of(first), 0, view)
        if whole(view, 0, count, SEGMENT, _FACTS_SIZE) != HEAD_SIZE:
            return None
        if struct.unpack_from("<I", head, 4)[0] != first:
            raise ValueError("%s says that it is another segment" % name_of(first))
        return struct.unpack_from(_FACTS, head, HEADER)

    def set_aside(self, first, why):
        """Rename a segment that can't be read, for a person; "drop_oldest" drops it first."""
        name = name_of(first)
        self.folder.rename(name, name[:8] + ".bad")
        if first in self.firsts:
            if first == self.firsts[-1]:
                self.tail = None
            self.firsts.remove(first)
        self.aside.append(name[:8] + ".bad")
        self.counters["set_aside"] += 1
        self.event("%s was set aside: %s" % (name, why))

    def event(self, text):
        """Tell on_event."""
        if self._on_event:
            self._on_event(text)

    def close(self):
        """Commit, and close the file. Deep sleep needs no more than commit()."""
        self.commit()
        self.folder.close()


def _id(spool_id, seq):
    return "%s-%08x" % (spool_id, seq)


def name_of(first):
    """Return the file name of the segment whose first record has this number."""
    return "%08x.seg" % first


def _urandom(size):
    from os import urandom  # not every port has it

    return urandom(size)


def _ticks():
    try:
        from time import ticks_ms
    except ImportError:  # CPython
        from ..net._cpython import ticks_ms
    return ticks_ms


def _check(policy, max_bytes, segment_bytes, max_record, commit_bytes):
    if policy not in _POLICIES:
        raise RequestError("policy", "must be one of " + ", ".join(_POLICIES))
    if not 1 <= max_record <= 65535:
        raise RequestError("max_record", "must be 1 to 65535 bytes")
    if segment_bytes < max(max_record + HEADER, commit_bytes) + HEAD_SIZE:
        text = "must have room for max_record or commit_bytes and %d more" % (HEADER + HEAD_SIZE)
        raise RequestError("segment_bytes", text)
    if max_bytes < 4 * segment_bytes:
        raise RequestError("max_bytes", "must be four times segment_bytes or more")
