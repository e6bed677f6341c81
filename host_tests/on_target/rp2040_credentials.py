"""On the emulated RP2040: a device certificate becomes credentials, they become an upload.

settings.json, cert.der, key.der and ca.der lie beside it: test_e2e_credentials_rp2040.py. It first
keeps certificate and key in its own flash, as tools/provision.py would have it do.
"""

import gc
import json

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # before anything is loaded: mbedTLS wants 17 KB in one piece

import _network
import machine
from _check import done, equal, true

import sigv4_mp
from sigv4_mp.device.clock import SystemClock
from sigv4_mp.device.secret_store import open_store
from sigv4_mp.net.http import Http
from sigv4_mp.net.identity import ClientIdentity
from sigv4_mp.net.iot import IotProvider
from sigv4_mp.net.temporary import TemporaryCredentials
from sigv4_mp.services.s3 import S3
from sigv4_mp.signer import Signer

BODY = b"reading 20.5"


class Watching(Http):
    """A shell that notes the highest live heap, mbedTLS's part of it included."""

    peak = 0

    def _perform(self, step):
        result = super()._perform(step)
        gc.collect()
        self.peak = max(self.peak, gc.mem_alloc())
        return result

    def rise(self, operation):
        """Run an operation; return (its result, bytes by which the heap rose meanwhile)."""
        gc.collect()
        before = self.peak = gc.mem_alloc()
        result = self.run(operation)
        return result, self.peak - before


def binary(name):
    with open(name, "rb") as file:
        return file.read()


with open("settings.json") as file:
    settings = json.load(file)
machine.RTC().datetime(settings["time"])  # certificates have dates
_network.test_host()
clock = SystemClock()
store = open_store()
store.set("cert", binary("cert.der"))
store.set("key", binary("key.der"))
identity = ClientIdentity(store.reader("cert"), store.reader("key"))
provider = IotProvider(settings["iot"], settings["alias"], identity, settings["thing"])
credentials = TemporaryCredentials(provider, clock)
signer = Signer(credentials, settings["region"], "s3", clock)
sizes = {"receive_size": 1024, "send_size": 512}
s3 = S3(signer, settings["s3"], settings["bucket"], profile="minio", **sizes)
# Generous: in its second the servers beside it get three to eight of theirs.
shell = Watching(timeout=300, ca_data=binary("ca.der"))

true("the library is frozen", sigv4_mp.__file__[:1] != "/", sigv4_mp.__file__)
_, fetched = shell.rise(credentials.ensure())
equal("the source", credentials.source, "iot")
true("a session token", len(credentials.session_token) > 20)
_, put = shell.rise(s3.put_object("emulated/a", BODY))
equal("it comes back", shell.run(s3.get_object("emulated/a")).body, BODY)
shell.close()
print("heap", json.dumps({"fetched": fetched, "put": put}))
done()
