"""Store an object with a clock that is off: JSON lines in, one out for each. test_time_servers.py.

{"off_s", "rank", "endpoint", ...}: the clock starts off_s beside the machine's, on that evidence.
"""

import json
import sys
import time

from sigv4_mp import Credentials, Signer
from sigv4_mp.device.clock import SystemClock
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import SigV4Error
from sigv4_mp.net import http
from sigv4_mp.services.s3 import S3


class CountingSigner(Signer):
    """Counts what it signs."""

    count = 0

    def sign(self, *arguments, **named):
        self.count += 1
        return super().sign(*arguments, **named)


def told(line):
    clock = TrustedClock()
    clock.anchor(
        (int(time.time()) + SystemClock.EPOCH + line["off_s"]) * 1000, 1500, "test", line["rank"]
    )
    keys = Credentials(line["access_key_id"], line["secret_access_key"])
    signer = CountingSigner(keys, line["region"], "s3", clock)
    s3 = S3(
        signer,
        line["endpoint"],
        line["bucket"],
        addressing="path",
        profile="swift",
        insecure_http=line["endpoint"].startswith("http:"),
    )
    try:
        http.run(s3.put_object(line["key"], b"body"), ca_file=line["ca_file"])
        answer = {"stored": True}
    except (SigV4Error, OSError) as error:
        answer = {"error": type(error).__name__, "text": str(error)}
    answer["signed"] = signer.count
    answer["log"] = [text for _, text in clock.log]
    answer["off_ms"] = clock.own()[0] - (int(time.time()) + SystemClock.EPOCH) * 1000
    return answer


def main():
    line = sys.stdin.readline()
    while line:
        print(json.dumps(told(json.loads(line))))
        line = sys.stdin.readline()


main()
