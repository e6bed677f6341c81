"""Does the library work on this very board? Known answers, clock, heap, TLS root, a dry run.

    import sigv4_mp.selftest as selftest
    selftest.run()            # prints a line a check; True if the board can be trusted to sign

It sends nothing and writes nothing. It loads most of floor 0, which stays loaded: run it at the
prompt or from an installer, not in the application. The answers were published by others; each
check names who did.
"""

import gc
import sys
from binascii import hexlify

from .digest import HmacKey, sha256_hex

_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # the one of AWS's examples
_HOST = "https://examplebucket.s3.amazonaws.com"
_DATE = "20130524T000000Z"


class _Note(Exception):
    """Something that is no fault of the board, but has to be put right before signing for real."""


def run(budget=0, ca_file="ca.der", strict=False, say=print):
    """Check this board; print a line for each check and return whether all passed, bool.

    budget: int, bytes of heap that must be free (memory.budget of the board's board.toml); 0: any.
    ca_file: str, path of the TLS root that the application will use; None: it uses none.
    strict: bool, a clock that is not set, or a root that is not there, counts as a failure, too.
    say: takes each line, str.
    Cost: some 40 KB of heap as .mpy, most of it the modules; about a second on an RP2040.
    """
    failed = 0
    for name, check in (
        ("SHA-256, FIPS 180-4", _sha256),
        ("HMAC, RFC 4231 case 2", _hmac),
        ("signing key, AWS 2015", _signing_key),
        ("canonical request, S3 API", _canonical),
        ("signature in a header, S3 API", _header),
        ("presigned URL, S3 API", _presigned),
        ("chunk signatures, S3 API", _chunks),
        ("CRC check values", _checksums),
        ("a request of now, dry run", _dry_run),
        ("clock", _clock),
        ("TLS root", lambda: _root(ca_file)),
        ("heap", lambda: _heap(budget)),
    ):
        gc.collect()
        failed += _one(name, check, strict, say)
    say("self-test: " + ("%d of 12 failed" % failed if failed else "passed"))
    return not failed


def _one(name, check, strict, say):
    """Do one check and say how it went; return 1 if it failed, else 0."""
    mark = "ok"
    try:
        detail = check()
    except _Note as note:
        mark = "FAIL" if strict else "note"
        detail = str(note)
    except Exception as error:  # whatever is wrong here, the other checks are to be seen as well
        mark = "FAIL"
        detail = "%s: %s" % (type(error).__name__, error)
    say("%-4s %-30s %s" % (mark, name, detail or ""))
    return mark == "FAIL"


def _same(found, wanted):
    if found != wanted:
        raise ValueError("got %s, published is %s" % (found, wanted))


def _sha256():
    digest = b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    _same(sha256_hex(b"abc"), digest)


def _hmac():
    digest = hexlify(HmacKey(b"Jefe").digest(b"what do ya want for nothing?"))
    _same(digest, b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")


def _signing_key():
    """AWS General Reference (archived), Signature Version 4, task 3."""
    from .keys import derive_signing_key

    secret = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    key = derive_signing_key(secret, b"20150830", b"us-east-1", b"iam")
    _same(hexlify(key), b"c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")


def _signer():
    from .device.credentials import Credentials
    from .signer import Signer

    return Signer(Credentials("AKIAIOSFODNN7EXAMPLE", _SECRET), "us-east-1", "s3")


def _example():
    """S3 API reference, Authorization header, "Example: GET Object"."""
    headers = {"Range": "bytes=0-9"}
    return _signer().sign("GET", _HOST + "/test.txt", headers, amz_date=_DATE)


def _canonical():
    _same(
        _example().string_to_sign.split(b"\n")[3],
        b"7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
    )


def _header():
    """The one above, and "Example: PUT Object" with its `$` in the path and its body."""
    wanted = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    _same(_example().signature, wanted)
    headers = (
        ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    )
    body = b"Welcome to Amazon S3."
    url = _HOST + "/test$file.text"
    _same(
        _signer().sign("PUT", url, headers, body, amz_date=_DATE).signature,
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    )


def _presigned():
    """S3 API reference, query parameters, "An Example"."""
    url = _signer().presign("GET", _HOST + "/test.txt", 86400, amz_date=_DATE)
    _same(url[-64:], "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def _chunks():
    """S3 API reference, chunked upload: its last two chunks, linked to the first one's signature.

    A chunk's string to sign holds date, credential scope and key of the seed, nothing else of it.
    """
    from .chunked import ROOM, SIGNED, TAIL, ChunkEncoder

    encoder = ChunkEncoder(_example(), 1024, 65536, SIGNED)
    encoder.signature = b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
    encoder.wrap(bytearray(b"a" * (ROOM + 1024 + TAIL)), 1024)
    wanted = b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
    _same(encoder.signature, wanted)
    encoder.end()
    wanted = b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
    _same(encoder.signature, wanted)


def _checksums():
    """The catalogue's check values: each CRC of b"123456789"."""
    from .checksum import new

    for name, wanted in (
        ("crc32", b"cbf43926"),
        ("crc32c", b"e3069283"),
        ("crc64nvme", b"ae8b14860a799888"),
    ):
        check = new(name)
        check.update(b"123456789")
        _same(hexlify(check.digest()), wanted)


def _system_clock():
    from .device.clock import SystemClock

    return SystemClock()


def _dry_run():
    """Sign with the time of now, if there is one, and read the head anew: see check.py."""
    from .amzdate import from_seconds

    now = _system_clock().unverified_seconds()
    sealed = _signer().sign("PUT", _HOST + "/now", (), b"now", amz_date=from_seconds(max(now, 0)))
    sealed.check()
    return "%d bytes of head" % len(sealed.head)


def _clock():
    from .errors import ClockNotSet

    try:
        now = _system_clock().require(b"s3").decode()
    except ClockNotSet as error:
        raise _Note(str(error))
    # Nobody can tell from here whether it is right: only NTP can.
    return now + ", if it was set to UTC"


def _root(path):
    if path is None:
        return "not asked for"
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        raise _Note("no %s: without it no server's certificate can be checked" % path)
    if sys.implementation.name != "micropython":
        from .net._cpython import tls_context
    else:
        from .net._micropython import tls_context
    tls_context(data)
    return "%s, %d bytes" % (path, len(data))


def _heap(budget):
    if not hasattr(gc, "mem_free"):
        return "not bounded here"
    gc.collect()
    free = gc.mem_free()
    if free < budget:
        raise ValueError("%d bytes free, the board's budget is %d" % (free, budget))
    return "%d bytes free of %d" % (free, free + gc.mem_alloc())
