"""Answers of an NTP server, right but for what the arguments say."""

COOKIE = b"\x8f\x00cookie"
NTP_2026 = 4000000000  # 2026-10-03T02:26:40Z; Unix 1791011200


def put(packet, at, value):
    """Write a 32-bit word."""
    for i in range(4):
        packet[at + i] = value >> (24 - 8 * i) & 255


def answer(
    first=0x24,
    stratum=2,
    cookie=COOKIE,
    received=NTP_2026,
    sent=NTP_2026,
    half=0,
    delay=0,
    dispersion=0,
    code=b"LOCL",
):
    """Return an answer, bytearray[48]. received, sent: NTP s. half: 1 adds half a second."""
    packet = bytearray(48)
    packet[0] = first
    packet[1] = stratum
    put(packet, 4, delay)
    put(packet, 8, dispersion)
    packet[12:16] = code
    packet[24:32] = cookie
    put(packet, 32, received)
    put(packet, 40, sent)
    put(packet, 44, half << 31)
    return packet
