"""Set a TrustedClock over real sockets: JSON lines in, one out for each. See test_time_sockets.py.

{"servers": [...], "agreeing", "tls", "ca_file", "shell": "http" or "aio", ...}: the clock is made
anew, but who was asked before is remembered, as in one run of a device. least_ms: between two
questions to the same server; 15 s if it is not there.
"""

import asyncio
import json
import sys

from sigv4_mp import Credentials, Signer
from sigv4_mp.device import poll
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import SigV4Error
from sigv4_mp.net import aio, http
from sigv4_mp.net.clock import sync


def run(line, operation):
    settings = {"ca_file": line.get("ca_file")}
    if line.get("shell") == "aio":
        return asyncio.run(aio.run(operation, **settings))
    return http.run(operation, **settings)


def told(line, clock):
    if line.get("forget"):
        poll.KNOWN.clear()
    poll.LEAST_MS = line.get("least_ms", 15000)
    more = {}
    for name in ("agreeing", "tls", "timeout_ms"):
        if name in line:
            more[name] = line[name]
    try:
        report = run(line, sync(clock, line["servers"], jitter_ms=line.get("jitter_ms", 1), **more))
        answer = {
            "agreed": report.agreed,
            "false": report.falsetickers,
            "failures": report.failures,
            "unix_ms": report.unix_ms,
            "uncertainty_ms": report.uncertainty_ms,
            "checked": report.checked,
        }
    except (SigV4Error, OSError) as error:
        answer = {"error": type(error).__name__, "text": str(error)}
    try:
        signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", clock)
        answer["amz_date"] = signer.sign("GET", "https://h/").amz_date
    except SigV4Error as error:
        answer["unsigned"] = type(error).__name__
    return answer


def main():
    line = sys.stdin.readline()
    while line:
        print(json.dumps(told(json.loads(line), TrustedClock())))
        line = sys.stdin.readline()


main()
