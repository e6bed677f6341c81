"""AWS services on a target: commands on stdin, one answer a line on stdout, all of it JSON.

The first line holds the settings: endpoint, service, region, access_key_id, secret_access_key, and
as wanted session_token, ca_file, insecure_http. Each further line is a command {"do": NAME, ...};
NAME is a method below. Bodies and records travel as hex.
"""

import gc
from binascii import hexlify, unhexlify

from _answers import serve  # the first one of ours: it sets the collector up

from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.net import http
from sigv4_mp.services.aws import Aws

if hasattr(gc, "mem_alloc"):

    def live():
        """Return the bytes that are alive."""
        gc.collect()
        return gc.mem_alloc()

else:

    def live():
        """CPython does not say."""
        return 0


def loop():
    """Return a shell that runs each operation under asyncio."""
    import asyncio

    from sigv4_mp.net.aio import Aio

    class Loop(Aio):
        def run(self, operation):
            return asyncio.run(super().run(operation))

    return Loop


class Client:
    def __init__(self, settings):
        token = settings.get("session_token")
        keys = Credentials(settings["access_key_id"], settings["secret_access_key"], token)
        signer = Signer(keys, settings["region"], settings["service"], SystemClock())
        kind = http.Http
        if settings.get("asyncio"):
            kind = loop()
        self.http = kind(timeout=60, ca_file=settings.get("ca_file"))
        self.aws = Aws(
            signer, settings["endpoint"], insecure_http=settings.get("insecure_http", False)
        )

    def call(self, command):
        parameters = command.get("parameters")
        return self.http.run(self.aws.call(command["name"], parameters))

    def request(self, command):
        body = unhexlify(command.get("body", ""))
        operation = self.aws.request(command["method"], command["path"], body, command["headers"])
        response = self.http.run(operation)
        return {"status": response.status, "body": hexlify(response.body).decode()}

    def deliver(self, command):
        """Put all records through a sink, batch after batch, as an uploader would."""
        home = "sigv4_mp.services." + command["module"]
        module = __import__(home, None, None, (command["sink"],))
        sink = getattr(module, command["sink"])(self.aws, *command["arguments"])
        done = {"batches": [], "failed": [], "live": []}
        for number in range(command["count"]):
            record = command["records"]
            # A form, or a list: a heap of 128 KB has no room for many records in hex.
            record = record % number if isinstance(record, str) else unhexlify(record[number])
            record = record.encode() if isinstance(record, str) else record
            given = (record, "id-%04d" % number, 3, command.get("time_s", 0))
            if not sink.add(*given):
                self.flush(sink, done)
                sink.add(*given)
        self.flush(sink, done)
        return done

    def flush(self, sink, done):
        done["batches"].append(sink.count)
        done["failed"].extend(self.http.run(sink.send()))
        done["live"].append(live())
        sink.clear()


serve(Client, lambda client, command: getattr(client, command["do"])(command))
