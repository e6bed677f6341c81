"""What the telemetry examples share: settings, clock, sensor, sleep. Copy it beside main.py."""

import gc
import json
import sys
import time

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # collect early and often: what is compiled on board leaves no holes behind

from sigv4_mp import Credentials, SystemClock
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import ClockError, ProtocolError, RequestError, SigV4Error

OPTIONAL = ("endpoint", "ca_file", "insecure_http", "folder", "max_bytes", "every_s", "deadline_s")
OPTIONAL += ("ntp_servers", "ntp_agreeing", "ntp_cross_check", "credentials", "iot_credentials")
IOT = ("endpoint", "role_alias", "certificate", "private_key")


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
    given = "iot_credentials" if "iot_credentials" in config else "credentials"
    for name in ("region", given) + required:
        if not config.get(name):
            raise RequestError(name, "is missing in " + path)
    for name in config:
        if name not in ("region",) + OPTIONAL + required + optional:
            raise RequestError(name, "is not a setting; see README.md")
    return config


def deadline_ms(config):
    """Return how long one round of sending may take, int."""
    return int(config.get("deadline_s", 20) * 1000)


def credentials(config, clock):
    """Return what the Signer takes: the configuration's Credentials, or the device's own.

    With "iot_credentials" they are fetched by the device's certificate when a request needs them,
    and again before they end: IoT Core's credential provider.
    """
    if "iot_credentials" not in config:
        return Credentials(**config["credentials"])
    from sigv4_mp.net.identity import ClientIdentity
    from sigv4_mp.net.iot import IotProvider
    from sigv4_mp.net.temporary import TemporaryCredentials

    iot = config["iot_credentials"]
    for name in IOT:
        if not iot.get(name):
            raise RequestError("iot_credentials", name + " is missing")
    identity = ClientIdentity(iot["certificate"], iot["private_key"])
    thing_name = iot.get("thing_name")
    provider = IotProvider(iot["endpoint"], iot["role_alias"], identity, thing_name)
    return TemporaryCredentials(provider, clock)


class Clock(TrustedClock):
    """A clock that time servers set, several of which must agree; see docs/time.md.

    Without ntp_servers in the configuration the system's clock is taken: for a desktop.
    endpoint: str, who must bear the time servers out over TLS, or None; the configuration's.
    """

    def __init__(self, config, http):
        super().__init__(on_event=self._tell)
        self._config = config
        self._http = http
        self._asked = None
        self.endpoint = config.get("endpoint")

    def _tell(self, text):
        say("clock", text)

    def sync(self):
        """Ask the time servers, if that is due: at once, every minute until then, every 6 hours.

        Raises: RequestError for a wrong setting; else failures are told, and the clock stays.
        """
        wait_s = 21600 if self.usable() else 60
        if self._asked is not None and 0 <= time.time() - self._asked < wait_s:
            return
        try:
            if self._config.get("ntp_servers"):
                self._ask()
            else:
                self.set(SystemClock().seconds() * 1000 + 500, 1500, None, "the system's clock")
        except (ClockError, ProtocolError, OSError) as error:
            say("clock", str(error))
        self._asked = time.time()  # only now: on a board sync has set the RTC

    def _ask(self):
        from sigv4_mp.net.clock import sync

        config = self._config
        tls = self.endpoint if config.get("ntp_cross_check", True) else None
        if tls and not tls.startswith("https:"):
            tls = None
        try:
            report = self._http.run(
                sync(self, config["ntp_servers"], config.get("ntp_agreeing", 2), tls)
            )
        finally:
            forget("net.clock", "net.ntp", "net.evidence", "device.agreement", "device.sntp")
        for failure in report.failures:
            say("clock", failure)


def forget(*names):
    """Unload modules of the library until they are needed again: 10 KB where they are no ROM."""
    for name in names:
        folder, _, module = ("sigv4_mp." + name).rpartition(".")
        if sys.modules.pop(folder + "." + module, None):
            delattr(sys.modules[folder], module)


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
