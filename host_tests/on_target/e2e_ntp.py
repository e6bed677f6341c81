"""Ask NTP servers on a target: {"host", "port"} on stdin, its answers on stdout, JSON."""

import json
import sys

from sigv4_mp.errors import SigV4Error
from sigv4_mp.net import http, ntp


def main():
    line = sys.stdin.readline()
    while line:
        server = json.loads(line)
        try:
            unix_ms, uncertainty_ms = http.run(ntp.query(server["host"], server["port"]))
            print(json.dumps({"unix_ms": unix_ms, "uncertainty_ms": uncertainty_ms}))
        except (SigV4Error, OSError) as error:
            print(json.dumps({"error": type(error).__name__, "text": str(error)}))
        line = sys.stdin.readline()


main()
