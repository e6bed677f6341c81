"""moto's S3 on loopback: a negative example, for by itself it takes any signature.

    with Moto() as server:             # or Moto(verify=True)
        server.http_url, server.access_key_id, ...

    python tools/servers/moto.py       # the same, until Ctrl-C; the facts as one JSON line

With verify=True it has an IAM user, and checks the Authorization header of each request by
botocore's own signer. What it does not check even then: the time, the region, presigned URLs and
POST forms; docs/compatibility.md has the whole list.
"""

import argparse
import http.client
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlencode

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[2]))

from tools.servers import _process, _venv

_STATEMENT = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_ALL = json.dumps({"Version": "2012-10-17", "Statement": [_STATEMENT]})


class Moto(_process.Server):
    """A running moto. Attributes once started:

    http_url                                     as swift.Swift has it; it has no https_url
    access_key_id, secret_access_key, region     verify=True: an IAM user's, which may do all;
                                                 else anything goes

    verify: bool, check signatures as far as moto does.
    """

    name = "moto"
    attempts = 3  # free ports are only looked up, see _process.free_port
    region = "us-east-1"
    ca_file = None
    # AWS's documented example keys.
    access_key_id = "AKIAIOSFODNN7EXAMPLE"
    secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    def __init__(self, workdir=None, verify=False):
        super().__init__(workdir)
        self._verify = verify

    def prepare(self):
        self._port = _process.free_port()
        command = [_venv.python("moto"), "-I", "-u", "-m", "moto.server", "-H", "127.0.0.1"]
        return command + ["-p", str(self._port)]

    def _http(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ready(self):
        return self._http("GET", "/moto-api/data.json")[0] == 200

    def _iam(self, action, **parameters):
        """Call an action of IAM, which is done without a signature until auth is switched on."""
        credential = "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/iam/aws4_request"
        authorization = "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host, Signature=0"
        form = urlencode(dict(parameters, Action=action, Version="2010-05-08"))
        headers = {"Authorization": authorization % credential, "Host": "iam.amazonaws.com"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._done("POST", "/", form, headers)

    def _done(self, *request):
        status, text = self._http(*request)
        if status != 200:
            raise _process.ServerFailed("%s %s: %d %s" % (*request[:2], status, text))
        return text

    def provision(self):
        if not self._verify:
            return
        self._iam("CreateUser", UserName="device")
        self._iam("PutUserPolicy", UserName="device", PolicyName="all", PolicyDocument=_ALL)
        key = self._iam("CreateAccessKey", UserName="device")
        names = ("AccessKeyId", "SecretAccessKey")
        found = [re.search("<%s>([^<]*)</%s>" % (name, name), key).group(1) for name in names]
        self.access_key_id, self.secret_access_key = found
        # How many requests it still does unasked: from now on, none.
        self._done("POST", "/moto-api/reset-auth", "0")

    @property
    def http_url(self):
        return "http://localhost:%d" % self._port

    def facts(self):
        names = "http_url access_key_id secret_access_key region log_path started_in"
        return {name: getattr(self, name) for name in names.split()}


def main():
    parser = argparse.ArgumentParser(description="Run moto's S3 on loopback.")
    parser.add_argument("--verify", action="store_true", help="check signatures")
    return _process.serve(Moto(verify=parser.parse_args().verify))


if __name__ == "__main__":
    sys.exit(main())
