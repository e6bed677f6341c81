"""Floor 0's pure parts: errors, encode, amzdate, digest."""

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp import amzdate as dates
from sigv4_mp import digest, errors
from sigv4_mp import encode as encoding
from sigv4_mp.errors import RequestError


def error_classes():
    base = errors.SigV4Error
    for (
        name
    ) in "RequestError CredentialsError ClockError TamperError ProtocolError ServiceError".split():
        true(name, issubclass(getattr(errors, name), base))
    for name in "ClockNotSet ClockUncertain ClockRollback ClockDisagreement".split():
        found = raises(name, errors.ClockError, _raise, getattr(errors, name)("set it"))
        equal(
            name + " field",
            (found.field, found.message, str(found)),
            ("amz_date", "set it", "amz_date: set it"),
        )
    error = errors.RequestError("host", "is empty")
    equal("field", (error.field, error.message, str(error)), ("host", "is empty", "host: is empty"))
    equal("no field", str(errors.SigV4Error(None, "x")), "x")
    error = errors.ProtocolError("too long", "limit")
    equal(
        "protocol",
        (error.field, error.message, str(error)),
        ("limit", "too long", "limit: too long"),
    )
    equal("protocol, no field", str(errors.ProtocolError("too long")), "too long")
    error = errors.ServiceError(403, "AccessDenied", "no", "REQ1")
    equal("service", str(error), "AccessDenied (HTTP 403): no")
    equal("its parts", (error.field, error.status, error.code), (None, 403, "AccessDenied"))
    equal("and message", (error.message, error.request_id), ("no", "REQ1"))
    equal("no request id", errors.ServiceError(500, "500", "x").request_id, None)
    true("not an OSError", not issubclass(base, OSError))


def _raise(error):
    raise error


def encode():
    every = bytes(range(256))
    unreserved = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    wanted = b"".join([bytes((b,)) if bytes((b,)) in unreserved else b"%%%02X" % b for b in every])
    equal("every byte", encoding.uri_encode(every), wanted)
    equal("every byte but /", encoding.uri_encode(every, True), wanted.replace(b"%2F", b"/"))
    equal("each recoded", encoding.uri_recode(wanted), wanted)
    # Bare bytes stand for themselves: 0x25 followed by "&'" starts no escape.
    equal("bare recoded", encoding.uri_recode(every), wanted)
    equal("lower-case escapes", encoding.uri_recode(b"%2f%7e%c3%BC"), b"%2F~%C3%BC")
    equal("%2F and / kept apart", encoding.uri_recode(b"a%2Fb/c", True), b"a%2Fb/c")
    equal("/ encoded without safe_slash", encoding.uri_recode(b"a/b%41"), b"a%2FbA")
    equal("%25 once", encoding.uri_recode(b"%2525"), b"%2525")
    for text, wanted in (
        (b"%", b"%25"),
        (b"%4", b"%254"),
        (b"%4g", b"%254g"),
        (b"%%41", b"%25A"),
        (b"a%zz%", b"a%25zz%25"),
    ):
        equal("stray in %r" % text, encoding.uri_recode(text), wanted)
    same = b"abc-._~"
    true("nothing to do: the same object", encoding.uri_encode(same) is same)
    equal("str as UTF-8", encoding.uri_encode("ü😀"), b"%C3%BC%F0%9F%98%80")
    equal("empty", (encoding.uri_encode(""), encoding.uri_recode(b"")), (b"", b""))
    for data, at, value in (
        (b"%41", 0, 65),
        (b"%4", 0, -1),
        (b"a%00", 1, 0),
        (b"%fF", 0, 255),
        (b"a41", 0, -1),
        (b"%-1", 0, -1),
        (b"%g1", 0, -1),
        (b"%1g", 0, -1),
    ):
        equal("unescape %r" % data, encoding.unescape_at(data, at), value)
    equal(
        "to_bytes",
        (encoding.to_bytes("ü", "f"), encoding.to_bytes(b"\xff", "f")),
        (b"\xc3\xbc", b"\xff"),
    )
    for value in (None, 1, 1.5, True, [b"a"], bytearray(b"a"), memoryview(b"a")):
        refuses(RequestError, "name", encoding.to_bytes, value, "name")


def amzdate():
    for seconds, text in (
        (0, b"19700101T000000Z"),
        (951782399, b"20000228T235959Z"),
        (951782400, b"20000229T000000Z"),
        (951868800, b"20000301T000000Z"),
        (1440938160, b"20150830T123600Z"),
        (1709251199, b"20240229T235959Z"),
        (2147483648, b"20380119T031408Z"),  # past 31 bits
        (4107542400, b"21000301T000000Z"),  # 2100 is no leap year
        (4294967296, b"21060207T062816Z"),  # past 32 bits
        (253402300799, b"99991231T235959Z"),
    ):
        equal("from %d" % seconds, dates.from_seconds(seconds), text)
        equal(
            "to %d" % seconds,
            (dates.to_seconds(text), dates.to_seconds(text.decode())),
            (seconds, seconds),
        )
    wrong = 0
    for day in range(0, 366 * 140, 11):
        wrong += dates.to_seconds(dates.from_seconds(day * 86400 + day)) != day * 86400 + day
    equal("140 years there and back", wrong, 0)
    equal("checked", dates.check_amz_date("20150830T123600Z"), b"20150830T123600Z")
    equal("iso", dates.iso8601(b"20150830T123456Z"), "2015-08-30T12:34:56Z")
    equal("iso of str", dates.iso8601("20150830T123456Z"), "2015-08-30T12:34:56Z")
    months = [dates.days_in_month(2023, month) for month in range(1, 13)]
    equal("months", months, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    leap = [dates.days_in_month(year, 2) for year in (1900, 2000, 2023, 2024, 2100, 2400)]
    equal("leap years", leap, [28, 29, 28, 29, 28, 29])
    for value in (
        None,
        20150830,
        1.5,
        bytearray(b"20150830T123600Z"),
        b"\xff" * 16,
        "",
        b"20150830t123600Z",
    ):
        refuses(RequestError, "amz_date", dates.check_amz_date, value)


class Reader:
    """Gives its pieces one by one, each cut to the buffer."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def readinto(self, buffer):
        if not self.pieces:
            return 0
        piece = self.pieces.pop(0)
        buffer[: len(piece)] = piece
        return len(piece)


def digests():
    whole = bytes(range(256)) * 5
    wanted = (digest.sha256_hex(whole), len(whole))
    for sizes in ((1280,), (512, 512, 256), (1, 63, 64, 1, 511, 640), (700, 580)):
        pieces, at = [], 0
        for size in sizes:
            pieces.append(whole[at : at + size])
            at += size
        for buffer in (bytearray(1280), memoryview(bytearray(1280))):
            equal("read in %r" % (sizes,), digest.hash_reader(Reader(*pieces), buffer), wanted)
    empty = digest.hash_reader(Reader(), bytearray(16))
    equal("empty reader", empty, (digest.EMPTY_SHA256.encode(), 0))
    equal("any buffer", digest.sha256_hex(bytearray(b"ab")), digest.sha256_hex(memoryview(b"ab")))
    for size in (0, 1, 63, 64, 65, 131):
        key, message = b"k" * size, b"message"
        hmac = digest.HmacKey(bytearray(key))
        equal("%d-byte key, again" % size, hmac.digest(message), hmac.digest(bytearray(message)))
        block = key if size <= 64 else digest.sha256(key).digest()
        block += bytes(64 - len(block))
        inner = digest.sha256(bytes([b ^ 0x36 for b in block]) + message).digest()
        outer = digest.sha256(bytes([b ^ 0x5C for b in block]) + inner).digest()
        equal("%d-byte key" % size, hmac.digest(message), outer)
    hmac = digest.HmacKey(b"secret")
    pads = (hmac._inner, hmac._outer)
    true("the pads hold the key", any(pads[0]) and pads[0] != bytearray(b"\x36" * 64))
    hmac.wipe()
    equal("both pads are zero", pads, (bytearray(64), bytearray(64)))
    true("the same buffers", hmac._inner is pads[0] and hmac._outer is pads[1])
    for a, b, same in (
        (b"", b"", True),
        (b"ab", b"ab", True),
        (b"ab", b"aB", False),
        (b"ab", b"abc", False),
        (b"\x00", b"", False),
        (b"ab", bytearray(b"ab"), True),
    ):
        equal("equal %r %r" % (a, b), digest.equal(a, b), same)


_section.run(error_classes, encode, amzdate, digests)
