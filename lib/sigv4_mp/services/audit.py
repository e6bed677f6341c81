"""Who signed what and when: a line on flash for each signed request, in a ring of bounded size.

    client.exchange = Audited(client.exchange, AuditLog("audit"))      # an Aws or S3 client's
    for record in AuditLog("audit").read():
        print(record.amz_date, record.host, record.outcome)

No line holds a secret, a session token, a signature, a query string or a body.
"""

import os
from binascii import crc32
from collections import namedtuple

from ..errors import RequestError, ServiceError
from ..net.exchange import _Fault

AuditRecord = namedtuple(
    "AuditRecord",
    (
        "number",
        "amz_date",
        "earliest_ms",
        "latest_ms",
        "access_key_id",
        "credential_scope",
        "method",
        "host",
        "path",
        "request_hash",
        "outcome",
        "request_id",
    ),
)
"""One signed request. number: str, counts up by one; a gap means lines that are lost.

earliest_ms, latest_ms: str, Unix milliseconds between which it was signed, "-" from a clock that
can't tell. request_hash: SHA-256 of the canonical request, 64 hex digits, which says what was
signed to whoever can rebuild it. outcome: "200", "400/ThrottlingException", "OSError/104",
"no-answer" (and tried again).
"""

_LONGEST = 4096  # twelve fields of 256 at most: no server can say so much that a line is lost
_SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/%:=+@!$&'()*,;"


class AuditLog:
    """Lines in two files, PATH.0 and PATH.1; the older one goes when the newer one is full.

    lost: int, lines that could not be written. damaged: int, what the latest read() skipped.
    Cost: some 300 bytes of flash a request, and a sync of the file system every `every` of them.
    """

    def __init__(self, path, max_bytes=16384, every=8, strict=False):
        """max_bytes: int, 1024 or more, of both files. every: int, lines written before they are
        synced; a power cut loses those. strict: raise the OSError of a line that can't be written;
        else it is counted, and sending goes on.
        """
        if max_bytes < 1024:
            raise RequestError("max_bytes", "must be 1024 or more")
        self.lost = self.damaged = 0
        self._path = path
        self._half = max_bytes // 2
        self._every = every
        self._strict = strict
        self._file = None
        self._waiting = 0
        ends = [self._last_number(which) for which in (0, 1)]
        self._which = 0 if ends[0] >= ends[1] else 1
        self._next = max(ends) + 1
        self.damaged = 0

    def _name(self, which):
        return "%s.%d" % (self._path, which)

    def _last_number(self, which):
        """Return the number of the last good line of a file, -1 without one."""
        number = -1
        for record in self._lines(which):
            number = int(record.number)
        return number

    def _lines(self, which):
        try:
            file = open(self._name(which), "rb")
        except OSError:
            return
        with file:
            while True:
                line = file.readline(_LONGEST)
                if not line:
                    return
                record = _parse(line)
                if record:
                    yield record
                elif line != b"\n":  # which comes after a torn line
                    self.damaged += 1

    def read(self):
        """Yield the AuditRecords, oldest first. Lines that are torn or changed are counted."""
        self.commit()
        self.damaged = 0
        yield from self._lines(1 - self._which)
        yield from self._lines(self._which)

    def write(self, fields):
        """Write a line. fields: list of str, those of AuditRecord after `number`."""
        line = " ".join(["%d" % self._next] + [_clean(field) for field in fields])
        self._next += 1
        try:
            self._append(("%s %08x\n" % (line, crc32(line.encode()) & 0xFFFFFFFF)).encode())
        except OSError:
            self.lost += 1
            self.close()
            if self._strict:
                raise

    def _append(self, line):
        if self._file is None:
            self._file = open(self._name(self._which), "ab")
            if self._file.seek(0, 2) and not self._ends_well():
                self._file.write(b"\n")
        if self._file.tell() + len(line) > self._half:
            self.close()
            self._which = 1 - self._which
            self._file = open(self._name(self._which), "wb")
        self._file.write(line)
        self._waiting += 1
        if self._waiting >= self._every:
            self.commit()

    def _ends_well(self):
        with open(self._name(self._which), "rb") as file:
            file.seek(-1, 2)
            return file.read(1) == b"\n"

    def commit(self):
        """Make what was written durable. Raises: OSError."""
        self._waiting = 0
        if self._file:
            self._file.flush()  # on MicroPython this syncs the file system's file
            if hasattr(os, "fsync"):
                os.fsync(self._file.fileno())

    def close(self):
        """Close the file; the next line opens it again."""
        file, self._file = self._file, None
        self._waiting = 0
        if file:
            try:
                file.close()
            except OSError:  # a full disk shows here again; the line was counted
                pass


class Audited:
    """An Exchange that writes a line for each request it signs. Everything else is the exchange's.

    Put it in a client's place for its exchange before batches are made of that client.
    """

    def __init__(self, exchange, log):
        """exchange: an Exchange. log: an AuditLog, or anything with write(fields)."""
        self.io = exchange.io
        self.policy = exchange.policy
        self.insecure_http = exchange.insecure_http
        self._exchange = exchange
        self._log = log

    def __enter__(self):
        return self._exchange.__enter__()

    def __exit__(self, *error):
        return self._exchange.__exit__(*error)

    def hash(self, reader):
        """Operation. As Exchange.hash: nothing is signed by it."""
        return self._exchange.hash(reader)

    def perform(self, sealed, reader=None, on_head=None, progress=None):
        """Operation. As Exchange.perform."""
        trail = _Trail(self._log, lambda: sealed, None, None)
        trail.make()
        operation = self._exchange.perform(sealed, reader, on_head, progress)
        return (yield from trail.follow(operation))

    def run(
        self,
        make,
        body=None,
        on_head=None,
        progress=None,
        fault=None,
        on_end=None,
        mend=None,
        restartable=True,
    ):
        """Operation. As Exchange.run; each attempt has its line."""
        trail = _Trail(self._log, make, fault, on_end)
        operation = self._exchange.run(
            trail.make, body, on_head, progress, trail.fault, trail.on_end, mend, restartable
        )
        return (yield from trail.follow(operation))


class _Trail:
    """Notes the attempts of one request."""

    def __init__(self, log, make, fault, on_end):
        self._log = log
        self._make = make
        self._make_fault = fault or _Fault
        self._on_end = on_end
        self._fields = None  # of the attempt that is under way
        self._fault = None

    def follow(self, operation):
        """Operation. Run it; write what came of its last attempt."""
        outcome = "cancelled"
        response = None
        try:
            response = yield from operation
            outcome = str(response.status)
            return response
        except Exception as error:
            outcome = _name_of(error)
            raise
        finally:
            self._finish(outcome, response and _request_id(response))

    def make(self):
        """Seal; note what was sealed."""
        self._finish("no-answer", None)
        sealed = self._make()
        self._fields = _fields_of(sealed)
        return sealed

    def fault(self):
        """Return what reads an error, with this object between."""
        self._fault = self._make_fault()
        return self

    def take(self, buffer, start, end):
        """Take a block of an error's body."""
        return self._fault.take(buffer, start, end)

    def error(self, response):
        """Return the error that the service names; note it."""
        error = self._fault.error(response)
        self._finish(_name_of(error), error.request_id or _request_id(response))
        return error

    def on_end(self, response):
        """Look at a whole answer, which may tell of an error; note it."""
        try:
            if self._on_end:
                self._on_end(response)
        except ServiceError as error:
            self._finish(_name_of(error), error.request_id or _request_id(response))
            raise

    def _finish(self, outcome, request_id):
        fields, self._fields = self._fields, None
        if fields:
            self._log.write(fields + [outcome, request_id or "-"])


def _fields_of(sealed):
    source = sealed._prepared
    clock = source.signer.clock
    earliest = latest = "-"
    if hasattr(clock, "now"):
        earliest, latest = [str(int(bound)) for bound in clock.now()]
    return [
        sealed.amz_date,
        earliest,
        latest,
        source.access_key_id.decode(),
        sealed.credential_scope,
        sealed.method,
        sealed.host,
        sealed.target.partition("?")[0],
        sealed.string_to_sign[-64:].decode(),
    ]


def _name_of(error):
    if isinstance(error, ServiceError):
        return "%d/%s" % (error.status, error.code)
    if isinstance(error, OSError):
        return "OSError/%s" % error.errno
    return type(error).__name__


def _request_id(response):
    headers = response.headers
    return headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")


def _clean(field):
    """Return a field as it can stand in a line: what a peer said may hold anything."""
    field = "".join([char if char in _SAFE else "?" for char in field[:256]])
    return field or "-"


def _parse(line):
    """Return the AuditRecord of a line (bytes), None where it is torn or was changed."""
    text, _, check = line.rstrip(b"\n").rpartition(b" ")
    if check != b"%08x" % (crc32(text) & 0xFFFFFFFF):
        return None
    parts = text.decode().split(" ")
    if len(parts) != 12 or not parts[0].encode().isdigit():
        return None
    return AuditRecord(*parts)
