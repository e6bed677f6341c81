"""SNTP, as operations: ask one server once, or a round of several. Source: RFC 4330, RFC 8633.

Each address is a server of its own here. How it wants to be treated is remembered while the program
runs: one that said DENY or RSTR is never asked again, none more often than every 15 s.
"""

from errno import ETIMEDOUT

from ..device import sntp
from ..device.poll import KNOWN, LEAST_MS, SHORTEST_MS
from ..device.poll import peer as known
from ..errors import ProtocolError, RequestError
from .steps import Io, const, ticks_diff

try:
    from os import urandom
except ImportError:  # a port without, such as WebAssembly, has no network either
    urandom = None

_NAP_MS = const(4)  # between two looks for an answer; it goes into the uncertainty
_PER_NAME = const(4)  # addresses: pools answer with four, a hostile name server with any number


def query(host, port=123, timeout_ms=4000, interval_ms=SHORTEST_MS):
    """Ask host for the time. Run it: `unix_ms, uncertainty_ms = http.run(ntp.query(host))`.

    host: str. port: int. Its first address is asked. One answer proves little: see clock.sync.
    Returns: (Unix time in ms at the moment of return, how far it may be off in ms), both int.
    Raises: ProtocolError for a server that gives no usable time; OSError (a timeout, too).
    """
    io = Io()
    for text, address in (yield io.resolve("udp", host, port)):
        answer = yield from _ask(io, text, port, address, timeout_ms, interval_ms)
        return answer[:2]
    raise OSError(ETIMEDOUT, "no address for " + host)


def survey(servers, timeout_ms=4000, jitter_ms=2000, interval_ms=SHORTEST_MS):
    """Ask all addresses of all servers, one after another, each once.

    servers: list of str, "host", "host:port" or "[IPv6]:port". timeout_ms: int, for each address.
    jitter_ms: the longest random delay before the first question of this program.
    interval_ms: how often it is done at present; a server that says RATE gets twice as long.
    Returns: (claims, failures, ticks). claims: dict server -> list of (label, earliest_ms,
    latest_ms), all as of ticks. failures: list of str, one for each that gave no time.
    """
    io = Io()
    if not KNOWN and jitter_ms:
        # RFC 8633 §3: a fleet that gets its power back must not ask at the same moment.
        random = urandom(2)
        yield io.sleep(jitter_ms * (random[0] << 8 | random[1]) >> 16)
    found = []
    failures = []
    for server in servers:
        host, port = _split(server)
        try:
            addresses = yield io.resolve("udp", host, port)
        except OSError as error:
            failures.append("%s: no address (%s)" % (server, error))
            continue
        for text, address in _first(addresses):
            label = server if len(addresses) == 1 else "%s at %s" % (server, text)
            try:
                answer = yield from _ask(io, text, port, address, timeout_ms, interval_ms)
            except (OSError, ProtocolError) as error:
                failures.append("%s: %s" % (label, error))
            else:
                found.append((server, label) + answer)
    ticks = yield io.ticks()
    return _as_of(found, ticks), failures, ticks


def _as_of(found, ticks):
    """Return the claims by server, all moved to the same moment."""
    claims = {}
    for server, label, unix_ms, uncertainty_ms, at in found:
        age = ticks_diff(ticks, at)
        unix_ms += age
        uncertainty_ms += age // 1000 + 1  # 1000 ppm: no clock that is awake drifts so much
        claim = (label, unix_ms - uncertainty_ms, unix_ms + uncertainty_ms)
        claims.setdefault(server, []).append(claim)
    return claims


def _ask(io, text, port, address, timeout_ms, interval_ms):
    """Operation. Return (unix_ms, uncertainty_ms, ticks) of one answer.

    The connected socket drops what comes from another address; what comes from the same one, but
    isn't our answer, is dropped here, for as long as timeout_ms lasts.
    """
    peer = known("%s %d" % (text, port))
    yield from _wait(io, peer)
    packet = bytearray(sntp.PACKET)
    cookie = urandom(8)
    sntp.make_request(packet, cookie)
    yield io.connect("udp", text, port, address)
    start = yield io.ticks()
    peer.asked(start)
    try:
        yield io.send(packet, sntp.PACKET)
        while True:
            length = yield io.recv_now(packet, sntp.PACKET, sntp.PACKET)
            ticks = yield io.ticks()
            waited = ticks_diff(ticks, start)
            answer = None if length < 0 else sntp.parse_answer(packet, length, cookie)
            if answer is not None:
                yield io.close()
                return _judged(answer, waited) + (ticks,)
            if waited > timeout_ms:
                raise OSError(ETIMEDOUT, "no answer to our request in %d ms" % timeout_ms)
            if length < 0:
                yield io.sleep(_NAP_MS)
    except sntp.KissOfDeath as kiss:
        peer.kissed(kiss.code, interval_ms)
        raise


def _judged(answer, waited):
    """Return (unix_ms, uncertainty_ms) as of the answer's arrival, waited ms after the question.

    Wherever on the way the time was lost, there or back, the truth is within half of the trip.
    """
    unix_ms, held, root = answer
    if held > waited + 2:  # our ticks and its clock may each be a millisecond off
        raise ProtocolError("the NTP server claims to have kept us longer than we waited")
    trip = max(0, waited - held)
    return unix_ms + trip // 2, (trip + 1) // 2 + root + 1


def _wait(io, peer):
    """Operation. Wait as long as the server wants. Raises: ProtocolError if that is too long."""
    if peer.denied:
        raise ProtocolError("not asked: it said %s, which is for good" % peer.denied)
    wait_ms = peer.wait_ms((yield io.ticks()))
    if wait_ms and peer.rest_ms > LEAST_MS:
        raise ProtocolError("not asked for another %d s: it said RATE" % (wait_ms // 1000))
    if wait_ms:
        yield io.sleep(wait_ms)


def _first(addresses):
    seen = []
    for entry in addresses:
        if len(seen) < _PER_NAME and entry[0] not in [text for text, _ in seen]:
            seen.append(entry)
    return seen


def _split(server):
    """Return (host, port) of "host", "host:port", "[IPv6]:port" or a bare IPv6 address."""
    if server[:1] == "[":
        host, _, port = server[1:].partition("]:" if "]:" in server else "]")
        if "]" not in server:
            host = ""
    elif server.count(":") == 1:
        host, _, port = server.partition(":")
    else:
        host, port = server, ""
    if not host or port and not port.encode().isdigit():
        raise RequestError("ntp_servers", "must be names, or name:port; not %r" % server)
    return host, int(port or 123)
