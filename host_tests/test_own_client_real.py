"""Real HTTP clients: with for_client what they send is what was signed; without it, the traps bite.

CPython's requests, aiohttp and urllib, and micropython-lib's requests on the unix ports, against a
server that records every byte, and against Swift, which verifies. micropython-lib's aiohttp is in
no package registry: its traps were tried by hand (docs/own-client.md).
"""

import asyncio
import http.client
import ssl
import urllib.error
import urllib.request

import aiohttp
import pytest
import requests
import yarl

from e2e_tools import amz_date, ask, boto_client, code_of
from recorder import OK, Recorder, redirect
from sigv4_mp import Credentials, Signer
from sigv4_mp.errors import RequestError, TamperError
from sigv4_mp.own_client import check_sent, for_client
from tools.servers import ca

KEYS = Credentials("AKIDEXAMPLE", "secret")
BODY = b"a body of some bytes"
TEXT = [("Content-Type", "text/plain"), ("x-amz-meta-city", "Zürich"), ("x-amz-meta-city", "Köln")]


def seal(url, method="PUT", payload=BODY, headers=TEXT, keys=KEYS, **more):
    signer = Signer(keys, more.pop("region", "us-east-1"), more.pop("service", "s3"))
    return signer.sign(method, url, headers, payload, amz_date=amz_date(), **more)


def by_requests(sealed, body, ca_file=None, **options):
    method, url, headers, _ = for_client(sealed, "requests", body, options.pop("handled", ()))
    with requests.Session() as session:
        session.trust_env = False
        done = session.request(
            method, url, headers=headers, data=body, verify=ca_file, allow_redirects=False
        )
        return done.status_code, done.content


def by_aiohttp(sealed, body, ca_file=None, **options):
    method, url, headers, _ = for_client(sealed, "aiohttp", body, options.pop("handled", ()))
    return asyncio.run(_aiohttp(method, url, headers, body, ca_file))


async def _aiohttp(method, url, headers, body, ca_file, **options):
    context = ssl.create_default_context(cafile=ca_file) if ca_file else True
    options.setdefault("allow_redirects", False)
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, url, headers=headers, data=body, ssl=context, **options
        ) as response,
    ):
        return response.status, await response.read()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def by_urllib(sealed, body, ca_file=None, **options):
    method, url, headers, _ = for_client(sealed, "urllib", body, ("redirect",))
    handlers = [Stay(), urllib.request.ProxyHandler({})]
    if ca_file:
        context = ssl.create_default_context(cafile=ca_file)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.build_opener(*handlers).open(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def by_http_client(sealed, body, ca_file=None, **options):
    """A client that sends what it is given: "raw"."""
    method, _, headers, _ = for_client(sealed, "raw", body)
    kind, more = http.client.HTTPConnection, {}
    if ca_file:
        kind = http.client.HTTPSConnection
        more["context"] = ssl.create_default_context(cafile=ca_file)
    connection = kind(sealed.host, sealed.port, **more)
    headers = {name: value.encode() for name, value in headers.items()}
    connection.request(method, sealed.target, body, headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


CLIENTS = {
    "requests": by_requests,
    "aiohttp": by_aiohttp,
    "urllib": by_urllib,
    "raw": by_http_client,
}


@pytest.fixture(params=CLIENTS)
def client(request):
    return CLIENTS[request.param]


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [
        ("PUT", "/bucket/key", BODY),
        ("PUT", "/bucket/empty", b""),
        ("PUT", "/bucket/a%2Bb%20%C3%BC%3D%40~?x=%2F&y=a+b&z", BODY),
        ("GET", "/bucket/a//b?list-type=2&prefix=a%2Fb", None),
        ("HEAD", "/bucket/key", None),
        ("DELETE", "/bucket/key", None),
    ],
)
def test_what_is_sent_is_what_was_signed(client, method, path, payload):
    headers = TEXT if payload is not None else TEXT[1:]
    with Recorder() as server:
        sealed = seal(server.url() + path, method, payload, headers)
        status, _ = client(sealed, payload)
    assert status == 200
    (data,) = server.requests
    check_sent(sealed, data)
    assert data.partition(b"\r\n\r\n")[2] == (payload or b"")


@pytest.fixture(scope="session")
def bucket(swift):
    """A bucket on Swift, its name."""
    boto_client(swift, "s3").create_bucket(Bucket="own-client")
    return "own-client"


def test_swift_verifies_it(client, swift, bucket):
    keys = Credentials(swift.access_key_id, swift.secret_access_key)
    url = swift.https_url + "/%s/%s/" % (bucket, client.__name__) + "a%20b%2B~%C3%BC"
    meta = [pair for pair in TEXT if pair[0] != "x-amz-meta-city"] + [("x-amz-meta-a", "b  c")]
    for method, payload, headers in (("PUT", BODY, meta), ("GET", None, ()), ("DELETE", None, ())):
        sealed = seal(url, method, payload, headers, keys, region=swift.region)
        status, body = client(sealed, payload, swift.ca_file)
        assert status in (200, 204), body
        if method == "GET":
            assert body == BODY


def test_a_file_as_body(tmp_path):
    """Read and sent piece by piece, by the clients that can."""
    path = tmp_path / "body.bin"
    path.write_bytes(BODY * 1000)
    for send in (by_requests, by_urllib, by_aiohttp):
        with Recorder() as server, path.open("rb") as file:
            sealed = seal(server.url() + "/b/k", payload=path.read_bytes())
            assert send(sealed, file)[0] == 200
        check_sent(sealed, server.requests[0])
        assert server.requests[0].endswith(b"\r\n\r\n" + BODY * 1000)


# The traps, each with the client as it comes


def test_requests_rewrites_a_path():
    with Recorder() as server:
        sealed = seal(server.url() + "/bucket/a/../b", "GET", None, ())
        with pytest.raises(RequestError, match="url: "):
            for_client(sealed, "requests")
        by_requests(sealed, None, handled=("url",))
    with pytest.raises(
        TamperError, match="path: was sent as '/bucket/b', signed as '/bucket/a/../b'"
    ):
        check_sent(sealed, server.requests[0])


def test_aiohttp_rewrites_a_path_unless_told_not_to():
    with Recorder() as server:
        sealed = seal(server.url() + "/bucket/a/../b", "GET", None, ())
        with pytest.raises(RequestError, match="yarl.URL"):
            for_client(sealed, "aiohttp")
        method, url, headers, _ = for_client(sealed, "aiohttp", handled=("url",))
        asyncio.run(_aiohttp(method, url, headers, None, None))
        asyncio.run(_aiohttp(method, yarl.URL(url, encoded=True), headers, None, None))
    with pytest.raises(TamperError, match="^path: "):
        check_sent(sealed, server.requests[0])
    check_sent(sealed, server.requests[1])


@pytest.mark.parametrize("path", ["/a%3Ab", "/a%7eb"])
@pytest.mark.parametrize("name", ["requests", "aiohttp"])
def test_clients_decode_what_other_services_sign_as_it_is(name, path):
    """S3 signs the decoded path; the others the wire form, where %7e is not ~."""
    with Recorder() as server:
        sealed = seal(server.url() + path, "GET", None, (), service="lambda")
        with pytest.raises(RequestError, match="^url: "):
            for_client(sealed, name)
        CLIENTS[name](sealed, None, handled=("url",))
    target = server.requests[0].split(b" ")[1].decode()
    if target == path:
        check_sent(sealed, server.requests[0])  # this one is left alone by this client
    else:
        with pytest.raises(TamperError, match="^path: "):
            check_sent(sealed, server.requests[0])


def test_requests_takes_its_password_from_netrc(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Recorder() as server:
        sealed = seal(server.url() + "/b/k", "GET", None, ())
        method, url, headers, notes = for_client(sealed, "requests")
        requests.request(method, url, headers=headers)
        by_requests(sealed, None)  # trust_env=False
    assert any("netrc" in note for note in notes)
    with pytest.raises(TamperError, match="^authorization: "):
        check_sent(sealed, server.requests[0])
    check_sent(sealed, server.requests[1])


def test_requests_sends_a_generator_chunked():
    with Recorder() as server:
        sealed = seal(server.url() + "/b/k")
        blocks = iter([BODY[:5], BODY[5:]])
        with pytest.raises(RequestError, match="^body: .*501"):
            for_client(sealed, "requests", blocks)
        headers = for_client(sealed, "requests", blocks, ("body",))[2]
        requests.put(sealed.url, headers=headers, data=blocks)
    with pytest.raises(TamperError, match="^transfer-encoding: "):
        check_sent(sealed, server.requests[0])


@pytest.mark.parametrize("name", ["aiohttp", "urllib"])
def test_a_content_type_is_added(name):
    with Recorder() as server:
        sealed = seal(server.url() + "/b/k", headers=())
        with pytest.raises(RequestError, match="^content-type: "):
            for_client(sealed, name, BODY, ("redirect",))
        method, url, headers, _ = for_client(sealed, name, BODY, ("redirect", "content-type"))
        if name == "aiohttp":
            skip = {"skip_auto_headers": ("Content-Type",)}
            asyncio.run(_aiohttp(method, url, headers, BODY, None))
            asyncio.run(_aiohttp(method, url, headers, BODY, None, **skip))
        else:
            request = urllib.request.Request(url, BODY, headers, method=method)
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()
    with pytest.raises(TamperError, match="content-type: was added, but not signed"):
        check_sent(sealed, server.requests[0])
    for data in server.requests[1:]:
        check_sent(sealed, data)


@pytest.mark.parametrize("name", ["requests", "aiohttp", "urllib"])
def test_redirects_show_secrets_to_another_host(name):
    """Left as they come: each takes the session token along, urllib the signature as well."""
    keys = Credentials("AKIDEXAMPLE", "secret", "A-SESSION-TOKEN")
    with Recorder() as other, Recorder([redirect(other.url("localhost") + "/x")] * 2) as server:
        sealed = seal(server.url() + "/b/k", "GET", None, (), keys)
        with pytest.raises(RequestError, match="^redirect: "):
            for_client(sealed, name)
        method, url, headers, _ = for_client(sealed, name, handled=("redirect",))
        if name == "requests":
            with requests.Session() as session:
                session.trust_env = False
                session.get(url, headers=headers)
        elif name == "aiohttp":
            asyncio.run(_aiohttp(method, url, headers, None, None, allow_redirects=True))
        else:
            request = urllib.request.Request(url, headers=headers)
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()
        leaked = other.requests[0]
        status, _ = CLIENTS[name](sealed, None, handled=("redirect",))
    assert status == 307
    assert len(other.requests) == 1
    assert b"A-SESSION-TOKEN" in leaked
    assert (b"AWS4-HMAC-SHA256" in leaked) == (name == "urllib")


# micropython-lib's requests, as it is frozen into the unix port


def command(url, method="PUT", body=BODY, **more):
    keys = {
        "method": method,
        "url": url,
        "region": "us-east-1",
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "secret",
        "amz_date": amz_date(),
    }
    if body is not None:
        keys["body"] = body.hex()
    keys.update(more)
    return keys


def resealed(line):
    """Return the same SealedRequest that the target made, made here."""
    keys = Credentials(line["access_key_id"], line["secret_access_key"], line.get("session_token"))
    body = bytes.fromhex(line["body"]) if "body" in line else None
    signer = Signer(keys, line["region"], "s3")
    date = line["amz_date"]
    return signer.sign(line["method"], line["url"], line.get("headers", ()), body, amz_date=date)


micropython = pytest.mark.targets("unix", "unix32")


@micropython
def test_micropython_requests_sends_what_was_signed(target):
    with Recorder() as server:
        lines = [
            command(server.url() + "/b/k"),
            command(server.url() + "/b/empty", body=b""),
            command(server.url() + "/b/blocks", blocks=True),
            command(server.url() + "/b/k?x=%2F&y", "GET", None),
            command(
                server.url() + "/b/k", headers=[["content-type", "a/b"], ["x-amz-meta-a", "ü"]]
            ),
            command(
                server.url() + "/b/twice", headers=[["x-amz-meta-a", "1"], ["x-amz-meta-a", "2"]]
            ),
        ]
        told = ask(target, "edge_requests", lines)
    assert [line.get("status") for line in told] == [200] * len(lines), told
    for line, data in zip(lines, server.requests):
        check_sent(resealed(line), data)
        assert data.partition(b"\r\n\r\n")[2].hex() == line.get("body", "")


@micropython
def test_micropython_requests_and_swift(target, swift, bucket):
    facts = {
        "region": swift.region,
        "access_key_id": swift.access_key_id,
        "secret_access_key": swift.secret_access_key,
    }
    url = swift.http_url + "/%s/%s%%20key" % (bucket, target.name)
    told = ask(
        target,
        "edge_requests",
        [
            command(url, headers=[["Content-Type", "text/plain"]], **facts),
            command(url, "GET", None, **facts),
            command(url, "PUT", naive=True, **facts),
            command(url, "DELETE", None, **facts),
        ],
    )
    assert [line["status"] for line in told] == [200, 200, 403, 204]
    assert bytes.fromhex(told[1]["body"]) == BODY
    refusal = bytes.fromhex(told[2]["body"]).decode()
    assert code_of(refusal) == "SignatureDoesNotMatch"  # Host went without its port


@micropython
def test_the_traps_of_micropython_requests(target):
    """Host without its port, an empty body without a length: named by check_sent."""
    with Recorder() as server:
        lines = [
            command(server.url() + "/b/k", naive=True),
            command(server.url().replace("127.0.0.1", "localhost") + "/b/k", body=b"", naive=True),
        ]
        ask(target, "edge_requests", lines)
    with pytest.raises(TamperError, match="host: was sent as '127.0.0.1', signed as '127.0.0.1:"):
        check_sent(resealed(lines[0]), server.requests[0])
    mended = server.requests[1].replace(b"localhost", b"localhost:%d" % server.port, 1)
    with pytest.raises(TamperError, match="content-length: "):
        check_sent(resealed(lines[1]), mended)


@micropython
def test_micropython_requests_replays_a_signature_unless_stopped(target):
    keys = {"session_token": "A-SESSION-TOKEN"}
    with Recorder() as other, Recorder([redirect(other.url("localhost") + "/x")] * 3) as server:
        url = server.url() + "/b/k"
        naive, careful, refused = ask(
            target,
            "edge_requests",
            [
                command(url, naive=True, **keys),
                command(url, **keys),
                command(url, handled=[], **keys),
            ],
        )
    assert naive["status"] == 200
    assert len(other.requests) == 1
    assert b"AWS4-HMAC-SHA256" in other.requests[0]
    assert b"A-SESSION-TOKEN" in other.requests[0]
    assert (careful["error"], careful["field"]) == ("ProtocolError", "location")
    assert (refused["error"], refused["field"]) == ("RequestError", "redirect")
    assert len(server.requests) == 2


@micropython
def test_micropython_requests_checks_no_certificate(target, tmp_path):
    """It talks to a server whose certificate is out of date: for_client refuses https."""
    ca.write(tmp_path, "ec")
    with Recorder(tls=(tmp_path / "expired.pem", tmp_path / "expired-key.pem")) as server:
        url = server.url("localhost") + "/b/k"
        refused, trusting = ask(
            target,
            "edge_requests",
            [
                command(url, "GET", None),
                command(url, "GET", None, handled=["redirect", "certificate"]),
            ],
        )
    assert (refused["error"], refused["field"]) == ("RequestError", "certificate")
    assert trusting["status"] == 200
    assert len(server.requests) == 1


def test_the_recorder_notes_bytes():
    with Recorder() as server:
        assert urllib.request.urlopen(server.url() + "/x").read() == b"ok"
    assert OK.endswith(b"ok")
    assert server.requests[0].startswith(b"GET /x HTTP/1.1\r\n")
