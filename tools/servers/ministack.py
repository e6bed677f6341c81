"""MiniStack on loopback with AUTH=true: STS, DynamoDB, IoT and more, each verifying signatures.

    with Ministack() as server:
        server.http_url, server.https_url, server.ca_file, server.access_key_id, server.session, ...

    python tools/servers/ministack.py      # the same, until Ctrl-C; the facts as one JSON line

MiniStack never verifies its root key, so this makes an IAM user and hands out that user's key; what
a test signs with anything else proves nothing. What it does not check, as of 1.5.33: the region of
the scope, but for S3; trailer signatures; x-amz-* headers that were added after signing; a body
against x-amz-content-sha256 (it hashes a body only where that header is absent); X-Amz-Expires of a
presigned request to another service than S3 (it allows 5 or 15 minutes of skew). It opens MQTT over
WebSocket to a URL without any signature, though not to one with a wrong one.
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

# Hypercorn's minute for a handshake is too short for an emulated board on a busy machine.
_HANDSHAKE_S = 900
_ANYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _tag(xml, name):
    return re.search("<%s>([^<]*)</%s>" % (name, name), xml).group(1)


class Ministack(_process.Server):
    """A running MiniStack. Attributes once started:

    http_url, https_url, ca_file, tls_dir    as swift.Swift has them;    region    str
    access_key_id, secret_access_key         an IAM user's, which may do everything
    session                                  {"access_key_id", "secret_access_key", "session_token"}
                                             of an assumed role, which may do everything too
    other_region                             another region: S3 has an endpoint in each of the two,
                                             s3.REGION.localhost (connect to loopback)
    role_arn                                 that role's, which anybody may assume
    iot_host                                 name of the IoT device gateway: connect to loopback,
                                             send it (with the port) as Host; ca_file covers it
    """

    name = "ministack"
    attempts = 3  # free ports are only looked up, see _process.free_port
    user = "device"
    other_region = "eu-west-1"

    def __init__(self, workdir=None, region="us-east-1", tls_key="ec"):
        super().__init__(workdir)
        self.region, self._tls_key = region, tls_key
        self.iot_host = "a1b2c3-ats.iot.%s.localhost" % region
        self.access_key_id = self.secret_access_key = self.session = self.role_arn = None

    def prepare(self):
        python = _venv.python("ministack")
        self.tls_dir = os.fspath(self.home / "tls")
        self.ca_file = os.path.join(self.tls_dir, "ca.pem")
        names = ["*.iot.%s.localhost" % self.region]
        names += ["s3.%s.localhost" % region for region in (self.region, self.other_region)]
        _process.certificates(python, self.tls_dir, self._tls_key, names)
        self._ports = _process.free_port(), _process.free_port()
        plain, tls = ("127.0.0.1:%d" % port for port in self._ports)
        # Hypercorn's own command line, as MiniStack's container uses it: MiniStack's `main` would
        # listen on port 443 as well. --workers 0 keeps it in one process.
        command = [python, "-I", "-u", "-m", "hypercorn", "ministack.app:app", "--workers", "0"]
        command += ["--insecure-bind", plain, "--bind", tls, "--access-logfile", "-"]
        settings = self.home / "hypercorn.toml"
        settings.write_text("ssl_handshake_timeout = %d\n" % _HANDSHAKE_S)
        command += ["--config", os.fspath(settings)]
        command += ["--certfile", os.path.join(self.tls_dir, "server.pem")]
        return command + ["--keyfile", os.path.join(self.tls_dir, "server-key.pem")]

    def environment(self):
        nowhere = os.fspath(self.home / "no-docker.sock")  # never touch containers of this machine
        return dict(
            super().environment(),
            AUTH="true",
            BIND_HOST="127.0.0.1",
            DOCKER_HOST="unix://" + nowhere,
            GATEWAY_PORT=str(self._ports[0]),
            IOT_MTLS_ENABLED="0",
            LOG_LEVEL="INFO",
            MINISTACK_HOST="localhost",
            MINISTACK_REGION=self.region,
            S3_DATA_DIR=os.fspath(self.home / "s3"),
            SFTP_ENABLED="0",
            STATE_DIR=os.fspath(self.home / "state"),
        )

    def _http(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._ports[0], timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ready(self):
        return self._http("GET", "/_ministack/ready")[0] == 200

    def as_root(self, service, action, **parameters):
        """Call a query-protocol action as root, whose signature MiniStack does not look at."""
        scope = "test/20260101/%s/%s/aws4_request" % (self.region, service)
        authorization = "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host, Signature=0" % scope
        version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
        form = urlencode(dict(parameters, Action=action, Version=version))
        kind = "application/x-www-form-urlencoded"
        headers = {"Authorization": authorization, "Content-Type": kind}
        status, text = self._http("POST", "/", form, headers)
        if status != 200:
            raise _process.ServerFailed("%s: %d %s" % (action, status, text))
        return text

    def provision(self):
        policy = {"PolicyName": "all", "PolicyDocument": json.dumps(_ALL)}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [_ANYONE]})
        self.as_root("iam", "CreateUser", UserName=self.user)
        self.as_root("iam", "PutUserPolicy", UserName=self.user, **policy)
        key = self.as_root("iam", "CreateAccessKey", UserName=self.user)
        self.access_key_id = _tag(key, "AccessKeyId")
        self.secret_access_key = _tag(key, "SecretAccessKey")
        role = self.as_root("iam", "CreateRole", RoleName="fleet", AssumeRolePolicyDocument=trust)
        self.as_root("iam", "PutRolePolicy", RoleName="fleet", **policy)
        self.role_arn = _tag(role, "Arn")
        name = {"RoleArn": self.role_arn, "RoleSessionName": self.user}
        assumed = self.as_root("sts", "AssumeRole", **name)
        self.session = {
            "access_key_id": _tag(assumed, "AccessKeyId"),
            "secret_access_key": _tag(assumed, "SecretAccessKey"),
            "session_token": _tag(assumed, "SessionToken"),
        }

    @property
    def http_url(self):
        return "http://localhost:%d" % self._ports[0]

    @property
    def https_url(self):
        return "https://localhost:%d" % self._ports[1]

    def facts(self):
        names = "http_url https_url ca_file access_key_id secret_access_key region log_path"
        names += " session iot_host other_region tls_dir started_in"
        return {name: getattr(self, name) for name in names.split()}


def main():
    parser = argparse.ArgumentParser(description="Run MiniStack on loopback, verifying signatures.")
    parser.add_argument("--region", default="us-east-1")
    return _process.serve(Ministack(region=parser.parse_args().region))


if __name__ == "__main__":
    sys.exit(main())
