"""Signed requests, one after another, each tried as often as the policy says.

Each attempt (attempt.py) is sealed anew, with a fresh time and fresh credentials; retry.py says
which failures earn another one. Nothing is tried again after a ClockError or a TamperError, and
nothing that can't be sent from its beginning.
"""

from binascii import hexlify
from hashlib import sha256

from ..errors import ClockError, ProtocolError, RequestError, ServiceError
from .attempt import Attempt, wait_for
from .attempt import Response as Response
from .retry import Policy, retriable, retry_after_ms
from .steps import Io, const

WITH_SESSION_TOKEN = "session-token"
"""The stronger form of insecure_http: plain HTTP even for a request that carries a token."""

_BLOCKS_A_TURN = const(2)  # hashed before other tasks get a turn: some 10 ms on an RP2040
_MENDS = const(2)
# What services call a date that they don't like. The last four have other reasons as well; "403"
# stands for no code at all, as after HEAD.
_SKEWED = (
    " RequestTimeTooSkewed RequestExpired RequestInTheFuture"
    " AuthFailure InvalidSignatureException SignatureDoesNotMatch 403 "
)


class Exchange:
    """The buffers that one exchange after another uses, and the rules that hold for all."""

    def __init__(
        self,
        receive_size=2048,
        send_size=2048,
        insecure_http=False,
        policy=None,
        check_sealed=True,
        entropy=None,
        credentials=None,
        identity=None,
    ):
        """receive_size, send_size: int, bytes of the two buffers.

        insecure_http: False; True to allow plain HTTP; "session-token" to allow it even for
        requests that carry a session token, which whoever listens can then use.
        policy: a retry.Policy; None for one of its own. check_sealed: whether each head is checked
        (SealedRequest.check) before it is sent. entropy: a function like os.urandom, the default.
        credentials: those that requests are signed with; run() has temporary ones renewed in time.
        identity: a net.identity.ClientIdentity, to show to servers that ask who we are.
        """
        self.io = Io()
        self.io.identity = identity
        self.credentials = credentials if hasattr(credentials, "ensure") else None
        self.insecure_http = insecure_http
        self.policy = policy or Policy()
        self._check_sealed = check_sealed
        self._entropy = entropy
        self._receive = bytearray(receive_size)
        self._block = bytearray(send_size)
        self._busy = False

    def __enter__(self):
        if self._busy:
            text = "another one is under way; concurrent ones need a client each"
            raise RequestError("operation", text)
        self._busy = True
        return self.io

    def __exit__(self, *_):
        self._busy = False

    def hash(self, reader):
        """Operation. Return (payload_hash, length) of what reader still holds: str[64] and int.

        Cost: nothing is allocated per block. Other tasks get a turn every few blocks.
        """
        hasher = sha256()
        view = memoryview(self._block)
        length = 0
        blocks = 0
        with self as io:
            while True:
                count = reader.readinto(view)
                if count is None:
                    count = yield from wait_for(io, reader, view)
                if not count:
                    break
                hasher.update(view if count == len(view) else view[:count])
                length += count
                blocks += 1
                if blocks % _BLOCKS_A_TURN == 0:
                    yield io.sleep(0)
        return hexlify(hasher.digest()).decode(), length

    def perform(self, sealed, reader=None, on_head=None, progress=None):
        """Operation. Send a sealed request and its body once; return the Response of any status.

        reader: has readinto(buffer); None when sealed.content_length is 0 or None.
        on_head: called with the Response when its head is there; returns the function that gets
        the body as (buffer, start, end), or None to drop it. A true value from that function says
        that it wants no more. progress: called with (done, total), bytes of the request's body, or
        of the response's where there is none to send; total may be None.
        Raises: RequestError, TamperError, ClockError, ProtocolError, OSError; the connection is
        then closed.
        """
        check_transport(sealed, self.insecure_http)
        with self:
            attempt = self._attempt(sealed)
            return (yield from attempt.run(lambda _: reader, on_head, progress, self._check_sealed))

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
        """Operation. Send a request until it succeeds or the policy gives up; return the Response.

        make: called for each attempt; returns a freshly sealed request. What it raises comes out.
        body: None, or an object with `rewindable` and open(sealed), which returns a reader of
        exactly sealed.content_length bytes. on_head, progress: as for perform, for a status of 2xx
        only, and for each attempt anew. fault: called for any other status; returns an object with
        take(buffer, start, end) and error(response), as services.fault.Fault does.
        on_end: called with the Response when its body is whole; may raise a ServiceError.
        mend: called with (ServiceError, Response); true says that make() will now ask differently.
        restartable: False if what on_head's function has taken can't be given back.
        Raises: ServiceError for any status but 2xx; else as perform. Tried again are OSErrors of
        the network (not of files), ProtocolErrors of a broken connection, and what the policy says.
        """
        open_body = _no_body if body is None else body.open
        failed = mends = 0
        free = corrected = False
        with self as io:
            while True:
                if self.credentials:
                    yield from self.credentials.ensure(io)
                sealed = make()
                check_transport(sealed, self.insecure_http)
                attempt = self._attempt(sealed)
                route = _Route(on_head, fault)
                clock = getattr(sealed, "clock", None)
                began = (yield io.ticks()) if hasattr(clock, "hear") else None
                try:
                    response = yield from attempt.run(
                        open_body, route.on_head, progress, self._check_sealed
                    )
                    route.finish(response, on_end)
                    self.policy.succeeded(failed)
                    error = None
                except (OSError, ProtocolError, ServiceError) as caught:
                    error = route.outcome(caught, attempt.response)
                moved, error = yield from _hear(io, clock, sealed, attempt.response, error, began)
                if error is None:
                    return response
                if isinstance(error, OSError) and error is not io.error:
                    raise error  # of a file, not of the network
                mended = mends < _MENDS and self._mended(error, attempt.response, sealed, mend)
                if moved and not corrected:
                    mended = corrected = True
                if not mended and not retriable(error):
                    raise error
                _check_repeatable(error, attempt, body, restartable)
                free = attempt.stale() and not free  # never two in a row: it must come to an end
                if mended:
                    mends += 1
                elif not free:
                    failed += 1
                    yield from self._wait(error, failed, attempt.response)
                sealed = attempt = route = error = None  # no two requests in RAM at once

    def _attempt(self, sealed):
        return Attempt(self.io, self._receive, self._block, sealed)

    def _mended(self, error, response, sealed, mend):
        """Return whether the next request will be another one: mend() says so, or a new token."""
        if mend and isinstance(error, ServiceError) and mend(error, response):
            return True
        return bool(self.credentials) and self.credentials.refused(error, sealed.session_token)

    def _wait(self, error, failed, response):
        """Operation. Wait until it may be tried again. Raises: the error, if it may not."""
        wait_ms = retry_after_ms(response.headers) if response else 0
        refusal = self.policy.refusal(failed, wait_ms)
        if refusal is None:
            if self._entropy is None:
                from os import urandom as entropy  # not every port that has no network has it
            else:
                entropy = self._entropy
            try:
                yield self.io.sleep(self.policy.delay_ms(failed, wait_ms, entropy(2)))
                return
            except OSError:
                refusal = "no time is left to try again"
        raise noted(error, refusal)


class _Route:
    """Brings a response to whom it concerns: a success to the caller, anything else to a fault."""

    def __init__(self, on_head, make_fault):
        self._on_head = on_head
        self._make_fault = make_fault or _Fault
        self._fault = None

    def on_head(self, response):
        if 200 <= response.status < 300:
            return self._on_head(response) if self._on_head else None
        self._fault = self._make_fault()
        return self._fault.take

    def finish(self, response, on_end):
        if self._fault:
            raise self._fault.error(response)
        if on_end:
            on_end(response)

    def outcome(self, error, response):
        """Return the error that counts: what the service said, even if it broke off in its text."""
        return self._fault.error(response) if self._fault else error


class _Fault:
    """What a status alone says."""

    def take(self, buffer, start, end):
        pass

    def error(self, response):
        text = response.reason or "no reason given"
        return ServiceError(response.status, str(response.status), text)


def check_transport(sealed, insecure_http):
    """Refuse plain HTTP unless it was asked for. Raises: RequestError naming insecure_http."""
    if sealed.scheme == "https":
        return
    if not insecure_http:
        text = "plain HTTP shows all to everybody; use https, or insecure_http=True"
        raise RequestError("insecure_http", text)
    if insecure_http != WITH_SESSION_TOKEN and sealed.session_token is not None:
        text = 'the session token would be seen; use https, or insecure_http="session-token"'
        raise RequestError("insecure_http", text)


def noted(error, note):
    """Return an error of the same class that says why it is the last; the error itself for ""."""
    if not note:
        return error
    if isinstance(error, ServiceError):
        text = "%s; %s" % (error.message, note)
        return ServiceError(error.status, error.code, text, error.request_id)
    text = "%s; %s" % (error, note)
    if isinstance(error, ProtocolError):
        return ProtocolError(text)
    return type(error)(error.errno, text)


def _check_repeatable(error, attempt, body, restartable):
    """Raise the error unless what it broke can be done again from its beginning."""
    if body is not None and attempt.opened and not body.rewindable:
        raise noted(error, "not retried: the body can't be read a second time")
    if attempt.delivered and attempt.response.status < 300 and not restartable:
        raise noted(error, "not retried: part of the response was handed on already")


def _curious(clock):
    """Return whether a server's Date could tell the clock something that it doesn't know."""
    try:
        return clock.rank < 3 or clock.estimate()[1] > 2000  # 3: a verified server said it, too
    except ClockError:
        return True


def _hear(io, clock, sealed, response, error, began):
    """Operation. Let the clock hear what the server said of the time. Return (moved, error).

    moved: the service disliked our date, and by its word the clock has another one now.
    """
    skewed = isinstance(error, ServiceError) and " %s " % error.code in _SKEWED
    if not response or not (skewed or began is not None and _curious(clock)):
        return False, error
    ticks = yield io.ticks()
    try:
        from .evidence import weigh  # those whose clock can't hear don't pay for it

        moved, error = weigh(clock, sealed, response, error, began, ticks, skewed)
        return skewed and moved, error
    except MemoryError:  # neither a success nor the service's word may be lost over it
        return False, error


def _no_body(_):
    return None
