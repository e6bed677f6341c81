"""From a reading to a service: spooled, batched, signed with fresh time, sent, acknowledged.

    uploader = Uploader(Spool("/spool"), destination, link=wlan.isconnected)
    uploader.put(b'{"t": 21.5}')
    uploader.flush_once(http, 20000)        before deep sleep, or
    wait_ms = uploader.poll(http)           now and then, or
    await uploader.run(aio)                 as a task of its own

A destination (services/kinesis.py and its like have those of AWS) gathers a batch and sends it:

    signer, service                         the Signer, and its service, bytes
    oldest_s                                None, or seconds after which records are refused
    clear()
    add(payload, record_id, stream, time_s) True: taken; False: full; RequestError: never possible
    count                                   how many are in the batch
    send()                                  operation; returns [(index, code, permanent)] of those
                                            that were not delivered
"""

from ..errors import ClockError, CredentialsError, ProtocolError, RequestError, ServiceError
from ..net.retry import Policy, retriable
from ..net.steps import Io, const, ticks_diff
from .letters import Letters
from .spool import SpoolFull

# What a service says to credentials that were good once.
_EXPIRED = (
    " ExpiredToken ExpiredTokenException TokenRefreshRequired InvalidToken InvalidAccessKeyId"
    " InvalidClientTokenId UnrecognizedClientException "
)
_SUSPECTS = const(8)
_COUNTERS = (
    "put undated dropped sent retried batches letters no_link no_clock no_credentials network"
    " throttled refused medium"
)


class Uploader:
    """Brings the records of a Spool to a destination, in order, each at least once.

    counters: dict of int, since this object was made; the keys say what of. wait_ms: int, how long
    to wait before the next try makes sense. problem: str, why the latest try ended early, or None.
    spool, letters: its Spool and its Letters.
    """

    def __init__(
        self,
        spool,
        destination,
        link=None,
        every_ms=60000,
        base_ms=1000,
        cap_ms=300000,
        ordered=False,
        letters_bytes=16384,
        on_event=None,
        entropy=None,
    ):
        """link: None, or a function that says whether the network is up.

        every_ms: how often poll() and run() send while all is well. base_ms, cap_ms: waits after
        failures are random, from 0 to base_ms * 2**n, at most cap_ms.
        ordered: at most one record of a stream in a batch, so that a partial failure can't bring
        one before another; slow. Without it, a receiver sorts by the number in the id.
        letters_bytes: of the dead-letter file. on_event(text): hears what is not everyday.
        entropy: a function like os.urandom, the default.
        """
        self.spool = spool
        self.letters = Letters(spool, letters_bytes)
        self.counters = dict.fromkeys(_COUNTERS.split(), 0)
        self.wait_ms = 0
        self.problem = None
        self._to = destination
        self._link = link
        self._every_ms = every_ms
        self._policy = Policy(1000, base_ms, cap_ms)
        self._ordered = ordered
        self._on_event = on_event
        self._entropy = entropy
        self._io = Io()
        self._failed = 0
        self._proven = False  # has the destination taken a record yet?
        self._suspects = {}  # number: why it was refused, before that
        self._rest = None  # numbers up to _last still to be sent again, after a partial failure
        self._last = self._passed = 0
        self._due = spool.ticks()

    def put(self, payload, stream=0, time_s=None):
        """Take a reading; return its number, or None if there was no room: as Spool.put.

        time_s: int, Unix seconds; None: what the signer's clock says, 0 while it is not trusted.
        Raises: as Spool.put. Nothing is signed or sent.
        """
        if time_s is None:
            time_s = self._now()
            if not time_s:
                self.counters["undated"] += 1
        seq = self.spool.put(payload, time_s, stream)
        self.counters["dropped" if seq is None else "put"] += 1
        return seq

    def flush_once(self, shell, deadline_ms=30000):
        """Send all that waits; return how many records were delivered. Then deep sleep may come.

        shell: an Http. It ends when deadline_ms are over, but for a name look-up and the arithmetic
        of a TLS handshake. If something is left, `problem` says why.
        Raises: as flush().
        """
        before = shell.limit_ms(deadline_ms)
        try:
            return shell.run(self.flush(deadline_ms))
        finally:
            shell.limit_ms(before)

    def poll(self, shell, deadline_ms=30000):
        """Do what is due: commit, send. Return in how many milliseconds to call it again, int.

        Raises: as flush().
        """
        if ticks_diff(self.spool.ticks(), self._due) >= 0:
            self.flush_once(shell, deadline_ms)
            self._plan()
        return self._idle_ms()

    async def run(self, shell):
        """Do what is due, for ever: a task for asyncio. shell: an Aio of its own.

        Raises: as flush().
        """
        import asyncio

        while True:
            if ticks_diff(self.spool.ticks(), self._due) >= 0:
                await shell.run(self.flush())
                self._plan()
            await asyncio.sleep(self._idle_ms() / 1000)

    def _plan(self):
        self._due = self.spool.ticks() + (self.wait_ms or self._every_ms)

    def _idle_ms(self):
        """Commit what is due; return the milliseconds until something else is."""
        commit_ms = self.spool.due_ms()
        if commit_ms == 0:
            self._commit()  # a failure is tried again with the next round
            commit_ms = None
        rest = ticks_diff(self._due, self.spool.ticks())
        return max(1, rest if commit_ms is None else min(rest, commit_ms))

    def flush(self, deadline_ms=None):
        """Operation. Send all that waits; return how many records were delivered.

        deadline_ms: None ends it at the first failure; else it waits and tries again as long as
        the wait ends before that.
        What may pass by itself is counted and told by `problem`, never raised: no link, no trusted
        time, expired credentials, the network, the service, the medium. The records then stay.
        Raises: RequestError, TamperError: the program or its settings are wrong.
        """
        io = self._io
        before = self.counters["sent"]
        began = yield io.ticks()
        while True:
            more = yield from self._turn()
            now = yield io.ticks()
            left_ms = None if deadline_ms is None else deadline_ms - ticks_diff(now, began)
            if more:
                if left_ms is None or left_ms > 0:
                    continue
                self.problem = "the deadline has come"
                break
            if more is not None:
                break
            self.wait_ms = self._back_off_ms()
            if left_ms is None or self.wait_ms >= left_ms:
                break
            try:
                yield io.sleep(self.wait_ms)
            except OSError:  # the shell's total_timeout
                break
        return self.counters["sent"] - before

    def _back_off_ms(self):
        self._failed = min(self._failed + 1, 16)
        entropy = self._entropy
        if entropy is None:
            from os import urandom as entropy
        return max(1, self._policy.delay_ms(self._failed, 0, entropy(2)))

    def _turn(self):
        """Operation. Send one batch. Return True, False if nothing is left, None if it failed."""
        wrote = self._commit()
        try:
            if not self.spool.backlog:
                return self._well(False) if wrote else None
            if not self._ready():
                return None
            seqs = self._gather()
            if not seqs:
                return self._nothing_gathered()
        except (OSError, SpoolFull) as error:
            return self._note("medium", error)
        try:
            failed = yield from self._to.send()
        except (ClockError, CredentialsError, ServiceError, ProtocolError, OSError) as error:
            return self._note(_kind_of(error), error)
        try:
            return self._settle(seqs, failed)
        except OSError as error:
            return self._note("medium", error)

    def _commit(self):
        """Commit; return whether that went well. If not, what is durable can be sent all the same:
        that makes room."""
        try:
            self.spool.commit()
            return True
        except (OSError, SpoolFull) as error:
            self._note("medium", error)
            return False

    def _ready(self):
        """Return whether a request may be built: link and time are there."""
        if self._link and not self._link():
            self._note("no_link", "the network is down")
            return False
        clock = self._to.signer.clock
        try:
            if clock:
                clock.require(self._to.service)
        except ClockError as error:
            self._note("no_clock", error)
            return False
        return True

    def _gather(self):
        """Fill the destination's batch; return the numbers of its records."""
        self._to.clear()
        seqs = []
        streams = set()
        now_s = self._now()
        self._passed = self.spool.acked
        for record in self.spool.read(max(self._suspects or (self.spool.acked,))):
            seq = record.seq
            if self._rest is not None:
                if seq > self._last:
                    break
                if seq not in self._rest:
                    continue
            if self._ordered and record.stream in streams:
                break
            why = self._offer(record, now_s, not seqs)
            if why == "":
                break
            if why is None:
                seqs.append(seq)
                streams.add(record.stream)
            elif seqs:
                break  # it is set aside when it is the first one, so that it can be acknowledged
            elif self._suspects:
                self._suspects[seq] = why
            else:
                self._bury(record, why)
                self._passed = seq
                self._acknowledge((seq,), ())
            self._passed = seq
        else:
            self._passed = self.spool.durable  # what was not read is damaged, and told
        return seqs

    def _offer(self, record, now_s, alone):
        """Offer a record to the batch; return None, "" if there is no room, or why it never can."""
        oldest_s = self._to.oldest_s
        if oldest_s and record.time_s and now_s - record.time_s > oldest_s:
            return "older than the %d s that the service takes" % oldest_s
        try:
            if self._to.add(record.payload, record.id, record.stream, record.time_s):
                return None
        except RequestError as error:
            return str(error)
        return "longer than a whole batch may be" if alone else ""

    def _nothing_gathered(self):
        """All is set aside, or all that there is was refused before anything was ever taken."""
        if self._suspects:
            return self._distrust()
        # The rest of a batch that is not there any more was dropped for space, or is damaged.
        self.spool.ack(self._passed if self._rest is None else self._last)
        self._rest = None
        return self._well(True)

    def _distrust(self):
        """Every record is refused: rather the settings are wrong than all of them."""
        why = self._suspects[max(self._suspects)]
        self._suspects.clear()
        return self._note("refused", "every record is refused, so check the settings: %s" % why)

    def _settle(self, seqs, failed):
        """Take note of what was delivered; return as _turn()."""
        again = [seqs[index] for index, _, permanent in failed if not permanent]
        refused = {seqs[index]: code for index, code, permanent in failed if permanent}
        delivered = len(seqs) - len(failed)
        self._proven = self._proven or delivered > 0
        if refused and not self._proven:
            if again:
                return self._note("throttled", failed[0][1])
            self._suspects.update(refused)
            return True if len(self._suspects) < _SUSPECTS else self._distrust()
        refused.update(self._suspects)
        self._bury_all(refused)
        self._suspects.clear()
        self.counters["sent"] += delivered
        self.counters["batches"] += 1
        self.counters["retried"] += len(again)
        self._acknowledge(seqs, again)
        if again:
            return self._note("throttled", [code for _, code, lost in failed if not lost][0])
        return self._well(True)

    def _acknowledge(self, seqs, again):
        """Acknowledge up to the first record that is still to be sent again."""
        last = self._passed if self._rest is None else self._last
        rest = set(self._rest or ()).difference(seqs)
        rest.update(again)
        self._rest = rest or None
        self._last = last
        self.spool.ack(min(rest) - 1 if rest else last)

    def _bury_all(self, whys):
        """Set records aside: {number: why}."""
        if not whys:
            return
        for record in self.spool.read(min(whys) - 1):
            if record.seq in whys:
                self._bury(record, whys.pop(record.seq))
            if not whys:
                break

    def _bury(self, record, why):
        self.letters.add(record, why)
        self.counters["letters"] += 1
        self._tell("record %d was set aside: %s" % (record.seq, why))

    def _well(self, result):
        self.problem = None
        self.wait_ms = self._failed = 0
        return result

    def _note(self, kind, error):
        """Count a failure; tell it if it is a new one. Returns: None."""
        self.counters[kind] += 1
        text = str(error)
        if text != self.problem:
            self._tell(text)
        self.problem = text

    def _tell(self, text):
        if self._on_event:
            self._on_event(text)

    def _now(self):
        """Return the trusted Unix time in seconds, int; 0 where there is none."""
        clock = self._to.signer.clock
        try:
            if hasattr(clock, "estimate"):
                return clock.estimate()[0] // 1000
            if hasattr(clock, "seconds"):
                return clock.seconds()
        except ClockError:
            pass
        return 0


def _kind_of(error):
    """Return the name of the counter that an error belongs to."""
    if isinstance(error, ClockError):
        return "no_clock"
    if isinstance(error, CredentialsError):
        return "no_credentials"
    if isinstance(error, ServiceError):
        if " %s " % error.code in _EXPIRED:
            return "no_credentials"
        return "throttled" if retriable(error) else "refused"
    return "network"
