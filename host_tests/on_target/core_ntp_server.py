"""A clock set from a real NTP server, and a server that is not there. Arguments: two ports."""

import sys

from _check import done, raises, true
from _network import test_host

from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.amzdate import to_seconds
from sigv4_mp.net import http, ntp
from sigv4_mp.net.steps import Io


def now():
    """Operation. Return the ticks."""
    return (yield Io().ticks())


def main(port, silent):
    host = test_host()
    device = http.Http(timeout=1)
    unix_ms, uncertainty_ms = device.run(ntp.query(host, port))
    true("uncertain by less than the tolerance of S3", 0 < uncertainty_ms < 900000)
    clock = SystemClock(offset=-1000000)
    clock.set(unix_ms)
    signer = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", clock)
    amz_date = signer.sign("GET", "https://h/").amz_date
    true("signed with that time", 0 <= to_seconds(amz_date) - unix_ms // 1000 <= 60)
    raises("nobody there", OSError, device.run, ntp.query(host, silent))
    began = device.run(now())
    later, _ = device.run(ntp.query(host, port))
    true("the same server again: 15 s after the first time", device.run(now()) - began > 9000)
    true("time goes on", 14000 < later - unix_ms < 300000)
    done()


main(int(sys.argv[1]), int(sys.argv[2]))
