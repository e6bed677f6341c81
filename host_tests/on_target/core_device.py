"""Floor 1: clocks, credentials and every check of an SNTP answer."""

import time
from binascii import hexlify

import _section
from _check import equal, raises, true
from _section import refuses
from ntp_packets import COOKIE, NTP_2026, answer

from sigv4_mp.amzdate import from_seconds, to_seconds
from sigv4_mp.device import sntp
from sigv4_mp.device.clock import FixedClock, SystemClock
from sigv4_mp.device.credentials import Credentials
from sigv4_mp.device.scoped_credentials import ScopedCredentials
from sigv4_mp.errors import ClockError, ClockNotSet, CredentialsError, ProtocolError, RequestError
from sigv4_mp.keys import derive_signing_key
from sigv4_mp.version import BUILD_DATE

SCOPE = (b"20150830", b"us-east-1", b"s3")


def clocks():
    for date in ("20150830T123600Z", b"20150830T123600Z"):
        equal("fixed", FixedClock(date).require(b"s3"), b"20150830T123600Z")
    for date in ("", "20150830", None, b"20151330T000000Z"):
        refuses(RequestError, "amz_date", FixedClock, date)
    built = to_seconds(BUILD_DATE)
    clock = SystemClock()
    for at, good in (
        (built + 1000, True),
        (built + 400 * 86400, True),
        (built - 1000, False),
        (0, False),
        (978307200, False),
        (-5000, False),
    ):
        clock.set(at * 1000)
        equal("set to %d" % at, abs(clock.unverified_seconds() - at) <= 5, True)
        if good:
            found = to_seconds(clock.require(b"s3"))
            true("says so", at <= found <= at + 5 and at <= clock.seconds() <= at + 5)
        else:
            refuses(ClockNotSet, "amz_date", clock.require, b"s3")
            refuses(ClockNotSet, "amz_date", clock.seconds)
    error = raises("told", ClockError, clock.require, b"s3")
    true("what it says and what is needed", BUILD_DATE in str(error) and "NTP" in str(error))
    clock.set(2000000000999)
    first = clock.offset
    clock.set(2000000000000)
    true("set twice is not twice the offset", abs(clock.offset - first) <= 5)
    clock = SystemClock(offset=100)
    true(
        "an offset is added",
        95 <= clock.unverified_seconds() - SystemClock().unverified_seconds() <= 105,
    )


def epochs():
    true("the epoch of this port", SystemClock.EPOCH in (0, 946684800))
    equal("is the one it counts from", (time.gmtime(0)[0] == 2000) * 946684800, SystemClock.EPOCH)

    class Esp32(SystemClock):
        EPOCH = 946684800

    here = SystemClock().unverified_seconds()
    true(
        "seconds from 2000",
        946684800 <= Esp32().unverified_seconds() - here + SystemClock.EPOCH <= 946684805,
    )
    board = Esp32()
    board.set(1900000000000)
    equal("set all the same", from_seconds(board.seconds())[:8], b"20300317")


def credentials():
    who = Credentials("AKID", "secret", "TOKEN")
    equal("parts", (who.access_key_id, who.session_token), (b"AKID", b"TOKEN"))
    equal("no token", Credentials(b"AKID", b"secret").session_token, None)
    key = who.signing_key(*SCOPE)
    true("cached", who.signing_key(*SCOPE) is key)
    equal(
        "the right key",
        key.signature(b"x"),
        ScopedCredentials("AKID", *(SCOPE + (derive_signing_key(b"secret", *SCOPE),)))
        .signing_key(*SCOPE)
        .signature(b"x"),
    )
    true(
        "nothing shown",
        "secret" not in repr(who) and "TOKEN" not in repr(who) and "AKID" in repr(who),
    )
    secret, pads = who._secret, key._hmac
    equal("held in a bytearray", secret, bytearray(b"secret"))
    who.wipe()
    equal("the secret is zero", (bytes(secret), who._secret), (bytes(6), None))
    equal("so are the pads", (pads._inner, pads._outer), (bytearray(64), bytearray(64)))
    refuses(CredentialsError, "secret_access_key", who.signing_key, *SCOPE)
    refuses(CredentialsError, "signing_key", key.signature, b"x")
    who.wipe()
    given = bytearray(b"secret")
    other = Credentials("AKID", given)
    other.wipe()
    equal("the caller's own is not touched", given, bytearray(b"secret"))
    for field, values in (
        ("access_key_id", ("", "s")),
        ("secret_access_key", ("A", "")),
        ("session_token", ("A", "s", "")),
    ):
        refuses(CredentialsError, field, Credentials, *values)


def scoped_credentials():
    raw = derive_signing_key(b"secret", *SCOPE)
    who = ScopedCredentials("AKID", "20150830", "us-east-1", "s3", raw, "TOKEN")
    equal("parts", (who.access_key_id, who.session_token), (b"AKID", b"TOKEN"))
    equal(
        "signs as the secret does",
        who.signing_key(*SCOPE).signature(b"x"),
        Credentials("AKID", "secret").signing_key(*SCOPE).signature(b"x"),
    )
    for i, field in enumerate(("scope_date", "region", "service")):
        for other in (b"20150831", b"x"):
            wanted = list(SCOPE)
            wanted[i] = other
            refuses(CredentialsError, field, who.signing_key, *wanted)
            error = raises("told", CredentialsError, who.signing_key, *wanted)
            true("both are named", other.decode() in str(error) and SCOPE[i].decode() in str(error))
    shown = repr(who) + str(error)
    true(
        "nothing shown",
        "TOKEN" not in shown and hexlify(raw).decode() not in shown and "AKID" in repr(who),
    )
    pads = who.signing_key(*SCOPE)._hmac
    who.wipe()
    equal("wiped", (pads._inner, pads._outer), (bytearray(64), bytearray(64)))
    refuses(CredentialsError, "signing_key", who.signing_key(*SCOPE).signature, b"x")
    for bad in (raw[:31], raw + b"x", hexlify(raw), "x" * 32):
        refuses(
            CredentialsError, "signing_key", ScopedCredentials, "AKID", "20150830", "r", "s", bad
        )


def sntp_requests():
    packet = bytearray(b"\xff" * 48)
    sntp.make_request(packet, COOKIE)
    equal("all but version, mode and cookie is zero", bytes(packet), b"\x23" + bytes(39) + COOKIE)


def sntp_answers():
    unix = 1791011200
    for first in (0x24, 0x64, 0xA4):  # no leap second, 61, 59
        for stratum in (1, 2, 15):
            found = sntp.parse_answer(answer(first, stratum), 48, COOKIE)
            equal("leap %d stratum %d" % (first >> 6, stratum), found, (unix * 1000, 0, 0))
    found = sntp.parse_answer(answer(sent=NTP_2026 + 2, half=1), 48, COOKIE)
    equal("held, with a fraction", found, (unix * 1000 + 2500, 2500, 0))
    found = sntp.parse_answer(answer(delay=0x8000, dispersion=0x4000), 48, COOKIE)
    equal("half the delay and the dispersion", found, (unix * 1000, 0, 500))
    equal(
        "the greatest that is taken",
        sntp.parse_answer(answer(dispersion=0x18000), 48, COOKIE)[2],
        1500,
    )
    for seconds, text in (
        (0xFFFFFFFF, b"20360207T062815Z"),
        (1, b"20360207T062817Z"),
        (1000000000, b"20671016T081456Z"),
        (0x7FFFFFFF, b"21040226T094223Z"),
        (0x83AA7E80 + 1, b"19700101T000001Z"),
    ):
        found = sntp.parse_answer(answer(received=seconds, sent=seconds), 48, COOKIE)
        equal("era of %d" % seconds, from_seconds(found[0] // 1000), text)
    found = sntp.parse_answer(answer(received=0xFFFFFFFF, sent=1), 48, COOKIE)
    equal("held over the turn of the era", found[1], 2000)
    found = sntp.parse_answer(answer(received=0xFFFFFFFF, sent=0, half=1), 48, COOKIE)
    equal("second 0 with a fraction", found[1], 1500)


def sntp_strangers():
    good = answer()
    for length in (0, 1, 47, -1):
        equal("%d bytes" % length, sntp.parse_answer(good, length, COOKIE), None)
    others = [first for first in range(256) if first & 0x3F != 0x24]
    taken = [first for first in others if sntp.parse_answer(answer(first), 48, COOKIE)]
    equal("no other mode and version", (len(others), taken), (252, []))
    equal(
        "symmetric, broadcast",
        [sntp.parse_answer(answer(first), 48, COOKIE) for first in (0x21, 0x22, 0x25)],
        [None] * 3,
    )
    for at in range(8):
        for bit in (1, 0x80):
            packet = answer()
            packet[24 + at] ^= bit
            equal("cookie byte %d" % at, sntp.parse_answer(packet, 48, COOKIE), None)
    # Whoever did not see our request can neither send us away nor make us fail (CVE-2020-11868).
    for bad in (answer(stratum=0, code=b"DENY"), answer(0xE4), answer(stratum=16), answer(sent=0)):
        bad[24:32] = bytes(8)
        equal("a stranger's error", sntp.parse_answer(bad, 48, COOKIE), None)


def sntp_refusals():
    for code in (b"DENY", b"RSTR", b"RATE"):
        for first in (0x24, 0xE4):
            error = raises(
                "kiss of death",
                ProtocolError,
                sntp.parse_answer,
                answer(first, 0, code=code),
                48,
                COOKIE,
            )
            true("says " + code.decode(), code.decode() in str(error))
    for code in (b"\x00\x01\xff\n", b"deny", b"DE Y"):
        error = raises(
            "no text", ProtocolError, sntp.parse_answer, answer(stratum=0, code=code), 48, COOKIE
        )
        true("is not shown", code not in str(error).encode() and "?" in str(error))
    for name, packet in (
        ("leap 3", answer(0xE4)),
        ("stratum 16", answer(stratum=16)),
        ("stratum 255", answer(stratum=255)),
        ("no transmit time", answer(sent=0)),
        ("no receive time", answer(received=0)),
        ("sent before received", answer(received=NTP_2026 + 1)),
        ("root dispersion", answer(dispersion=0x18100)),
        ("root delay", answer(delay=0x30200)),
        ("both", answer(delay=0x18100, dispersion=0xC000)),
        ("negative root delay", answer(delay=0xFFFF0000)),
    ):
        raises(name, ProtocolError, sntp.parse_answer, packet, 48, COOKIE)


_section.run(
    clocks,
    epochs,
    credentials,
    scoped_credentials,
    sntp_requests,
    sntp_answers,
    sntp_strangers,
    sntp_refusals,
)
