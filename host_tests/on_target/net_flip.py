"""Flip every single byte between sealing and sending, in turn: argv[1] is a server's port.

The server counts complete requests; the caller looks that it saw none but the last, untouched one.
"""

import sys
from binascii import hexlify
from hashlib import sha256

import _check

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.errors import TamperError
from sigv4_mp.net import http
from sigv4_mp.net.exchange import Exchange

URL = "http://127.0.0.1:%s/bucket/some%%20key?a=1" % sys.argv[1]
BODY = bytes(range(40, 127)) * 3
HASH = hexlify(sha256(BODY).digest()).decode()
SIGNER = Signer(
    Credentials("AKID", "secret", "TOKEN" * 8), "us-east-1", "s3", FixedClock("20260101T000000Z")
)
EXCHANGE = Exchange(256, 64, insecure_http="session-token")


class Body:
    """A body that is read as it is now; rewindable, so that a retry would be possible."""

    rewindable = True

    def __init__(self, data):
        self.data = data

    def open(self, _):
        self.at = 0
        return self

    def readinto(self, buffer):
        count = min(len(buffer), len(self.data) - self.at)
        buffer[:count] = self.data[self.at : self.at + count]
        self.at += count
        return count


def seal():
    headers = [("Content-Type", "text/plain"), ("X-Amz-Meta-a", "b")]
    return SIGNER.sign("PUT", URL, headers, payload_hash=HASH, content_length=len(BODY))


def refused(shell, make, body):
    """Return whether it ends in a TamperError, after one attempt."""
    count = [0]

    def once():
        count[0] += 1
        return make()

    try:
        shell.run(EXCHANGE.run(once, Body(body)))
    except TamperError:
        return count[0] == 1
    return False


def flip_head(shell):
    size = len(seal().head)
    missed = []
    for at in range(size):
        for mask in (1 << at % 8, 0x20):

            def make(at=at, mask=mask):
                sealed = seal()
                sealed.head_view()[at] ^= mask
                return sealed

            if not refused(shell, make, BODY):
                missed.append((at, mask))
    _check.true("each of %d bytes of the head" % size, size > 400 and not missed, str(missed))


def flip_body(shell):
    missed = []
    for at in range(len(BODY)):
        data = bytearray(BODY)
        data[at] ^= 1 << at % 8
        if not refused(shell, seal, data):
            missed.append(at)
    for data in (BODY[:-1], BODY[1:], BODY + b"x", b""):
        if not refused(shell, seal, data):
            missed.append(len(data))
    _check.true("each of %d bytes of the body" % len(BODY), not missed, str(missed))


def flip_while_sending(shell):
    """The source changes after its first block is out."""

    class Changing(Body):
        def readinto(self, buffer):
            if self.at:
                self.data = self.data[:-1] + b"#"
            return Body.readinto(self, buffer)

    error = None
    try:
        shell.run(EXCHANGE.run(seal, Changing(BODY)))
    except TamperError as caught:
        error = caught
    _check.true("changed while it is sent", error is not None)


def main():
    with http.Http(timeout=20) as shell:
        flip_head(shell)
        flip_body(shell)
        flip_while_sending(shell)
        response = shell.run(EXCHANGE.run(seal, Body(BODY)))
        _check.equal("control: as it was sealed", response.status, 200)
    _check.done()


main()
