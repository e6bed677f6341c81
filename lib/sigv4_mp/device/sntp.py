"""SNTP packets: what we ask, and every check that an answer must pass. No I/O.

Source: RFC 4330 §5, RFC 5905 §7.3; RFC 8633 §3 for what goes wrong. The transmit field of a request
is a random cookie, never the clock, so that an answer can't be guessed (CVE-2020-13817).
"""

from ..errors import ProtocolError

PACKET = 48
"""Bytes of a request, and the least of an answer."""

_ERA = 2208988800  # seconds from 1900-01-01 to 1970-01-01
_PIVOT = 0x80000000  # an earlier second is one of era 1, which starts 2036-02-07 06:28:16 UTC
_MAX_ROOT_MS = 1500  # a server further from its reference clock than this is no evidence


class KissOfDeath(ProtocolError):
    """The server sends us away. code: str[4]; DENY and RSTR: for good; RATE: ask less often.

    Other codes say only that it has no time to give now. Source: RFC 5905 §7.4.
    """

    def __init__(self, code):
        super().__init__("the SNTP server sends us away: " + code)
        self.code = code


def make_request(packet, cookie):
    """Write a client request, version 4, into packet (bytearray[48]). cookie: bytes[8], random."""
    for i in range(PACKET):
        packet[i] = 0
    packet[0] = 0x23  # leap 0, version 4, mode 3 (client)
    packet[40:48] = cookie


def parse_answer(packet, length, cookie):
    """Return (unix_ms, held_ms, root_ms) of an answer, int milliseconds; None if it is not ours.

    unix_ms: the server's time when it sent. held_ms: how long the server kept the request.
    root_ms: how far the server may be from its reference clock.
    None: anybody may have sent it; drop it and go on listening (CVE-2020-11868).
    What follows the first 48 bytes (a MAC, extension fields) was not asked for and is not read.
    Raises: ProtocolError where the server we asked gives no time that can be used; KissOfDeath.
    """
    if length < PACKET or packet[0] & 7 != 4 or packet[0] >> 3 & 7 != 4:  # mode, version
        return None
    for i in range(8):
        if packet[24 + i] != cookie[i]:
            return None
    if packet[1] == 0:
        raise KissOfDeath(bytes(packet[12:16]).decode() if _is_text(packet) else "?")
    if packet[1] > 15 or packet[0] >> 6 == 3:
        raise ProtocolError("the SNTP server is not synchronised itself")
    received = _milliseconds(packet, 32)
    sent = _milliseconds(packet, 40)
    if sent == 0 or received == 0 or sent < received:
        raise ProtocolError("the SNTP answer has no sane times")
    root = _short(packet, 4) // 2 + _short(packet, 8)
    if root > _MAX_ROOT_MS:
        raise ProtocolError("the SNTP server is too far from its reference clock")
    return sent, sent - received, root


def _is_text(packet):
    for byte in packet[12:16]:
        if not 0x41 <= byte <= 0x5A:
            return False
    return True


def _word(packet, at):
    return packet[at] << 24 | packet[at + 1] << 16 | packet[at + 2] << 8 | packet[at + 3]


def _milliseconds(packet, at):
    """Unix milliseconds of a 64-bit timestamp, 0 if it is not set."""
    seconds = _word(packet, at)
    fraction = _word(packet, at + 4)
    if seconds == 0 and fraction == 0:
        return 0
    if seconds < _PIVOT:
        seconds += 0x100000000
    return (seconds - _ERA) * 1000 + (fraction * 1000 >> 32)


def _short(packet, at):
    """Milliseconds of a 32-bit 16.16 interval."""
    return _word(packet, at) * 1000 >> 16
