"""The self-test passes on a good library, and each of its checks fails when its part is broken."""

import gc
import sys

from _check import done, equal, raises, true

from sigv4_mp import selftest
from sigv4_mp.device.clock import SystemClock

# check (the start of its line): (module, name in it, what stands there instead)
BROKEN = (
    ("SHA-256", "selftest", "sha256_hex", lambda data: b"0" * 64),
    ("HMAC", "selftest", "HmacKey", lambda key: Wrong()),
    ("signing key", "keys", "derive_signing_key", lambda *parts: bytes(32)),
    ("canonical request", "prepared", "sha256", lambda: Wrong()),
    ("signature in a header", "keys", "hexlify", lambda data: b"0" * 64),
    ("presigned URL", "presign", "uri_encode", lambda value: bytes(value) + b"0"),
    ("chunk signatures", "chunked", "_EMPTY", b"0" * 64),
    ("CRC", "checksum", "new", lambda name: Wrong()),
    ("a request of now", "check", "hexlify", lambda data: b"0" * 64),
)


class Wrong:
    """Stands in for a hash, an HMAC key and a checksum; what it gives is never right."""

    def update(self, data):
        pass

    def digest(self, message=None):
        return bytes(32)


def lines_of(**settings):
    """Run the self-test; return (what it returned, its lines)."""
    lines = []
    return selftest.run(say=lines.append, **settings), lines


def marked(lines, mark):
    """Return what comes after the mark in the lines that have it."""
    return [line[5:] for line in lines if line.startswith(mark)]


def good():
    passed, lines = lines_of(ca_file=None)
    equal("a good library passes", passed, True)
    equal("a line a check, and the verdict", len(lines), 13)
    equal("verdict", lines[-1], "self-test: passed")
    equal("nothing failed", marked(lines, "FAIL"), [])


def broken():
    for name, where, attribute, instead in BROKEN:
        home = sys.modules["sigv4_mp." + where]
        right = getattr(home, attribute)
        setattr(home, attribute, instead)
        try:
            passed, lines = lines_of(ca_file=None)
        finally:
            setattr(home, attribute, right)
        found = [line for line in marked(lines, "FAIL") if line.startswith(name)]
        true("%s: noticed" % name, not passed and found, repr(lines))
    equal("and whole again", lines_of(ca_file=None)[0], True)


def surroundings():
    passed, lines = lines_of(ca_file="nowhere.der")
    equal("no root is a note", [line[:8] for line in marked(lines, "note")], ["TLS root"])
    equal("and no failure", passed, True)
    passed, lines = lines_of(ca_file="nowhere.der", strict=True)
    equal("unless strict", [line[:8] for line in marked(lines, "FAIL")], ["TLS root"])
    equal("it says so", (passed, lines[-1]), (False, "self-test: 1 of 12 failed"))
    if hasattr(gc, "mem_free"):
        passed, lines = lines_of(ca_file=None, budget=1 << 29)
        equal("too small a heap fails", [one[:4] for one in marked(lines, "FAIL")], ["heap"])
        true("with both numbers", "budget is 536870912" in marked(lines, "FAIL")[0])


def clock():
    SystemClock.unverified_seconds = lambda self: 1609459200  # 2021-01-01: an RP2 after power-on
    passed, lines = lines_of(ca_file=None)
    equal("a clock never set is a note", [one[:5] for one in marked(lines, "note")], ["clock"])
    true("that says what to do", "NTP" in marked(lines, "note")[0])
    equal("and no failure", passed, True)
    equal("unless strict", lines_of(ca_file=None, strict=True)[0], False)


def other_errors():
    """What no check expects is not swallowed."""

    def stop():
        raise KeyboardInterrupt

    right = selftest.sha256_hex
    selftest.sha256_hex = lambda data: stop()
    raises("Ctrl-C ends it", KeyboardInterrupt, selftest.run, say=lambda line: None)
    selftest.sha256_hex = right


# A board just switched on has no time; but for clock() there is one here.
SystemClock.unverified_seconds = lambda self: 1900000000
good()
broken()
surroundings()
clock()
other_errors()
done()
