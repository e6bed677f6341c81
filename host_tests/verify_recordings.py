"""What clients that we did not write really send, recorded on loopback: a Recording a request.

    of("boto3")     list of Recording; each client is run once a process

The bytes are those of the wire: botocore and urllib3, awscrt and its own HTTP client, minio-py,
curl with --aws-sigv4, rclone (Go). Their dates are those of the moment.
"""

import functools
import hashlib
import io
import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

import recorder
from recorder import Recorder, answer
from tools.servers import _apt, _process, _venv

# AWS's documented example keys.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = (
    "AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT+FvwqnKwRcOIfrRh3c/LTo6UDdyJwOOvEVPvLXCrrrUtd"
)
REGION = "us-east-1"
BODY = b"a body of some bytes, 0123456789"
ODD_KEYS = ("a b", "ü/ß", "p+q=r&s", "50%", "x%2Fy", "a//b", "~-_.!*'()", "q?x#y")

_LIST = b"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
_HEAD = b'HTTP/1.1 200 OK\r\nETag: "x"\r\nLast-Modified: Mon, 23 Nov 2026 01:00:00 GMT\r\n'


class Recording(NamedTuple):
    """One request. client, name: str. data: bytes, head and body as they came.

    body: bytes, what the client was to send, without any framing. token: str, or None.
    """

    client: str
    name: str
    data: bytes
    body: bytes
    token: str = None
    service: str = "s3"

    def __str__(self):
        return "%s-%s" % (self.client, self.name)

    @property
    def parts(self):
        """(head, body): bytes, the body without HTTP's own chunks."""
        head, _, body = self.data.partition(b"\r\n\r\n")
        if b"transfer-encoding: chunked" in head.lower():
            body = _joined(body)
        return head + b"\r\n\r\n", body


def _joined(body):
    """Return a body without HTTP's chunks."""
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if not int(size, 16):
            return whole
        whole += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]


class Server(Recorder):
    """Takes everything; asked to, it says "100 Continue", for which botocore waits a second."""

    def __init__(self, tls=None):
        super().__init__(_reply, tls)

    def _talk(self, connection):
        data = b""
        while b"\r\n\r\n" not in data or not recorder._is_whole(data):
            more = connection.recv(65536)
            if not more:
                return
            began, data = b"\r\n\r\n" in data, data + more
            if not began and b"\r\n\r\n" in data and b"100-continue" in data.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.requests.append(data)
        told = _reply(data)
        if data.startswith(b"HEAD "):
            told = told.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        connection.sendall(told)


def _reply(data):
    method, target = data.split(b" ")[:2]
    if method == b"GET" and (b"prefix=" in target or b"list-type" in target):
        return answer(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n", _LIST)
    return answer(_HEAD, b"ok" if method == b"GET" else b"")


def _boto(url, **more):
    style = {"addressing_style": "path"}
    token = more.pop("token", None)
    once = {"total_max_attempts": 1}
    config = Config(s3=style, retries=once, proxies={}, signature_version="s3v4")
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=config,
        **more,
    )


class _Stream(io.RawIOBase):
    """A body of unknown hash: botocore then sends a checksum behind it."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def read(self, size=-1):
        return self._data.read(size)

    def seek(self, *where):
        return self._data.seek(*where)

    def tell(self):
        return self._data.tell()

    def seekable(self):
        return True


class _Noted:
    """Names what a server has just recorded."""

    def __init__(self, client, server):
        self._client, self._server, self._seen = client, server, 0
        self.found = []

    def add(self, name, body=b"", token=None, service="s3"):
        fresh = self._server.requests[self._seen :]
        assert fresh, "%s sent nothing for %s" % (self._client, name)
        self._seen = len(self._server.requests)
        self.found.append(Recording(self._client, name, fresh[-1], body, token, service))


def _boto3(folder):
    with Server() as server:
        s3, notes = _boto(server.url()), _Noted("boto3", server)
        s3.put_object(Bucket="b", Key="k", Body=BODY, Metadata={"city": "a  b"}, ContentType="a/b")
        notes.add("put", BODY)
        for key in ODD_KEYS:
            s3.put_object(Bucket="b", Key=key, Body=BODY)
            notes.add("key " + key, BODY)
        s3.put_object(Bucket="b", Key="empty", Body=b"")
        notes.add("empty")
        s3.get_object(Bucket="b", Key="a/b c", Range="bytes=0-3")
        notes.add("get")
        s3.list_objects_v2(Bucket="b", Prefix="a b/ü+&=%", Delimiter="/", MaxKeys=7)
        notes.add("list")
        s3.delete_objects(Bucket="b", Delete={"Objects": [{"Key": "x"}]})
        body = notes._server.requests[-1].partition(b"\r\n\r\n")[2]
        notes.add("valueless", body)
        _boto(server.url(), token=TOKEN).put_object(Bucket="b", Key="k", Body=BODY)
        notes.add("token", BODY, TOKEN)
        url = s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "a b+ü"}, 600)
        _curl_raw(url)
        notes.add("presigned")
        s3 = _boto(server.url(), token=TOKEN)
        _curl_raw(s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"}, 600))
        notes.add("presigned token", b"", TOKEN)
    return notes.found + _boto3_tls(folder)


def _boto3_tls(folder):
    """Over TLS botocore leaves the body to it: no hash, but a checksum, behind a stream."""
    with Server(_certificate(folder)) as server:
        s3, notes = (
            _boto(server.url("localhost"), verify=str(folder / "ca.pem")),
            _Noted("boto3", server),
        )
        s3.put_object(Bucket="b", Key="k", Body=BODY)
        notes.add("put tls", BODY)
        s3.put_object(Bucket="b", Key="stream", Body=_Stream(BODY))
        notes.add("trailer tls", BODY)
    return notes.found


def _certificate(folder):
    """Return (certificate, key) of localhost, made once a folder."""
    if not (folder / "server.pem").exists():
        _process.certificates(_venv.python("rclone"), os.fspath(folder))
    return folder / "server.pem", folder / "server-key.pem"


def _curl_raw(*arguments, stdin=b""):
    _apt_curl()
    words = ["curl", "-sS", "--path-as-is", "--noproxy", "*", "--max-time", "60", *arguments]
    subprocess.run(words, input=stdin, check=True, capture_output=True)


@functools.lru_cache(None)
def _apt_curl():
    import shutil

    if not shutil.which("curl"):
        _apt.install("curl")


def _curl(folder):
    """curl 7.88 sends no x-amz-content-sha256 of its own: S3 demands it, so its users give it."""
    body = folder / "body"
    body.write_bytes(BODY)
    with Server() as server:
        notes = _Noted("curl", server)

        def run(name, target, *arguments, body=b"", service="s3"):
            sign = ["--aws-sigv4", "aws:amz:%s:%s" % (REGION, service)]
            sign += ["--user", ACCESS_KEY_ID + ":" + SECRET]
            if service == "s3":
                sign += ["-H", "x-amz-content-sha256: " + hashlib.sha256(body).hexdigest()]
            _curl_raw(*sign, *arguments, server.url() + target)
            notes.add(name, body, service=service)

        put = ["-X", "PUT", "--data-binary", "@%s" % body, "-H", "Content-Type: a/b"]
        run("put", "/b/k", "-T", str(body), body=BODY)
        run("key", "/b/a%20b//c%2B%25", *put, body=BODY)
        run("get", "/b/k")
        run("list", "/b/?delimiter=%2F&list-type=2&prefix=a")
        run("api", "/prod/x?a=1&b=2", *put[2:], body=BODY, service="execute-api")
        run("api get", "/prod/x", service="execute-api")
    return notes.found


def _rclone(folder):
    """It signs no body at all, not even over plain HTTP: UNSIGNED-PAYLOAD, and a Content-MD5."""
    program = Path(_venv.python("rclone")).parent / "rclone"
    base = [program, "--config", "", "--retries", "1", "--low-level-retries", "1"]
    with Server() as server:
        notes = _Noted("rclone", server)
        place = (
            ":s3,provider=Other,region=%s,access_key_id=%s,secret_access_key='%s',endpoint='%s',"
        )
        place %= (REGION, ACCESS_KEY_ID, SECRET, server.url())
        place += "force_path_style=true,no_check_bucket=true,no_head=true:b/"

        def run(*words, stdin=b""):
            done = subprocess.run(
                [*base, *words], input=stdin, check=True, capture_output=True, timeout=60
            )
            return done.stdout.decode().strip()

        run("rcat", place + "k", stdin=BODY)
        notes.add("put", BODY)
        for key in ("a b", "ü/ß", "p+q=r&s", "50%", "~-_.!*'()"):
            run("rcat", place + key, stdin=BODY)
            notes.add("key " + key, BODY)
        run("lsf", place + "pre fix/ü+")
        notes.add("list")
        run("copyto", place + "a b", os.fspath(folder / "fetched"))
        notes.add("get")
        _curl_raw(run("link", place + "a b+ü"))
        notes.add("presigned")
    return notes.found


_MINIO = """
import io, json, sys, urllib3
from minio import Minio
endpoint, key, secret, region, tls, body, odd = json.load(sys.stdin)
pool = urllib3.PoolManager(ca_certs=tls, retries=False)
client = Minio(endpoint, key, secret, region=region, secure=bool(tls), http_client=pool)
def put(name):
    client.put_object("bkt", name, io.BytesIO(body.encode()), len(body), metadata={"city": "a  b"})
    print(name)
if tls:
    put("put tls")
else:
    put("put")
    for name in odd:
        put(name)
    client.get_object("bkt", "a b").read()
    print("get")
    list(client.list_objects("bkt", "a b/+&="))
    print("list")
    urllib3.request("GET", client.presigned_get_object("bkt", "a b+"), retries=False)
    print("presigned")
    url = client.presigned_put_object("bkt", "k")
    urllib3.request("PUT", url, body=body.encode(), retries=False)
    print("presigned put")
"""


def _minio(folder):
    found = []
    odd = [key for key in ODD_KEYS if key != "a//b"]  # refused by minio-py itself
    for tls in (None, str(folder / "ca.pem")):
        with Server(_certificate(folder) if tls else None) as server:
            place = server.url("localhost").partition("//")[2]
            told = json.dumps([place, ACCESS_KEY_ID, SECRET, REGION, tls, BODY.decode(), odd])
            done = subprocess.run(
                [_venv.python("clients"), "-c", _MINIO], input=told.encode(), capture_output=True
            )
            assert not done.returncode, done.stderr.decode()
            names = done.stdout.decode().splitlines()
            assert len(names) == len(server.requests)
            for name, data in zip(names, server.requests):
                body = BODY if data.startswith(b"PUT ") else b""
                found.append(Recording("minio", name, data, body))
    return found


def _awscrt(folder):
    from awscrt import auth, http
    from awscrt import io as crt_io

    group = crt_io.EventLoopGroup(1)
    bootstrap = crt_io.ClientBootstrap(group, crt_io.DefaultHostResolver(group))
    with Server() as server:
        notes = _Noted("awscrt", server)

        def send(name, method, target, body=b"", query=False, token=None, **config):
            parts = urlsplit(server.url())
            pairs = [("Host", parts.netloc)]
            if body:
                pairs += [("Content-Length", str(len(body))), ("Content-Type", "a/b")]
            request = http.HttpRequest(
                method, target, http.HttpHeaders(pairs), io.BytesIO(body) if body else None
            )
            auth.aws_sign_request(request, _crt_config(auth, query, token, config)).result(30)
            connection = http.HttpClientConnection.new(parts.hostname, parts.port, bootstrap)
            stream = connection.result(30).request(request)
            stream.activate()
            stream.completion_future.result(30)
            notes.add(name, body, token)

        send("put", "PUT", "/b/k", BODY)
        for key in ("a%20b", "%C3%BC//%C3%9F", "p%2Bq%3Dr", "50%25", "x%252Fy"):
            send("key " + key, "PUT", "/b/" + key, BODY)
        send("get", "GET", "/b/k")
        send("list", "GET", "/b?prefix=a%20b%2F&list-type=2&delimiter=%2F")
        send("token", "PUT", "/b/k", BODY, token=TOKEN)
        send("presigned", "GET", "/b/a%20b?versionId=x%2By", query=True)
    return notes.found


def _crt_config(auth, query, token, more):
    kind = auth.AwsSignatureType
    return auth.AwsSigningConfig(
        signature_type=kind.HTTP_REQUEST_QUERY_PARAMS if query else kind.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(ACCESS_KEY_ID, SECRET, token),
        region=REGION,
        service=more.get("service", "s3"),
        use_double_uri_encode=more.get("service", "s3") != "s3",
        should_normalize_uri_path=more.get("service", "s3") != "s3",
        signed_body_value=auth.AwsSignedBodyValue.UNSIGNED_PAYLOAD if query else None,
        signed_body_header_type=auth.AwsSignedBodyHeaderType.NONE
        if query
        else auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
        expiration_in_seconds=600 if query else None,
    )


CLIENTS = {
    "boto3": _boto3,
    "awscrt": _awscrt,
    "minio": _minio,
    "curl": _curl,
    "rclone": _rclone,
}


@functools.lru_cache(None)
def of(client):
    """Return what a client of CLIENTS sent, list of Recording."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return CLIENTS[client](Path(folder))
