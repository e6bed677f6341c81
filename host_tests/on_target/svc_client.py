"""The S3 services on a target: commands on stdin, an answer a line on stdout, all of it JSON.

The first line holds the settings, as for e2e_client.py, a profile, and "shell": "aio" to run all of
it under asyncio. Each further line is {"do": NAME, ...}: a function of svc_put, svc_upload or the
like, which are loaded as they are asked for: a heap of 128 KB has no room for a test that holds
more than it tests.
"""

import gc
import json
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)

from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.errors import SigV4Error
from sigv4_mp.net.http import Http

HOME = {"put": "put", "garbage": "garbage", "frame": "frame", "upload": "upload", "abort": "upload"}


class InCompany:
    """Runs operations with the asyncio shell, as Http does with the blocking one."""

    def __init__(self, **options):
        self._options = options

    def run(self, operation):
        import asyncio

        from sigv4_mp.net import aio

        return asyncio.run(aio.run(operation, **self._options))


class Client:
    def __init__(self, settings):
        token = settings.get("session_token")
        keys = Credentials(settings["access_key_id"], settings["secret_access_key"], token)
        signer = Signer(keys, settings["region"], "s3", SystemClock())
        shell = InCompany if settings.get("shell") == "aio" else Http
        self.http = shell(timeout=60, ca_file=settings.get("ca_file"))
        profile = settings["profile"]
        if isinstance(profile, dict):
            from sigv4_mp.net.endpoint import profile_of

            profile = profile_of("https://unknown").but(**profile)
        self.s3 = S3(
            signer,
            settings["endpoint"],
            settings["bucket"],
            insecure_http=settings.get("insecure_http", False),
            profile=profile,
            receive_size=1024,
            send_size=settings.get("send_size", 512),
        )


def answer(client, line):
    command = json.loads(line)
    try:
        module = __import__("svc_" + HOME.get(command["do"], "objects"))
        return getattr(module, command["do"])(client, command)
    except (SigV4Error, OSError) as error:
        return {
            "error": type(error).__name__,
            "field": getattr(error, "field", None),
            "status": getattr(error, "status", None),
            "code": getattr(error, "code", None),
            "text": str(error),
        }


def main():
    client = Client(json.loads(sys.stdin.readline()))
    line = sys.stdin.readline()
    while line:
        gc.collect()
        print(json.dumps(answer(client, line)))
        line = sys.stdin.readline()


main()
