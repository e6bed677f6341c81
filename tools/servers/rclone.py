"""rclone's `serve s3` on loopback: signatures checked in Go, by people who know neither of us.

    with Rclone(tls=True) as server:
        server.https_url, server.ca_file, server.access_key_id, ...

    python tools/servers/rclone.py     # the same, until Ctrl-C; the facts as one JSON line

It speaks either HTTP or HTTPS. What it does not check: the body against x-amz-content-sha256, chunk
signatures, checksums, conditions (If-Match), the region and the date of the scope; all of it is in
docs/compatibility.md.
"""

import argparse
import http.client
import os
import secrets
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[2]))

from tools.servers import _process, _venv


class Rclone(_process.Server):
    """A running `rclone serve s3`, HTTPS or plain. Attributes once started:

    http_url or https_url    as swift.Swift has them;    ca_file, tls_dir
    access_key_id, secret_access_key, region     region: any, it is not looked at
    data                     Path; a folder in it is a bucket, a file in that an object
    """

    name = "rclone"
    attempts = 3  # free ports are only looked up, see _process.free_port
    region = "us-east-1"

    def __init__(self, workdir=None, tls=False):
        super().__init__(workdir)
        self.access_key_id = "AKIA" + secrets.token_hex(8).upper()
        self.secret_access_key = secrets.token_urlsafe(30)
        self._tls = tls

    def prepare(self):
        python = _venv.python("rclone")
        self.tls_dir = os.fspath(self.home / "tls")
        self.ca_file = os.path.join(self.tls_dir, "ca.pem")
        _process.certificates(python, self.tls_dir)
        self.data = self.home / "data"
        self.data.mkdir()
        self._port = _process.free_port()
        command = [Path(python).parent / "rclone", "serve", "s3", self.data, "--config", ""]
        command += ["--addr", "127.0.0.1:%d" % self._port, "-v"]
        command += ["--auth-key", "%s,%s" % (self.access_key_id, self.secret_access_key)]
        command += ["--cache-dir", self.home / "cache"]
        if self._tls:
            command += ["--cert", os.path.join(self.tls_dir, "server.pem")]
            command += ["--key", os.path.join(self.tls_dir, "server-key.pem")]
        return command

    def ready(self):
        if self._tls:  # it listens once its certificates are read
            http.client.HTTPConnection("127.0.0.1", self._port, timeout=10).connect()
            return True
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status in (200, 400, 403)
        finally:
            connection.close()

    @property
    def http_url(self):
        return "http://localhost:%d" % self._port

    @property
    def https_url(self):
        return "https://localhost:%d" % self._port

    def facts(self):
        names = "http_url https_url ca_file access_key_id secret_access_key region log_path"
        names += " tls_dir started_in"
        return {name: getattr(self, name) for name in names.split()}


def main():
    parser = argparse.ArgumentParser(description="Run rclone's S3 server on loopback.")
    parser.add_argument("--tls", action="store_true", help="speak HTTPS instead of HTTP")
    return _process.serve(Rclone(tls=parser.parse_args().tls))


if __name__ == "__main__":
    sys.exit(main())
