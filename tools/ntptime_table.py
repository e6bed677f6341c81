"""What micropython-lib's `ntptime` takes for the time, and what we take: the table of docs/time.md.

    .venv/bin/python tools/ntptime_table.py                      measure; exit 1 if the docs differ
    .venv/bin/python tools/ntptime_table.py --write              measure, and renew the docs
    .venv/bin/python tools/ntptime_table.py --ntptime FILE       with the module itself

Both ask the same hostile servers over real UDP (host_tests/hostile_ntp.py). `ntptime` comes with
boards' firmware and by mip, but is in no package registry, so what stands in for it here is the
same exchange in a few lines of our own: 48 bytes out, the first packet in, seconds from bytes 40 to
43. With --ntptime the module itself is run instead; its rows are to be the same.
"""

import argparse
import os
import re
import socket
import struct
import sys
import time
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [os.fspath(ROOT), os.fspath(ROOT / "lib"), os.fspath(ROOT / "host_tests")]

from hostile_ntp import HostileNtp
from sigv4_mp.errors import ProtocolError
from sigv4_mp.net import http, ntp

PAGE = ROOT / "docs" / "time.md"
BEGIN, END = "<!-- ntptime: tools/ntptime_table.py --write -->\n", "<!-- end -->"
HEAD = "| the server sends | `ntptime` | `clock.sync` |\n|---|---|---|\n"
_TO_1900 = 2208988800
# Of a liar's answer that is right in form, `clock.sync` needs other servers to tell; the rest is
# decided on the packet.
ROWS = (
    ("honest", "the time"),
    ("hour", "a time one hour off, otherwise right"),
    ("guessed", "an answer to no question of ours (replayed, guessed)"),
    ("spoof", "the same from another address, before the true answer"),
    ("mode3", "our own packet, back"),
    ("mode5", "a broadcast packet (mode 5)"),
    ("version3", "another version"),
    ("leap3", "leap 3: its clock is not set"),
    ("stratum16", "stratum 16: its clock is not set"),
    ("deny", "kiss-o'-death DENY: never ask again"),
    ("rate", "kiss-o'-death RATE: ask less often"),
    ("zero", "no transmit time"),
    ("backwards", "sent before it was received"),
    ("dispersion", "a minute of root dispersion"),
    ("short", "47 bytes"),
    ("empty", "0 bytes"),
    ("long", "72 bytes, the time in the first 48"),
)


def stand_in(port):
    """Return the Unix time, float, that the first packet from anywhere holds; as `ntptime` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(1)
        asker.sendto(b"\x23" + bytes(47), ("127.0.0.1", port))
        seconds = int.from_bytes(_four(asker.recv(48)), "big")
    return (seconds + (1 << 32) if seconds < 3913056000 else seconds) - _TO_1900


def _four(packet):
    if len(packet) < 44:
        raise ValueError("too short to unpack")
    return packet[40:44]


def real(path):
    """Return a function like stand_in that runs the module in a file."""
    source = compile(Path(path).read_text(encoding="utf-8"), path, "exec")

    def run(port):
        fake = types.ModuleType("socket")
        fake.__dict__.update(socket.__dict__)
        fake.getaddrinfo = lambda *_: [(2, 2, 17, "", ("127.0.0.1", port))]
        kept, sys.modules["socket"] = sys.modules["socket"], fake
        try:
            module = {}
            exec(source, module)
            return module["time"]()
        finally:
            sys.modules["socket"] = kept

    return run


def theirs(run, port):
    """Return what `ntptime` makes of a server, str."""
    try:
        found = run(port)
    except OSError:
        return "nothing comes"
    except (ValueError, IndexError, struct.error):
        return "fails"
    return "**takes it**" + _off(found)


def ours(port):
    """Return what our client makes of the same server, str."""
    try:
        unix_ms, _ = http.run(ntp.query("127.0.0.1", port, timeout_ms=400))
    except OSError:
        return "drops it, goes on listening"
    except ProtocolError as error:
        return "refuses: " + str(error)
    return "takes it" + _off(unix_ms / 1000)


def _off(unix):
    off = unix - time.time()
    if abs(off) < 5:
        return ""
    if abs(abs(off) - 3600) < 5:
        return ", an hour off"
    return ", the year %d" % time.gmtime(unix).tm_year


def measure(run):
    """Return the table, Markdown."""
    lines = []
    for character, words in ROWS:
        with HostileNtp(character, character) as server:
            one, other = (int(name.rpartition(":")[2]) for name in server.names)
            verdict = ours(other)
            if character == "hour":
                verdict += " from one server; outvoted by two others, and named"
            if character == "spoof" and verdict == "takes it":
                verdict = "drops it, takes the true answer"
            lines.append("| %s | %s | %s |\n" % (words, theirs(run, one), verdict))
    return HEAD + "".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="renew docs/time.md")
    parser.add_argument("--ntptime", metavar="FILE", help="run this module, not what stands in")
    options = parser.parse_args()
    table = measure(real(options.ntptime) if options.ntptime else stand_in)
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    new = pattern.sub(lambda _: BEGIN + table + END, text)
    print(table, end="")
    if BEGIN + table + END not in new:
        print("docs/time.md has lost its markers", file=sys.stderr)
        return 1
    if options.write:
        PAGE.write_text(new, encoding="utf-8")
    elif new != text:
        print("docs/time.md says something else: tools/ntptime_table.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
