"""Records gathered into one request until it is full, and what became of each of them.

    sink = kinesis(Aws(signer), "readings")         # from kinesis.py; each service has its own
    while sink.add(reading):
        reading = next(readings)
    failed = http.run(sink.send())                  # [(index, code, permanent)]; []: all delivered

A record counts as delivered only if a whole answer says so: a cut or odd answer may cost a
duplicate, never a record. Records that failed and were sent again come after their neighbours.
"""

from binascii import hexlify
from hashlib import sha256

from ..amzdate import to_seconds
from ..encode import to_bytes
from ..errors import CredentialsError, RequestError, ServiceError, SigV4Error
from ..net.steps import const
from .aws import fault
from .entry import Entry
from .jsonout import Full, JsonBuffer
from .limits import limits_of
from .pieces import PiecesBody

WAITING = const(0)
DELIVERED = const(1)
REFUSED = const(2)

_MARGIN_S = const(60)  # a record must not become too old on its way
_NEWEST_S = const(7200)  # ahead of now, where a service looks at the time at all


class Batch:
    """The records of one request. service: bytes, as in the scope. signer: the Signer.

    count: int, records in it. oldest_s: seconds after which the service refuses a record for ever,
    or None. in_order: whether it takes a batch only sorted by time, and of one day.
    Cost: its buffer, and 6 bytes for each 24 of it; adding a record as base64 makes 0.3 KB of
    garbage for each 192 bytes, as text next to none.
    """

    def __init__(
        self,
        client,
        name,
        prepare,
        start,
        entry,
        end,
        answers=None,
        size=4096,
        oldest_s=None,
        limits=None,
    ):
        """client: an Aws. name: str, the action whose limits hold.

        prepare: a function that returns the PreparedRequest. It is called at once, so that a
        mistake shows early; while the credentials are still to be fetched, when they are there.

        start, end: bytes of the body round the entries. entry: str, a template (entry.py).
        size: int, bytes of the buffer; the service's own limits hold beside it. oldest_s: seconds
        before now that the service takes; None: it does not look at the time. answers: what the
        service says of each record, see outcomes.py; None: a 2xx is all it says. limits: (records,
        bytes of one, bytes of all, bytes that each counts beside its own); None: by limits.py.
        """
        self.signer = client.signer
        self.service = client.signer.service
        self.oldest_s = oldest_s
        self.in_order = False
        self._exchange = client.exchange
        self._prepare = prepare
        self._prepared = None
        try:
            self._make_ready()
        except CredentialsError:
            pass  # the exchange fetches them before it has the first request sealed
        self._start = start
        self._end = end
        self._entry = Entry(entry)
        self._limits = limits or limits_of(client.service, name)[1:]
        if self._limits[3] < 0:  # the body counts as it is
            size = min(size, self._limits[2])
        most = min(self._limits[0], size // 24 + 1)  # the shortest entry of a list is longer
        self._buffer = JsonBuffer(max(size - len(start) - len(end), 0))
        self._ends = [0] * most  # where each entry ends in the buffer
        self.states = bytearray(most)
        self._answers = answers
        if answers:
            answers.reserve(most, size)
        self._body = PiecesBody(self._pieces)
        self.clear()

    def _make_ready(self):
        if self._prepared is None:
            self._prepared = self._prepare()

    def clear(self):
        """Forget all records: the buffer is empty again."""
        self.count = 0
        self.codes = {}
        self._buffer.end = 0
        self._total = 0
        self._now = None
        for i in range(len(self.states)):
            self.states[i] = WAITING

    def state(self, index):
        """Return WAITING, DELIVERED or REFUSED (for ever), of a record by the order of add()."""
        return self.states[index]

    def add(self, payload, record_id="", stream=0, time_s=0):
        """Take a record; return False where it does not fit any more: send first.

        payload: bytes-like or str, copied. record_id: str or bytes; stream: int; used where the
        service has a place for them. time_s: int, Unix seconds when it was taken; 0: not known,
        CloudWatch and Logs get the present time.
        Raises: RequestError where it can never be sent: too big, too old, not text; ClockError.
        """
        most, one, together, overhead = self._limits
        if isinstance(payload, str):
            payload = to_bytes(payload, "record")
        size = len(payload)
        if size > one:
            text = "is %d bytes; %s takes %d" % (size, self.service.decode(), one)
            raise RequestError("record", text)
        if self.oldest_s is not None:
            time_s = self._check_time(time_s)
        if self.count == min(most, len(self._ends)) or not self._follows(time_s):
            return False
        size += max(overhead, 0)
        if self._total + size > together:
            return False
        if hasattr(self._answers, "tag"):
            self._answers.tag(self.count, record_id)
        if not self._write(payload, record_id, stream, time_s):
            return False
        if not self.count:
            self._first_s = time_s
        self._last_s = time_s
        self._total += size
        self._ends[self.count] = self._buffer.end
        self.count += 1
        return True

    def _write(self, payload, record_id, stream, time_s):
        """Write an entry, a comma before it; return whether it fits."""
        buffer = self._buffer
        begin = buffer.end
        try:
            buffer.raw(b",")
            self._entry.write(buffer, payload, record_id, stream, time_s, self.count)
            return True
        except Full:
            buffer.end = begin
        except SigV4Error:
            buffer.end = begin
            raise
        if self.count:
            return False
        raise RequestError("record", "does not fit the batch; give it a bigger size")

    def _check_time(self, time_s):
        """Return the record's time. Raises: RequestError where the service would not take it."""
        if self._now is None:
            self._now = to_seconds(self.signer.date_of(None))
        if not time_s:
            return self._now
        age = self._now - time_s
        if age > self.oldest_s - _MARGIN_S:
            raise RequestError("record", "is older than %d days" % (self.oldest_s // 86400))
        if -age > _NEWEST_S:
            raise RequestError("record", "lies more than 2 hours ahead")
        return time_s

    def _follows(self, time_s):
        if not (self.in_order and self.count):
            return True
        return self._last_s <= time_s <= self._first_s + 86400

    def send(self):
        """Operation. Deliver the records; return what was not: a list of (index, code, permanent).

        index: int, in the order of add(). code: str, the service's, or the error's class.
        permanent: True where it will never be taken. Records that the service throttled are sent
        again by themselves, as the exchange's policy says. Where it refuses the whole request for
        what is in it, the batch is halved until the record is found.
        Raises: what Exchange.run raises, if no record of the batch is settled; else the others are
        in the list, not permanent. The batch stays as it is: send() again sends what is left.
        """
        code = "Unknown"
        try:
            yield from self._send_all()
        except (SigV4Error, OSError) as error:
            if not self.settled():
                raise
            code = getattr(error, "code", type(error).__name__)
        states = self.states
        return [
            (i, self.codes.get(i, code), states[i] == REFUSED)
            for i in range(self.count)
            if states[i] != DELIVERED
        ]

    def settled(self):
        """Return how many records are delivered or refused."""
        found = 0
        for i in range(self.count):
            if self.states[i] != WAITING:
                found += 1
        return found

    def _send_all(self):
        answers = self._answers
        on_head = answers.on_head if answers else None
        hunt = None
        while self.settled() < self.count:
            self.high = hunt.next_high() if hunt else self.count
            try:
                yield from self._exchange.run(
                    self._seal, self._body, on_head, None, fault, self._take_answer
                )
            except ServiceError as error:
                if not hunt:
                    if error.status not in (400, 413):
                        raise
                    from .hunt import Hunt  # most never meet such a record

                    hunt = Hunt(self)
                hunt.refused(error)
            except (SigV4Error, OSError):
                if hunt:
                    hunt.give_back()
                raise
            else:
                if hunt:
                    hunt.accepted()
        if hunt:
            hunt.finish()

    def _seal(self):
        """Return the request, sealed for the records that wait below `high`."""
        self._make_ready()
        hasher = sha256()
        length = 0
        for piece in self._pieces():
            hasher.update(piece)
            length += len(piece)
        return self._prepared.seal(None, hexlify(hasher.digest()), length)

    def _take_answer(self, response):
        """Settle the records by a whole answer. Raises: ProtocolError; ServiceError to go on."""
        answers = self._answers
        if answers:
            answers.on_end(response)
        at = left = 0
        for i in range(self.high):
            if self.states[i] == WAITING:
                number = i if answers and answers.by_index else at
                state = answers.state(number) if answers else DELIVERED
                self.states[i] = state
                if state != DELIVERED:
                    code = self.codes[i] = answers.code(number)
                if state == WAITING:
                    left += 1
                at += 1
        if left:  # the status that each of them alone would have got: the policy then tries again
            raise ServiceError(503, code, "%d of %d records were not taken" % (left, at))

    def _pieces(self):
        """Yield the body: its start, each run of waiting entries, its end."""
        yield self._start
        view = memoryview(self._buffer.data)
        states = self.states
        comma = 1  # the first entry's is left out
        i = 0
        while i < self.high:
            begin = i
            while i < self.high and states[i] == WAITING:
                i += 1
            if i > begin:
                yield view[(self._ends[begin - 1] if begin else 0) + comma : self._ends[i - 1]]
                comma = 0
            i += 1
        yield self._end


def json_batch(client, name, start, entry, end, size, answers, oldest_s=None, limits=None):
    """Return a Batch of a JSON service. start, end: str; the others: see Batch."""
    start, end = start.encode(), end.encode()

    def prepare():
        return client.prepare(name)

    return Batch(client, name, prepare, start, entry, end, answers, size, oldest_s, limits)


def rest_batch(client, name, path, headers, answers, size, entry="<bytes>"):
    """Return a Batch of one record, posted to a path as it is."""

    def prepare():
        return client.signer.prepare("POST", client.endpoint + path, headers)

    return Batch(client, name, prepare, b"", entry, b"", answers, size)
