"""A gateway: devices on the LAN sign for this board, and this board signs for S3.

Runs on a board (network up; this file, gateway.py, relay.py, common/device.py and sigv4_mp on its
flash), on MicroPython for unix, and on CPython:

    micropython -X heapsize=192k main.py config.json

A device sends PUT /bucket/key (or GET), signed with a key that is good for this gateway only. The
request is verified; what `devices` allows goes on to S3, signed anew with the gateway's own
credentials. README.md has the rules. `requests`: end after so many; 0: never.
"""

import asyncio

import device
from gateway import Gateway

from sigv4_mp import Credentials, Signer
from sigv4_mp.errors import RequestError
from sigv4_mp.net.aio import Aio
from sigv4_mp.net.http import Http
from sigv4_mp.services.s3 import S3

OPTIONAL = ("bucket", "addressing", "profile", "listen", "port", "hosts", "connections")
OPTIONAL += ("buffer", "max_body", "head_s", "replays", "requests")


class Device:
    """What one device may do. credentials: its key. allow: str, with what its objects' keys begin.

    methods: list of str, "PUT" or "GET".
    """

    def __init__(self, access_key_id, settings):
        """settings: dict of the configuration. Raises: SigV4Error naming what is wrong with it."""
        for name in settings:
            if name not in ("secret_access_key", "allow", "methods"):
                raise RequestError("devices", "%s: %s is no setting" % (access_key_id, name))
        self.allow = settings.get("allow", "")
        if not self.allow.endswith("/"):  # "pump-1" would let pump-1 write to pump-10
            raise RequestError("devices", access_key_id + ": allow must end with /")
        self.methods = settings.get("methods", ["PUT"])
        self.credentials = Credentials(access_key_id, settings.get("secret_access_key", ""))


def upstream(config, clock):
    """Return the S3 client, which has the gateway's own credentials: no device ever sees them."""
    signer = Signer(device.credentials(config, clock), config["region"], "s3", clock)
    return S3(
        signer,
        config["endpoint"],
        config["bucket"],
        addressing=config.get("addressing", "auto"),
        insecure_http=config.get("insecure_http", False),
        profile=config.get("profile"),
        receive_size=1024,
        send_size=1024,
    )


async def serve(config, clock, gateway, heap):
    """Listen until as many requests as configured have been answered."""
    listen, port = config.get("listen", "0.0.0.0"), config.get("port", 8080)
    server = await asyncio.start_server(gateway.serve, listen, port, backlog=8)
    device.say("listening", "%s:%d" % (listen, port))
    enough = config.get("requests", 0)
    while not enough or gateway.answered < enough:
        await asyncio.sleep(0.05)
        heap.look()
        clock.sync()  # every 6 hours; devices wait meanwhile, a second or so
    server.close()
    await server.wait_closed()


def main(path="config.json"):
    """Verify and sign; return the exit status."""
    config = device.load(path, ("endpoint", "bucket", "devices"), OPTIONAL)
    devices = {}
    for access_key_id, settings in config["devices"].items():
        devices[access_key_id] = Device(access_key_id, settings)
    with Http(ca_file=config.get("ca_file"), timeout=10) as http:
        clock = device.Clock(config, http)
        clock.sync()
    heap = device.Heap()
    shell = Aio(ca_file=config.get("ca_file"), timeout=10)
    gateway = Gateway(config, devices, clock, upstream(config, clock), shell)
    asyncio.run(serve(config, clock, gateway, heap))
    shell.close()
    gateway.report()
    heap.report()
    return 0


if __name__ == "__main__":
    device.start(main)
