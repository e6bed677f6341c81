"""Setting a TrustedClock: floor, SNTP agreement, RTC, TLS, cross-check, in one operation.

    clock = TrustedClock()
    report = http.run(sync(clock, ["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org"],
                           tls="https://s3.eu-central-1.amazonaws.com"))

docs/time.md says in plain words what each step is good for and what remains possible.
"""

from ..amzdate import from_seconds
from ..device.agreement import agree_by_name
from ..device.clock import SystemClock
from ..device.poll import SHORTEST_MS
from ..errors import (
    ClockDisagreement,
    ClockError,
    ClockNotSet,
    ClockRollback,
    ProtocolError,
    RequestError,
)
from .endpoint import split
from .evidence import date
from .http1 import NEED_DATA, ResponseParser
from .ntp import survey
from .steps import Io, const, ticks_diff

_SLACK_MS = const(5000)  # what a server's Date may lie beside its true time


class Report:
    """What a sync came to.

    unix_ms, uncertainty_ms: int, the time as of ticks. agreed: list of str, the servers that agree;
    falsetickers: those that contradict them; failures: list of str, who gave no time, and why.
    checked: the host whose TLS Date bore it out, str, or None. offset_ms: int, by how much the
    clock was behind; None if it had no time.
    """

    def __init__(self, agreed, falsetickers, failures):
        self.unix_ms = self.uncertainty_ms = self.ticks = 0
        self.agreed = agreed
        self.falsetickers = falsetickers
        self.failures = failures
        self.checked = self.offset_ms = None

    @property
    def source(self):
        """Who says so, str, for a log."""
        text = ", ".join(self.agreed)
        if self.checked:
            text += "; checked by TLS of " + self.checked
        if self.falsetickers:
            text += "; outvoted: " + ", ".join(self.falsetickers)
        return text


def sync(
    clock,
    servers,
    agreeing=2,
    tls=None,
    set_rtc=True,
    poll=None,
    timeout_ms=4000,
    jitter_ms=2000,
    keeper=None,
):
    """Operation. Set a TrustedClock; return a Report. Until all of it holds, the clock stays as is.

    servers: list of str, "host", "host:port" or "[IPv6]:port"; all addresses of each are asked.
    agreeing: int, how many servers must agree, and it must be most of those that answered; with
    fewer names than that, addresses are counted. 1: you say so.
    tls: None, or "https://host[:port]", a server of yours whose Date must agree, over verified TLS:
    what servers that collude can't forge.
    set_rtc: True: on a board, set machine.RTC to UTC before TLS, for certificates are checked
    against it; set back if a later step fails. False: leave it. Or an object with
    datetime([8-tuple]) like machine.RTC().
    poll: a device.poll.Poll, which learns when to ask next. keeper: a device.store.Keeper, which
    then saves floor and time. timeout_ms, jitter_ms: see ntp.survey.
    Raises: ClockNotSet: too few servers answered. ClockDisagreement: too few agree, or the TLS
    server contradicts them, or they contradict the clock. ClockRollback: they agree on a time below
    the floor. ProtocolError, OSError: the TLS server can't be asked, or is not the one you named.
    """
    try:
        report = yield from _sync(
            clock, servers, agreeing, tls, set_rtc, poll, timeout_ms, jitter_ms
        )
    except Exception:
        if poll:
            poll.failed()
        raise
    if poll:
        poll.learned(clock.drift_seen_ppm)
    if keeper:
        keeper.keep(SystemClock().unverified_seconds())
    return report


def _sync(clock, servers, agreeing, tls, set_rtc, poll, timeout_ms, jitter_ms):
    _check(servers, agreeing)
    interval_ms = poll.interval_ms if poll else SHORTEST_MS
    claims, failures, ticks = yield from survey(servers, timeout_ms, jitter_ms, interval_ms)
    if sum([len(claims[name]) for name in claims]) < agreeing:
        text = "too few time servers answered, %d must agree: %s" % (agreeing, "; ".join(failures))
        raise ClockNotSet(text)
    earliest, latest, agreed, false = agree_by_name(claims, agreeing)
    report = Report(agreed, false, failures)
    report.unix_ms = (earliest + latest) // 2
    report.uncertainty_ms = (latest - earliest + 1) // 2
    report.ticks = ticks
    if latest < clock.floor_ms:
        raise ClockRollback(
            "%s agree on a time %d s below the floor (build date, or last good time); "
            "ask other servers, or clear the store if the floor is wrong"
            % (", ".join(agreed), (clock.floor_ms - latest) // 1000 + 1)
        )
    rtc, before = _open_rtc(set_rtc)
    if rtc:
        age = ticks_diff((yield Io().ticks()), ticks)
        _set_rtc(clock, rtc, _datetime(report.unix_ms + age))
    try:
        said = None
        if tls:
            said = yield from _cross_check(tls, report)
        report.offset_ms = _offset(clock, report, (yield Io().ticks()))
        _set(clock, report, said)
    except Exception:
        if rtc:
            _set_rtc(clock, rtc, before)
        raise
    return report


def _check(servers, agreeing):
    if isinstance(servers, str) or not servers:
        raise RequestError("ntp_servers", "must be a list of names; give at least one")
    if isinstance(agreeing, bool) or not isinstance(agreeing, int) or agreeing < 1:
        raise RequestError("ntp_agreeing", "must be an int, 1 or more")


def _offset(clock, report, ticks):
    """Return by how many ms the clock is behind the report; None if it has no time."""
    try:
        earliest, latest = clock.now()
    except ClockError:
        return None
    return report.unix_ms + ticks_diff(ticks, report.ticks) - (earliest + latest) // 2


def _set(clock, report, said):
    """Set the clock; where it objects, the TLS server's word decides, if there is one."""
    try:
        clock.set(report.unix_ms, report.uncertainty_ms, report.ticks, report.source)
    except ClockDisagreement:
        if not said:
            raise
    if said:
        clock.hear(said[0], said[1], said[2], report.checked, True)


def _cross_check(tls, report):
    """Operation. Return a TLS server's (unix_ms, uncertainty_ms, ticks) if it bears the report out.

    Raises: ClockDisagreement, ProtocolError, OSError.
    """
    host = split(tls)[1].strip("[]")
    said = yield from server_date(tls)
    unix_ms, uncertainty_ms, ticks = said
    age = ticks_diff(ticks, report.ticks)
    off = report.unix_ms + age - unix_ms
    if abs(off) > report.uncertainty_ms + uncertainty_ms + age // 1000 + _SLACK_MS:
        raise ClockDisagreement(
            "%s say a time %d s off the Date of %s over verified TLS; "
            "nothing was set: do not use these servers"
            % (", ".join(report.agreed), (off + 500) // 1000, host)
        )
    report.checked = host
    return said


def server_date(url):
    """Operation. Ask "https://host[:port]" for its Date; return (unix_ms, uncertainty_ms, ticks).

    ticks: when unix_ms was true. Sends one HEAD request, not signed, and takes any status.
    Raises: RequestError for any other scheme; ProtocolError for a certificate that is not accepted,
    or without a usable Date; OSError.
    """
    scheme, host, port = split(url)
    if scheme != "https":
        raise RequestError("tls", "must be https://host[:port]: without TLS anybody can answer")
    name = host + ":" + port if port else host
    host = host.strip("[]")
    request = ("HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % name).encode()
    io = Io()
    yield io.connect("https", host, int(port or 443))
    began = yield io.ticks()
    yield io.send(request, len(request))
    buffer = bytearray(512)
    parser = ResponseParser(buffer, "HEAD")
    while parser.next() == NEED_DATA:
        parser.received((yield io.recv(buffer, len(buffer), parser.least())))
    ticks = yield io.ticks()
    yield io.close()
    found = None if "age" in parser.headers else date(parser.headers.get("date", ""))
    if found is None:
        raise ProtocolError("%s gives no usable Date; name another server" % host, "tls")
    trip = max(0, ticks_diff(ticks, began))
    return found[0] + trip // 2, found[1] + (trip + 1) // 2, ticks


def _open_rtc(set_rtc):
    """Return (rtc, what it says now), or (None, None)."""
    if set_rtc is True:
        try:
            from machine import RTC
        except ImportError:  # a desktop: its clock is not ours to set
            return None, None
        set_rtc = RTC()
    if not set_rtc:
        return None, None
    return set_rtc, set_rtc.datetime()


def _set_rtc(clock, rtc, now):
    rtc.datetime(now)
    clock.rtc_was_set()


def _datetime(unix_ms):
    """Return what machine.RTC().datetime() takes, UTC, whatever the port's epoch."""
    text = from_seconds(unix_ms // 1000)
    fields = [int(text[at : at + 2]) for at in (4, 6, 9, 11, 13)]
    weekday = (unix_ms // 86400000 + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    return (int(text[:4]), fields[0], fields[1], weekday) + tuple(fields[2:]) + (0,)
