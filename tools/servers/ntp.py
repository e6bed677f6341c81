"""chrony as an NTP server on loopback, for devices under test. The machine's clock is left alone.

    with Ntp() as server:                      # the machine's time, stratum 2
        server.address, server.port, server.offset_s
    with Ntp(offset_s=1200) as falseticker:    # 20 minutes fast: libfaketime, for that process only
    with Ntp(rate=1.05) as drifting:           # a clock that gains 5 %

    python tools/servers/ntp.py [--offset-s S] [--stratum N]

chronyd comes from PATH, or is unpacked from Debian's package into .cache (see _apt.py for why it is
not installed). `local` makes it answer from the first packet on; `-x` keeps it off the clock.
"""

import argparse
import os
import pwd
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[2]))

from tools.servers import _apt, _process, _venv

NTP_TO_UNIX = 2208988800  # seconds from 1900 to 1970
_DEBIAN = _venv.CACHE / "debian"

CONF = """
local stratum {stratum}
port {port}
bindaddress 127.0.0.1
allow 127.0.0.1
cmdport 0
bindcmdaddress /
pidfile {home}/chronyd.pid
"""


def _look(root, pattern):
    return next((os.fspath(hit) for hit in sorted(root.glob(pattern))), None)


def _find(package, pattern):
    """Return the file `pattern` names below .cache/debian/<package>, unpacking that if needed."""
    root = _DEBIAN / package
    found = _look(root, pattern)
    if found is None:
        with _venv.locked("debian-" + package):
            if _look(root, pattern) is None:  # nobody was quicker while we waited
                _venv.say("unpacking Debian's %s into .cache ..." % package)
                _apt.unpack(package, root)
        found = _look(root, pattern)
    if found is None:
        raise _apt.MissingPackage("Debian's %s holds no %s" % (package, pattern))
    return found


def chronyd():
    """Return the path of a chronyd that can run here. Raises: MissingPackage with what to do."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    program = shutil.which("chronyd", path=path) or _find("chrony", "usr/sbin/chronyd")
    needs = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    missing = [line.split()[0] for line in needs.stdout.splitlines() if "not found" in line]
    if missing:
        raise _apt.MissingPackage("%s lacks %s" % (program, ", ".join(missing)))
    return program


def faketime():
    """Return the path of libfaketime.so.1, which shifts the clock that one process sees."""
    return _find("libfaketime", "usr/lib/*/faketime/libfaketime.so.1")


def query(port, address="127.0.0.1", timeout_s=2):
    """Ask once; return the reply (bytes). Raises: OSError; ValueError if it answers another."""
    cookie = os.urandom(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(timeout_s)
        asker.connect((address, port))
        asker.send(b"\x23" + bytes(39) + cookie)  # version 4, client; transmit field = cookie
        reply = asker.recv(512)
    if len(reply) < 48 or reply[24:32] != cookie:
        raise ValueError("not a reply to this request")
    return reply


def transmit_time(reply):
    """Return the server's transmit timestamp in a reply as Unix seconds (float; era 0 only)."""
    seconds, fraction = struct.unpack(">II", reply[40:48])
    return seconds - NTP_TO_UNIX + fraction / 2**32


class Ntp(_process.Server):
    """A running chronyd. Attributes once started: address (str), port (int), offset_s, stratum.

    offset_s: how far from the machine's clock it serves (seconds, float).    stratum: 1-15.
    rate: how fast its clock runs compared with the machine's (1.0 = the same).
    """

    name = "chrony"
    address = "127.0.0.1"
    attempts = 3  # the port was free when we looked, but UDP gives no way to hand it over

    def __init__(self, workdir=None, offset_s=0, stratum=2, rate=1.0):
        super().__init__(workdir)
        self.offset_s, self.stratum, self.rate = offset_s, stratum, rate
        self.port = None

    def prepare(self):
        self.port = _process.free_port(socket.SOCK_DGRAM)
        values = {"stratum": self.stratum, "port": self.port, "home": self.home}
        (self.home / "chrony.conf").write_text(CONF.format(**values))
        command = [chronyd(), "-x", "-d", "-f", self.home / "chrony.conf"]
        # A high port needs no privileges: stay who we are (Debian's default is a user _chrony that
        # only the installed package has); -U lets somebody else than root start it.
        command += ["-U", "-u", pwd.getpwuid(os.geteuid()).pw_name]
        if self.offset_s == 0 and self.rate == 1.0:
            return command
        shift = "FAKETIME=%+.6f x%.9f" % (self.offset_s, self.rate)
        return [
            "env",
            "LD_PRELOAD=" + faketime(),
            shift,
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ] + command

    def ready(self):
        try:
            reply = query(self.port)
        except ValueError:
            return False
        return reply[0] >> 6 != 3 and reply[1] == self.stratum  # leap 3: not synchronised

    def facts(self):
        names = "address port offset_s stratum rate log_path started_in"
        return {name: getattr(self, name) for name in names.split()}


def main():
    parser = argparse.ArgumentParser(description="Run chrony as an NTP server on loopback.")
    parser.add_argument("--offset-s", type=float, default=0)
    parser.add_argument("--stratum", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1.0)
    given = parser.parse_args()
    server = Ntp(offset_s=given.offset_s, stratum=given.stratum, rate=given.rate)
    return _process.serve(server)


if __name__ == "__main__":
    sys.exit(main())
