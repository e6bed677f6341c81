#!/usr/bin/env python3
"""Records per second that an emulated RP2040 spools and sends, in the board's own time.

    .venv/bin/python tools/spool_rates.py [--records 300]

The spool lies on the board's littlefs, and its flash takes the time that a real one takes. Records
of 64 bytes are put in groups of 1024 bytes, read and acknowledged; then as many are sent to Kinesis
(MiniStack on this machine) over a TLS connection that is open already. Waiting for the server
counts as the host's seconds, computing as the 125 MHz chip's cycles: tools/emulator/README.md says
how far that is from a real board.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [os.fspath(ROOT), os.fspath(ROOT / "host_tests")]

from e2e_tools import boto_client
from tools.emulator.emulator import Emulator
from tools.servers.ministack import Ministack

STREAM = "rates"
SPOOLED = """
import time
from sigv4_mp.services.spool import Spool
spool = Spool("/spool", max_record=64, commit_bytes=1024)
record = bytes(64)
def since(begun):
    return time.ticks_diff(time.ticks_us(), begun)
begun = time.ticks_us()
for i in range(COUNT):
    spool.put(record)
spool.commit()
print("spooled, 1024 bytes a commit", COUNT, since(begun))
begun = time.ticks_us()
for found in spool.read():
    seq = found.seq
spool.ack(seq)
print("read back and acknowledged", COUNT, since(begun))
"""
SENT = """
import emulated_net, machine
emulated_net.up()
from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.net.http import Http
from sigv4_mp.services.aws import Aws
from sigv4_mp.services.kinesis import kinesis
from sigv4_mp.services.telemetry import Uploader
now = time.gmtime(NOW)
machine.RTC().datetime(now[:3] + (now[6],) + now[3:6] + (0,))
signer = Signer(Credentials(*KEYS), REGION, "kinesis", SystemClock())
http = Http(ca_file="ca.der", timeout=60)
up = Uploader(spool, kinesis(Aws(signer, ENDPOINT), STREAM))
begun = time.ticks_us()
up.put(record)
up.flush_once(http, 600000)
print("sent, the first, with its TLS handshake", up.counters["sent"], since(begun))
for i in range(COUNT):
    up.put(record)
up.spool.commit()
batches = up.counters["batches"]
begun = time.ticks_us()
count = up.flush_once(http, 600000)
took = since(begun)
print("sent to Kinesis over TLS, %d batches" % (up.counters["batches"] - batches), count, took)
print("problem:", up.problem) if up.problem else None
"""


def mpremote(board, *words):
    """Run mpremote; return what it printed. Raises: SystemExit with its words."""
    command = [sys.executable, "-m", "mpremote", "connect", board.address, *map(str, words)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def measure(records):
    """Return [(what, records, microseconds)] as the board told."""
    with Ministack() as server, Emulator() as board:
        boto_client(server, "kinesis").create_stream(StreamName=STREAM, ShardCount=1)
        mpremote(board, "cp", Path(server.ca_file).with_name("ca.der"), ":ca.der")
        given = {
            "COUNT": records,
            "NOW": int(time.time()),
            "KEYS": (server.access_key_id, server.secret_access_key),
            "REGION": server.region,
            "ENDPOINT": server.https_url.replace("127.0.0.1", "localhost"),
            "STREAM": STREAM,
        }
        start = "".join("%s = %r\n" % pair for pair in given.items())
        told = mpremote(board, "exec", start + SPOOLED + SENT)
    rows = []
    for line in told.splitlines():
        what, count, micros = line.rsplit(" ", 2)
        rows.append((what, int(count), int(micros)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--records", type=int, default=300, help="default: %(default)s")
    for what, count, micros in measure(parser.parse_args().records):
        rate = count * 1e6 / micros
        print("%s: %d records in %.2f s, %.1f/s" % (what, count, micros / 1e6, rate))
    return 0


if __name__ == "__main__":
    sys.exit(main())
