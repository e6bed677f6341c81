"""OpenStack Swift with its S3 API on loopback: the strictest verifier of signatures we can run.

    with Swift() as server:            # or Swift(region="eu-west-1", tls_key="rsa")
        server.http_url, server.https_url, server.ca_file, server.access_key_id, ...

    python tools/servers/swift.py      # the same, until Ctrl-C; the facts as one JSON line

It checks the scope's date, region and service, the skew (15 minutes), the body's SHA-256, chunk
signatures and trailers, and its error XML shows the canonical request it expected. One process, one
process group, free ports, data in a directory of its own; see _swift_app.py for what runs inside.
"""

import argparse
import http.client
import json
import os
import secrets
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[2]))

from tools.servers import _process, _venv

_HERE = Path(__file__).resolve().parent


class Swift(_process.Server):
    """A running Swift. Attributes once started:

    http_url, https_url   str, no trailing slash, host "localhost"; path-style addressing
    storage_domain        str; Host "<bucket>.<storage_domain>:<port>" addresses a bucket by name
    ca_file, tls_dir      what verifies https_url; every certificate that ca.py makes
    access_key_id         str, "account:user" (Swift's tempauth knows no other form)
    secret_access_key     str, new at each start;    region  str

    region, skew_s, min_segment_size: s3api's settings.    tls_key: "ec" (P-256) or "rsa" (2048).
    """

    name = "swift"
    access_key_id = "test:tester"
    storage_domain = "s3.localhost"

    def __init__(
        self, workdir=None, region="us-east-1", tls_key="ec", skew_s=900, min_segment_size=5 << 20
    ):
        super().__init__(workdir)
        self.region = region
        self.secret_access_key = secrets.token_urlsafe(30)
        self._settings = {"skew_s": skew_s, "min_segment_size": min_segment_size}
        self._tls_key = tls_key
        self._ports = None

    def prepare(self):
        python = _venv.python("swift")
        self.tls_dir = os.fspath(self.home / "tls")
        _process.certificates(python, self.tls_dir, self._tls_key)
        self.ca_file = os.path.join(self.tls_dir, "ca.pem")
        account, user = self.access_key_id.split(":")
        settings = dict(
            self._settings,
            account=account,
            user=user,
            secret=self.secret_access_key,
            region=self.region,
            storage_domain=self.storage_domain,
            cert_file=os.path.join(self.tls_dir, "server.pem"),
            key_file=os.path.join(self.tls_dir, "server-key.pem"),
        )
        (self.home / "settings.json").write_text(json.dumps(settings))
        return [python, "-I", "-u", _HERE / "_swift_app.py", self.home]

    def ready(self):
        ports = self.home / "ports.json"
        if not ports.exists():
            return False
        self._ports = json.loads(ports.read_text())
        connection = http.client.HTTPConnection("127.0.0.1", self._ports["http"], timeout=10)
        try:
            connection.request("GET", "/healthcheck")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    @property
    def http_url(self):
        return "http://localhost:%d" % self._ports["http"]

    @property
    def https_url(self):
        return "https://localhost:%d" % self._ports["https"]

    def facts(self):
        names = "http_url https_url ca_file access_key_id secret_access_key region log_path"
        names += " storage_domain tls_dir started_in"
        return {name: getattr(self, name) for name in names.split()}


def main():
    parser = argparse.ArgumentParser(description="Run OpenStack Swift's S3 API on loopback.")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--tls-key", choices=("ec", "rsa"), default="ec")
    given = parser.parse_args()
    return _process.serve(Swift(region=given.region, tls_key=given.tls_key))


if __name__ == "__main__":
    sys.exit(main())
