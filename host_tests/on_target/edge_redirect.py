"""S3 on a target, with a profile of one's own: what it does about a redirect to another region.

One line of settings on stdin, then commands {"do": "put"|"get"|"head", "key", "body"}; one answer a
line: status, or the error; and where the client stands then. Every name is found at 127.0.0.1.
"""

import gc
import io
import json
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)

from sigv4_mp import S3, Credentials, FixedClock, Signer
from sigv4_mp.errors import SigV4Error
from sigv4_mp.net import shell
from sigv4_mp.net.endpoint import Profile
from sigv4_mp.net.http import Http


class Resolver:
    """Stands in for `socket` in the shell: a machine has no DNS entry for s3.eu-west-1.aws.test."""

    def __init__(self, real):
        self._real = real
        self.SOCK_STREAM = real.SOCK_STREAM

    def getaddrinfo(self, _, port, *rest):
        return self._real.getaddrinfo("127.0.0.1", port, *rest)


class OnePass:
    """A body that can't go back."""

    def __init__(self, data):
        self.readinto = io.BytesIO(data).readinto


def operation(s3, command):
    body = bytes.fromhex(command.get("body", ""))
    if command["do"] == "put":
        return s3.put_object(command["key"], body)
    if command["do"] == "put_once":
        size = len(body)
        return s3.put_object(command["key"], OnePass(body), mode="unsigned", content_length=size)
    return getattr(s3, command["do"] + "_object")(command["key"])


def main():
    shell.socket = Resolver(shell.socket)
    facts = json.loads(sys.stdin.readline())
    keys = Credentials(
        facts["access_key_id"], facts["secret_access_key"], facts.get("session_token")
    )
    signer = Signer(keys, facts["region"], "s3", FixedClock(facts["amz_date"]))
    profile = facts["profile"]
    if isinstance(profile, dict):
        profile = Profile("test", **profile)
    insecure = facts["endpoint"].startswith("http:")
    s3 = S3(
        signer,
        facts["endpoint"],
        facts["bucket"],
        insecure_http=insecure,
        profile=profile,
        receive_size=1024,
        send_size=512,
    )
    http = Http(timeout=60, ca_file=facts["ca_file"])
    line = sys.stdin.readline()
    while line:
        try:
            out = {"status": http.run(operation(s3, json.loads(line))).status}
        except SigV4Error as error:
            out = {"error": type(error).__name__, "status": getattr(error, "status", None)}
            out.update(code=getattr(error, "code", None), text=str(error))
        out.update(endpoint=s3.endpoint, region=s3.signer.region.decode())
        out["given"] = signer.region.decode()
        print(json.dumps(out))
        line = sys.stdin.readline()


main()
