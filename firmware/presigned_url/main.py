"""Print a URL that lets whoever has it fetch (or store) one object, for a while, without a key.

A camera shows it as a QR code, a meter sends it to a technician: the device signs, somebody else
downloads. No connection to S3 is made; only the time is asked for, since the URL's life starts at
the date it is signed with. Runs on a board (network up), on MicroPython for unix, and on CPython:

    micropython main.py config.json

Expected output (the URL is one line; "columns" breaks it for a small display):

    clock     20261122T221500Z +-3 ms, says pool.ntp.org
    url       https://my-bucket.s3.eu-central-1.amazonaws.com/device-1/log.bin?X-Amz-Algorithm=...
    qr        348 characters: version 12 or more at error level L, 65 modules wide
    valid     3600 s, until 20261122T231500Z
    heap      57552 of 128064 bytes

Any failure ends with one line that says what to do, and exit status 1.
"""

import gc
import json
import sys

from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.amzdate import from_seconds
from sigv4_mp.encode import uri_encode
from sigv4_mp.errors import RequestError, SigV4Error
from sigv4_mp.net import ntp
from sigv4_mp.net.http import Http

REQUIRED = ("bucket_url", "region", "key", "credentials")
OPTIONAL = ("method", "expires", "columns", "ntp_servers")
# Bytes that a QR code of version 1, 2, ... 40 holds at error level L. Source: ISO/IEC 18004.
QR_BYTES = (
    (17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858)
    + (929, 1003, 1091, 1171, 1273, 1367, 1465, 1528, 1628, 1732, 1840, 1952, 2068, 2188, 2303)
    + (2431, 2563, 2699, 2809, 2953)
)


def say(kind, text):
    """Print one line: what it is about, then what there is to know."""
    print("%-9s %s" % (kind, text))


def load(path):
    """Return the configuration as a dict. Raises: RequestError naming what is wrong with it."""
    with open(path) as file:
        try:
            config = json.load(file)
        except ValueError:
            raise RequestError("config", path + " is not JSON")
    for name in REQUIRED:
        if not config.get(name):
            raise RequestError(name, "is missing in " + path)
    for name in config:
        if name not in REQUIRED + OPTIONAL:
            raise RequestError(name, "is not a setting; there are: " + ", ".join(OPTIONAL))
    return config


def trusted_clock(servers):
    """Return a clock set by the first of the NTP servers ("host" or "host:port") that answers.

    Without any the system's clock is taken; it refuses to date a request if it was never set. The
    board's own clock is left alone: no TLS here, so nothing else needs it.
    """
    clock = SystemClock()
    for server in servers:
        host, _, port = server.partition(":")
        try:
            unix_ms, uncertainty_ms = Http().run(ntp.query(host, int(port or 123)))
        except (OSError, SigV4Error) as error:
            say("clock", "%s gives no time: %s" % (server, error))
            continue
        clock.set(unix_ms)
        amz_date = clock.require(b"s3").decode()
        say("clock", "%s +-%d ms, says %s" % (amz_date, uncertainty_ms, server))
        return clock
    if servers:
        raise RequestError("ntp_servers", "none of them gives the time; check network and names")
    say("clock", "no ntp_servers: the system's clock is trusted")
    return clock


def qr_note(length):
    """Say which QR code holds a text of `length` bytes (a URL is ASCII: byte mode)."""
    for version, room in enumerate(QR_BYTES, 1):
        if length <= room:
            width = 17 + 4 * version
            text = "%d characters: version %d or more at error level L, %d modules wide"
            say("qr", text % (length, version, width))
            return
    # A session token of temporary credentials can be 4 KB, and it has to be in the URL.
    say("qr", "%d characters: too long for any QR code; a session token does that" % length)


def show(url, columns):
    """Print the URL on one line, or broken into lines of `columns` characters to be joined."""
    step = columns or len(url)
    for start in range(0, len(url), step):
        say("url", url[start : start + step])
    qr_note(len(url))


def main(path="config.json"):
    """Do the whole job; return the exit status."""
    try:
        config = load(path)
        clock = trusted_clock(config.get("ntp_servers", ()))
        signer = Signer(Credentials(**config["credentials"]), config["region"], "s3", clock)
        expires = config.get("expires", 3600)
        # The key is percent-encoded here, once: a space or "+" in it must not change its meaning.
        path = uri_encode(config["key"], safe_slash=True).decode()
        url = config["bucket_url"].rstrip("/") + "/" + path
        url = signer.presign(config.get("method", "GET"), url, expires)
        end = from_seconds(clock.seconds() + expires).decode()
    except (SigV4Error, OSError) as error:
        say("failed", "%s: %s" % (type(error).__name__, error))
        return 1
    show(url, config.get("columns", 0))
    # Temporary credentials end it earlier.
    say("valid", "%d s, until %s" % (expires, end))
    gc.collect()
    if hasattr(gc, "mem_alloc"):
        say("heap", "%d of %d bytes" % (gc.mem_alloc(), gc.mem_alloc() + gc.mem_free()))
    return 0


if __name__ == "__main__":
    status = main(*sys.argv[1:2])
    if len(sys.argv) > 1:  # started from a shell; a board's REPL should stay
        sys.exit(status)
