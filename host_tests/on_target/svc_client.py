"""The S3 services on a target: commands on stdin, an answer a line on stdout, all of it JSON.

The first line holds the settings, as for e2e_client.py, a profile, and "shell": "aio" to run all of
it under asyncio. Each further line is {"do": NAME, ...}: a function of svc_put, svc_upload or the
like, which are loaded as they are asked for: a heap of 128 KB has no room for a test that holds
more than it tests.
"""

from _answers import serve  # the first one of ours: it sets the collector up

from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.net.http import Http

HOME = {"put": "put", "garbage": "garbage", "frame": "frame", "upload": "upload", "abort": "upload"}


class Client:
    def __init__(self, settings):
        token = settings.get("session_token")
        keys = Credentials(settings["access_key_id"], settings["secret_access_key"], token)
        signer = Signer(keys, settings["region"], "s3", SystemClock())
        shell = Http
        if settings.get("shell") == "aio":
            from svc_aio import InCompany as shell
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


def work(client, command):
    module = __import__("svc_" + HOME.get(command["do"], "objects"))
    return getattr(module, command["do"])(client, command)


serve(Client, work)
