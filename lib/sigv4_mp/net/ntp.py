"""One SNTP round, as an operation: ask one server, once. Source: RFC 4330."""

from os import urandom

from ..device import sntp
from ..errors import ProtocolError
from .steps import Io, ticks_diff

_PACKETS = 32  # of strangers, before we give up


def query(host, port=123, timeout_ms=3000):
    """Ask host for the time. Run it: `unix_ms, uncertainty_ms = http.run(ntp.query(host))`.

    host: str. port: int.
    Returns: (Unix time in ms at the moment of return, how far it may be off in ms), both int.
    Raises: ProtocolError for a server that gives no usable time; OSError (a timeout, too).
    """
    io = Io()
    packet = bytearray(sntp.PACKET)
    cookie = urandom(8)
    sntp.make_request(packet, cookie)
    yield io.connect("udp", host, port)
    start = yield io.ticks()
    yield io.send(packet, sntp.PACKET)
    for _ in range(_PACKETS):
        length = yield io.recv(packet, sntp.PACKET, sntp.PACKET)
        waited = ticks_diff((yield io.ticks()), start)
        answer = sntp.parse_answer(packet, length, cookie)
        if answer is not None:
            yield io.close()
            unix_ms, held, root = answer
            if held > waited + 2:  # our ticks and its clock may each be a millisecond off
                raise ProtocolError("the NTP server claims to have kept us longer than we waited")
            trip = max(0, waited - held)
            return unix_ms + trip // 2, trip // 2 + root + 1
        if waited > timeout_ms:
            break
    raise ProtocolError("no answer of the NTP server was to our request")
