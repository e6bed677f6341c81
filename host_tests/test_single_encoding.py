"""S3's single encoding, judged by a real server: paths that are not canonical on the wire.

awscrt and botocore copy such a path, so they get it from our textbook and prove nothing about it
(`oracle_faults.path_is_given`). Swift decodes and encodes it with code of its own.
"""

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest

from tools import sign

BUCKET = "single-encoding"
PATHS = """a(b) a%28b%29 %41 a%7eb a%7Eb a+b a%2bb a*b'! a@:$,;=& a|b^`{}"<> /x ./y z/../w %2e%2e/v
    %c3%bc %C3%BC a%25b a%2525""".split()


@pytest.fixture(scope="module")
def bucket(swift):
    assert put(swift, "/" + BUCKET)[0] == 200
    return "/" + BUCKET + "/"


def put(swift, target):
    """Send a signed PUT of one byte; return (status, body of the answer, canonical URI)."""
    host = urlsplit(swift.http_url).netloc
    case = {
        "method": "PUT",
        "target": target,
        "headers": [["Host", host]],
        "body": "" if target == "/" + BUCKET else "x",
        "region": swift.region,
        "service": "s3",
        "amz_date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
        "access_key_id": swift.access_key_id,
        "secret_access_key": swift.secret_access_key,
    }
    answer = json.loads(sign.process(json.dumps(case).encode()))
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.connect()
    connection.sock.sendall(answer["head"].encode() + case["body"].encode())
    response = http.client.HTTPResponse(connection.sock, method="PUT")
    response.begin()
    told = response.read()
    connection.close()
    return response.status, told, answer["canonical_request"].split("\n")[1]


@pytest.mark.parametrize("path", PATHS)
def test_swift_accepts(swift, bucket, path):
    status, told, _ = put(swift, bucket + path)
    assert status == 200, told


@pytest.mark.parametrize("path", ["a%2Fb", "a%2fb"])
def test_an_escaped_slash_is_where_verifiers_differ(swift, bucket, path):
    """awscrt signs `%2F` as `%2F`, and so do we; Swift takes it for `/`. Write `/` in a key."""
    status, told, canonical = put(swift, bucket + path)
    assert canonical == bucket + "a%2Fb"
    assert status == 403
    assert ("<CanonicalRequest>PUT\n%sa/b\n" % bucket).encode() in told
