"""Providers, real ones, on a target: commands on stdin, an answer a line on stdout, all of it JSON.

The first line holds the settings: provider (a name below) and what it needs, ca_file, endpoint and
bucket of S3. Then {"do": NAME, ...}: a method of Client. "shell": "aio" runs all under asyncio.
shift: seconds that the clock is off, to move in time; a command's "shift" changes it.
pause: seconds between a refusal and the next fetch, where a test has no need of the real ones.
"""

import gc
import sys

from _answers import serve  # the first one of ours: it sets the collector up

from sigv4_mp.device.clock import SystemClock
from sigv4_mp.net.temporary import TemporaryCredentials


class Client:
    def __init__(self, settings):
        self.settings = settings
        self.clock = SystemClock(settings.get("shift", 0))
        name = settings["provider"]
        home = "cred_iot" if name == "iot" else "cred_sts"
        provider = getattr(__import__(home), name)(settings, self.clock)
        sys.modules.pop(home)  # its bytecode has no more use, and this heap is small
        self.credentials = TemporaryCredentials(provider, self.clock)
        if "pause" in settings:
            sys.modules["sigv4_mp.net.temporary"].PAUSE = settings["pause"]
        self._s3 = None
        if settings.get("shell") == "aio":
            self.shell = None
        else:
            from sigv4_mp.net.http import Http

            self.shell = Http(settings.get("timeout", 60), ca_file=settings["ca_file"])

    def run(self, operation):
        if self.shell:
            return self.shell.run(operation)
        return __import__("cred_aio").run(operation, self.settings)

    def s3(self):
        if not self._s3:
            from sigv4_mp.services.s3 import S3
            from sigv4_mp.signer import Signer

            settings = self.settings
            signer = Signer(self.credentials, "us-east-1", "s3", self.clock)
            self._s3 = S3(
                signer,
                settings["s3"],
                settings["bucket"],
                profile="minio",
                receive_size=1024,
                send_size=512,
            )
        return self._s3

    def ensure(self, command):
        self.run(self.credentials.ensure())
        return self.state()

    def state(self):
        found = self.credentials
        key = found.access_key_id.decode()
        left = found.expires_at - self.clock.seconds()
        gc.collect()
        heap = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
        return {
            "key": key,
            "source": found.source,
            "left": left,
            "token": bool(found.session_token),
            "heap": heap,
        }

    def put(self, command):
        self.clock.offset = command.get("shift", self.clock.offset)
        response = self.run(self.s3().put_object(command["key"], command["body"].encode()))
        return {"etag": response.etag, "key": self.credentials.access_key_id.decode()}

    def get(self, command):
        return {"body": self.run(self.s3().get_object(command["key"])).body.decode()}


def work(client, command):
    if hasattr(client, command["do"]):
        return getattr(client, command["do"])(command)
    module = __import__("cred_" + command["do"])
    return getattr(module, command["do"])(client, command)


serve(Client, work)
