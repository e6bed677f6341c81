"""Credentials come over mutual TLS, sign, and are wiped; the host looks through all our memory.

stdin: a line of settings, then a line for each step. stdout: a word when a step is done.
"""

import gc
import json
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)

from sigv4_mp.device.clock import SystemClock
from sigv4_mp.net.http import Http
from sigv4_mp.net.identity import ClientIdentity
from sigv4_mp.net.iot import IotProvider
from sigv4_mp.net.temporary import TemporaryCredentials
from sigv4_mp.signer import Signer


def pause(word):
    print(word)
    return sys.stdin.readline()


def hold(settings):
    """Fetch and sign; return what has to be wiped. No local of it stays on the stack."""
    clock = SystemClock()
    identity = ClientIdentity(settings["certificate"], settings["private_key"])
    provider = IotProvider(settings["iot"], "uploader", identity, "device-1")
    credentials = TemporaryCredentials(provider, clock)
    with Http(ca_file=settings["ca_file"]) as shell:
        shell.run(credentials.ensure())
    signer = Signer(credentials, "us-east-1", "s3", clock)
    prepared = signer.prepare("GET", "https://example.com/a")
    for _ in range(3):
        prepared.seal(amz_date="20261122T120000Z")
    return credentials


def main():
    settings = json.loads(sys.stdin.readline())
    credentials = hold(settings)
    pause("held")
    credentials.wipe()
    pause("wiped")
    from sigv4_mp.device.scrub import scrub

    pause("scrubbed %d" % scrub())


main()
