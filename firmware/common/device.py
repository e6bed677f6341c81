"""What the telemetry examples share: settings, clock, sensor, sleep. Copy it beside main.py."""

import gc
import json
import sys
import time

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # collect early and often: what is compiled on board leaves no holes behind

from sigv4_mp import Credentials, SystemClock
from sigv4_mp.errors import ClockNotSet, RequestError, SigV4Error

COMMON = ("region", "credentials")
OPTIONAL = ("endpoint", "ntp_servers", "ca_file", "insecure_http", "folder", "max_bytes", "every_s")
OPTIONAL += ("deadline_s",)


def say(kind, text):
    """Print one line: what it is about, then what there is to know."""
    print("%-9s %s" % (kind, text))


def tell(text):
    """Print what the spool or the uploader has to tell."""
    say("note", text)


def load(path, required, optional):
    """Return the configuration as a dict. Raises: RequestError naming what is wrong with it."""
    with open(path) as file:
        try:
            config = json.load(file)
        except ValueError:
            raise RequestError("config", path + " is not JSON")
    for name in COMMON + required:
        if not config.get(name):
            raise RequestError(name, "is missing in " + path)
    for name in config:
        if name not in COMMON + OPTIONAL + required + optional:
            raise RequestError(name, "is not a setting; see README.md")
    return config


def deadline_ms(config):
    """Return how long one round of sending may take, int."""
    return int(config.get("deadline_s", 20) * 1000)


def credentials(config):
    """Return the Credentials of the configuration."""
    return Credentials(**config["credentials"])


class Clock(SystemClock):
    """The system's clock, trusted once an NTP server has confirmed it.

    Without ntp_servers in the configuration it is taken as it is: for a desktop.
    """

    def __init__(self, config, http):
        super().__init__()
        self._servers = config.get("ntp_servers") or ()
        self._http = http
        self._asked = None
        self.confirmed = not self._servers

    def seconds(self):
        """Return the Unix time, int. Raises: ClockNotSet until it is confirmed."""
        if not self.confirmed:
            raise ClockNotSet("no NTP server has answered yet")
        return super().seconds()

    def sync(self):
        """Ask the NTP servers, if that is due: at once, every minute until then, every 6 hours."""
        wait_s = 21600 if self.confirmed else 60
        if not self._servers or (self._asked and time.time() - self._asked < wait_s):
            return
        self._asked = time.time()
        from sigv4_mp.net import ntp

        for server in self._servers:
            host, _, port = server.partition(":")
            try:
                unix_ms, uncertainty_ms = self._http.run(ntp.query(host, int(port or 123)))
            except (OSError, SigV4Error) as error:
                say("clock", "%s gives no time: %s" % (server, error))
                continue
            self.take(unix_ms)
            say("clock", "set by %s, +-%d ms" % (server, uncertainty_ms))
            return

    def take(self, unix_ms):
        """Set this clock, and on a board its RTC: TLS checks certificates against that."""
        try:
            from machine import RTC

            now = time.gmtime(unix_ms // 1000 - SystemClock.EPOCH)
            RTC().datetime(now[:3] + (now[6],) + now[3:6] + (0,))
            self._asked = time.time()
        except ImportError:
            pass  # a desktop: its clock is not ours to set
        self.set(unix_ms)
        self.confirmed = True


def link():
    """Return whether the network is up; true where there is no Wi-Fi to ask."""
    try:
        from network import STA_IF, WLAN
    except ImportError:
        return True
    return WLAN(STA_IF).isconnected()


def temperature():
    """Return a temperature in tenths of a degree: the RP2's own, or an invented one."""
    try:
        from machine import ADC

        volts = ADC(4).read_u16() * 3.3 / 65535
        return int((27 - (volts - 0.706) / 0.001721) * 10)
    except (ImportError, ValueError):
        return 200 + time.time() % 50


def sleep_ms(ms):
    """Wait, awake."""
    time.sleep(ms / 1000)


class Heap:
    """Watches how much of the heap is in use, at its highest."""

    peak = 0

    def look(self):
        """Collect garbage and note what is left. Only MicroPython can tell."""
        gc.collect()
        if hasattr(gc, "mem_alloc"):
            self.peak = max(self.peak, gc.mem_alloc())

    def report(self):
        """Say the highest use seen."""
        if self.peak:
            say("heap", "%d of %d bytes at most" % (self.peak, gc.mem_alloc() + gc.mem_free()))


def report(uploader, heap):
    """Say what has become of the readings."""
    counters = uploader.counters
    said = ["%s %d" % (name, counters[name]) for name in sorted(counters) if counters[name]]
    say("counters", ", ".join(said))
    say("spool", "%d records wait" % uploader.spool.backlog)
    if uploader.problem:
        say("problem", uploader.problem)
    heap.report()


def start(main):
    """Run main(path of the configuration); on a desktop its result is the exit status."""
    try:
        status = main(*sys.argv[1:2])
    except (SigV4Error, OSError) as error:
        say("failed", "%s: %s" % (type(error).__name__, error))
        status = 1
    if len(sys.argv) > 1:  # started from a shell; a board's REPL should stay
        sys.exit(status)
