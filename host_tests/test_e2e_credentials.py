"""Temporary credentials from real parts: MiniStack's STS and Cognito, and mutual TLS in between.

MiniStack checks S3 requests signed with what the providers gave: key, token and signature. unix32
runs with its usual heap of 128 KB, where no test says otherwise.
"""

import base64
import json
import re
import secrets
import ssl
import time
from pathlib import Path

import pytest

from e2e_tools import ask, boto_client
from tools.servers.iot_credentials import ALIAS, THING, IotCredentials

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


@pytest.fixture(scope="module")
def iot(ministack):
    with IotCredentials(ministack) as server:
        yield server


@pytest.fixture(scope="module")
def place(ministack, iot, tmp_path_factory):
    """A bucket, and one file with the CAs of both servers."""
    boto_client(ministack, "s3").create_bucket(Bucket="temporary")
    path = tmp_path_factory.mktemp("ca") / "both.pem"
    path.write_text(Path(ministack.ca_file).read_text() + Path(iot.ca_file).read_text())
    return {"bucket": "temporary", "ca_file": str(path), "s3": ministack.https_url}


def with_iot(iot, place, client="good", **changes):
    certificate, private_key = iot.identity(client)
    line = dict(place, provider="iot", iot=iot.endpoint, thing_name=THING)
    return dict(line, certificate=certificate, private_key=private_key, **changes)


def with_sts(ministack, place, provider, **changes):
    line = dict(place, provider=provider, sts=ministack.https_url, role_arn=ministack.role_arn)
    for name in ("access_key_id", "secret_access_key"):
        line[name] = getattr(ministack, name)
    return dict(line, **changes)


def answers(target, settings, *commands, heap=None):
    options = {"heap": heap} if target.name == "unix32" else {}
    return ask(target, "cred_client", [settings, *commands], helpers=HELPERS, **options)


# With .mpy files, which live in the heap. IoT and an upload fit into 128k; asyncio or signed STS
# beside them want a little more, what needs S3's XML parser at the same time 10 KB, a multipart
# upload 22 KB. Frozen modules need no heap.
TIGHT = "136k"
ROOMY = "148k"
ROOMIER = "160k"
HELPERS = (
    "cred_iot",
    "cred_aio",
    "cred_without",
    "cred_sts",
    "cred_spoil",
    "cred_many",
    "cred_multipart",
    "cred_nap",
    "cred_peak",
)
PUT = {"do": "put", "key": "a", "body": "20.5"}
GET = {"do": "get", "key": "a"}


@pytest.mark.parametrize("client", ["good", "der"])
@pytest.mark.parametrize("shell", ["http", "aio"])
def test_the_whole_way(target, iot, place, client, shell):
    """A certificate becomes credentials, they become an upload; the second upload fetches none."""
    fetched = iot.fetches
    settings = with_iot(iot, place, client, shell=shell)
    commands = ({"do": "ensure"}, PUT, PUT, GET)
    heap = TIGHT if shell == "aio" else None
    state, put, again, got = answers(target, settings, *commands, heap=heap)
    assert (state["source"], state["token"]) == ("iot", True), state
    assert 3500 < state["left"] <= 3600
    assert put["key"] == again["key"] == state["key"]
    assert got["body"] == "20.5"
    assert iot.fetches == fetched + 1
    seen = iot.seen[-1]
    assert seen["path"] == "/role-aliases/%s/credentials" % ALIAS
    assert (seen["sni"], seen["subject"]) == ("localhost", THING)
    assert seen["headers"]["x-amzn-iot-thingname"] == THING
    assert "authorization" not in seen["headers"]


def test_the_certificate_is_shown_to_nobody_else(target, iot, place):
    """An exchange without the identity, over the shell that has just used it, has none to show."""
    heard, refused = len(iot.seen), iot.refused
    commands = ({"do": "ensure"}, {"do": "without"})
    state, found = answers(target, with_iot(iot, place), *commands)
    assert state["source"] == "iot", state
    assert found.get("error") in ("OSError", "SSLError", "SSLEOFError", "ConnectionResetError"), (
        found
    )
    assert (len(iot.seen), iot.refused) == (heard + 1, refused + 1)


@pytest.mark.targets("cpython")
@pytest.mark.parametrize("client", ["good", "revoked", "stranger"])
def test_tls_1_2(target, ministack, tmp_path, client):
    """CPython speaks 1.3 else, where a refusal comes behind the handshake; mbedTLS here has 1.2."""
    with IotCredentials(ministack, maximum_version=ssl.TLSVersion.TLSv1_2) as server:
        settings = with_iot(server, {"ca_file": server.ca_file}, client)
        (found,) = answers(target, settings, {"do": "ensure"})
    if client == "good":
        assert found["source"] == "iot", found
    else:
        assert (found["error"], found["field"]) == ("ProtocolError", "certificate"), found


@pytest.mark.targets("unix", "unix32")
def test_heap_of_a_fetch(target, iot, place, record_property):
    """Mutual TLS and a token of 1.5 KB: the garbage-collected heap; mbedTLS has its own there."""
    iot.script(http_reply(fields(sessionToken="t" * 1500)))
    (found,) = answers(target, with_iot(iot, place), {"do": "peak"})
    record_property("fetch_heap", json.dumps(found))
    assert found["peak"] - found["before"] < (32768 if target.name == "unix" else 16384), found
    assert found["after"] - found["before"] < 12288, found


def test_an_upload_fetches_by_itself(target, iot, place):
    fetched = iot.fetches
    put, got = answers(target, with_iot(iot, place), PUT, GET)
    assert put["key"].startswith("ASIA"), put
    assert got["body"] == "20.5"
    assert iot.fetches == fetched + 1


@pytest.mark.parametrize("client", ["revoked", "stranger"])
def test_a_certificate_refused_by_tls(target, iot, place, client):
    (found,) = answers(target, with_iot(iot, place, client), {"do": "ensure"})
    assert (found["error"], found["field"]) == ("ProtocolError", "certificate"), found


def test_no_certificate_that_can_be_used(target, iot, place, tmp_path):
    (tmp_path / "bad.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
    certificate, private_key = iot.identity("good")
    for pair in (
        ("certificate", str(tmp_path / "bad.pem"), private_key),
        ("certificate", certificate, str(tmp_path / "bad.pem")),
        ("certificate", str(tmp_path / "none.pem"), private_key),
        ("private_key", certificate, str(tmp_path / "none.pem")),
    ):
        field, first, second = pair
        settings = dict(with_iot(iot, place), certificate=first, private_key=second)
        (found,) = answers(target, settings, {"do": "ensure"})
        assert (found["error"], found["field"]) == ("RequestError", field), found


@pytest.mark.parametrize(
    ("client", "changes", "said"),
    [
        ("inactive", {"thing_name": None}, "Invalid certificate"),
        ("good", {"thing_name": "somebody"}, "Invalid thing name"),
        ("good", {"alias": "other"}, "Access Denied"),
    ],
)
def test_refused_by_http(target, iot, place, client, changes, said):
    settings = dict(with_iot(iot, place, client), **changes)
    (found,) = answers(target, settings, {"do": "ensure"})
    assert (found["error"], found["status"]) == ("ServiceError", 403), found
    assert said in found["text"]


def test_the_wrong_ca(target, iot, place, ministack):
    settings = dict(with_iot(iot, place), ca_file=ministack.ca_file)
    heard = len(iot.seen)
    (found,) = answers(target, settings, {"do": "ensure"})
    assert (found["error"], found["field"]) == ("ProtocolError", "ca_file"), found
    assert len(iot.seen) == heard


def http_reply(body, status=200, length=None):
    head = "HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n"
    return (head % (status, len(body) if length is None else length)).encode() + body


def fields(**changes):
    value = {"accessKeyId": "ASIAX", "secretAccessKey": "MARKED", "sessionToken": "MARKED-T"}
    value["expiration"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    value.update(changes)
    return json.dumps({"credentials": value}).encode()


BAD = {
    "half": (http_reply(fields()[:100], length=300), "ProtocolError"),
    "oversized": (http_reply(fields(sessionToken="t" * 20000)), "ProtocolError"),
    "malformed": (http_reply(b"<html>MARKED</html>"), "ProtocolError"),
    "expired": (http_reply(fields(expiration="2020-01-01T00:00:00Z")), "ProtocolError"),
    "no time": (http_reply(fields(expiration="MARKED")), "ProtocolError"),
    "garbage": (b"\x00\x01\x02MARKED\r\n\r\n", "ProtocolError"),
    "nothing": (b"", "ProtocolError"),
    "down": (http_reply(b"", 503), "ServiceError"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_bad_replies(target, iot, place, name):
    """Twice the same: broken connections and a server that is down get a second attempt."""
    bad, error = BAD[name]
    iot.script(bad, bad)
    try:
        (found,) = answers(target, with_iot(iot, place), {"do": "ensure"})
    finally:
        iot._script.clear()
    assert found["error"] == error, found
    assert "MARKED" not in json.dumps(found)


def test_year_2099(target, iot, place):
    iot.script(http_reply(fields(expiration="2099-12-31T23:59:59Z")))
    (found,) = answers(target, with_iot(iot, place), {"do": "ensure"})
    assert found["left"] in (129599, 129600), found


def test_a_big_token(target, iot, place):
    """4 KB of token through the heap of unix32."""
    iot.script(http_reply(fields(sessionToken="t" * 4096)))
    (found,) = answers(target, with_iot(iot, place), {"do": "ensure"})
    assert found["token"], found


@pytest.mark.parametrize("shift", [-7200, 7200])
def test_a_clock_that_is_wrong(target, iot, place, shift):
    """Two hours fast, what comes seems over: refused. Two hours slow, S3 says that we are wrong."""
    settings = dict(with_iot(iot, place), shift=shift)
    (found,) = answers(target, settings, PUT)
    if shift > 0:
        assert (found["error"], found["field"]) == ("ProtocolError", "expires_at"), found
        assert "clock" in found["text"]
    else:
        assert found["error"] == "ServiceError", found


@pytest.mark.targets("cpython", "unix")
def test_tasks_share_one_fetch(target, iot, place):
    fetched = iot.fetches
    (found,) = answers(target, with_iot(iot, place), {"do": "many", "key": "m", "count": 4})
    assert found == {"done": 4}
    assert iot.fetches == fetched + 1


@pytest.mark.parametrize("provider", ["role", "session"])
def test_signed_sts(target, ministack, place, provider):
    settings = with_sts(ministack, place, provider)
    state, put, got = answers(target, settings, {"do": "ensure"}, PUT, GET, heap=TIGHT)
    assert state["token"], state
    assert put["key"] == state["key"] != ministack.access_key_id
    assert got["body"] == "20.5"
    assert state["source"] == {"role": "assume-role", "session": "session-token"}[provider]


def test_sts_refuses_a_wrong_secret(target, ministack, place):
    settings = with_sts(ministack, place, "role", secret_access_key="wrong")
    (found,) = answers(target, settings, {"do": "ensure"})
    assert (found["error"], found["code"]) == ("ServiceError", "SignatureDoesNotMatch"), found


@pytest.fixture(scope="module")
def pool(ministack):
    found = boto_client(ministack, "cognito-identity").create_identity_pool(
        IdentityPoolName="devices", AllowUnauthenticatedIdentities=True
    )
    return found["IdentityPoolId"]


def test_cognito(target, ministack, place, pool):
    """MiniStack's pool has no role with rights: S3 knows the key, and may say AccessDenied."""
    settings = with_sts(ministack, place, "cognito", pool=pool)
    state, put = answers(target, settings, {"do": "ensure"}, PUT)
    assert (state["source"], state["token"]) == ("cognito", True), state
    assert put.get("code") in (None, "AccessDenied"), put
    settings["pool"] = "us-east-1:00000000-0000-0000-0000-000000000000"
    (found,) = answers(target, settings, {"do": "ensure"})
    assert (found["error"], found["code"]) == ("ServiceError", "ResourceNotFoundException"), found


def test_a_spoiled_token_is_renewed(target, iot, place):
    """S3 refuses the token; after a pause there is a new key, and the upload succeeds."""
    fetched = iot.fetches
    state, _, put = answers(
        target, with_iot(iot, place), {"do": "ensure"}, {"do": "spoil"}, PUT, heap=ROOMY
    )
    assert put.get("key") not in (None, state["key"]), put
    assert iot.fetches == fetched + 2


def test_a_token_that_ended(target, iot, place):
    """Its reply promised an hour, it lived a second: S3 says so, and a new one is fetched.

    The pause before that is left out here, and kept above.
    """
    iot.short.append(1)
    fetched = iot.fetches
    commands = ({"do": "ensure"}, {"do": "nap", "seconds": 2}, PUT)
    state, _, put = answers(target, with_iot(iot, place, pause=0), *commands, heap=ROOMY)
    assert put.get("key") not in (None, state["key"]), put
    assert iot.fetches == fetched + 2


def test_tokens_that_s3_refuses(target, iot, ministack, place):
    """Of static credentials, which nobody can renew: an ended, an altered and a missing token."""
    iot.short.append(1)
    ended = iot.credentials()
    time.sleep(1.5)
    good = ministack.session
    for key, secret, token, codes in (
        (ended["accessKeyId"], ended["secretAccessKey"], ended["sessionToken"], ("ExpiredToken",)),
        (*list(good.values())[:2], good["session_token"][:-1] + "g", ("InvalidToken",)),
        (*list(good.values())[:2], None, ("InvalidToken", "InvalidAccessKeyId", "AccessDenied")),
    ):
        settings = dict(place, provider="given", access_key_id=key, secret_access_key=secret)
        settings["pause"] = 0  # two of them, of 5 s each, would prove nothing
        (put,) = answers(target, dict(settings, session_token=token), PUT)
        assert put.get("code") in codes, put


def test_rotation_amid_a_multipart_upload(target, iot, ministack, place):
    fetched = iot.fetches
    key = "parts-" + target.name
    command = {"do": "multipart", "key": key, "parts": 5}
    (found,) = answers(target, with_iot(iot, place), command, heap=ROOMIER)
    assert found.get("keys") == 2, found
    assert iot.fetches == fetched + 2
    stored = boto_client(ministack, "s3").get_object(Bucket=place["bucket"], Key=key)
    assert stored["Body"].read() == b"".join(bytes((number,)) * 65536 for number in range(5))


@pytest.mark.parametrize("shell", ["http", "aio"])
def test_a_slow_reply(target, iot, place, shell):
    iot.hold.clear()
    try:
        settings = dict(with_iot(iot, place), timeout=0.5, shell=shell)
        (found,) = answers(target, settings, {"do": "ensure"})
    finally:
        iot.hold.set()
    assert found["error"] in ("OSError", "TimeoutError"), found


@pytest.fixture(scope="module")
def web_role(ministack):
    """A role for tokens of an OpenID Connect provider, and one; MiniStack only reads it."""
    account = ministack.role_arn.split(":")[4]
    federated = "arn:aws:iam::%s:oidc-provider/login.example" % account
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": federated},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = "web-" + secrets.token_hex(4)  # pytest may come back to this module, target by target
    role = ministack.as_root("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    names = {"RoleName": name, "PolicyName": "all", "PolicyDocument": policy}
    ministack.as_root("iam", "PutRolePolicy", **names)
    claims = {"iss": "https://login.example", "sub": "device-1", "aud": "devices"}
    parts = [json.dumps({"alg": "none"}), json.dumps(claims), "x"]
    token = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    return re.search("<Arn>([^<]*)</Arn>", role).group(1), token


def test_web_identity(target, ministack, place, web_role):
    arn, token = web_role
    settings = with_sts(ministack, place, "web", role_arn=arn, web_token=token)
    state, put = answers(target, settings, {"do": "ensure"}, PUT)
    assert (state["source"], state["token"]) == ("web-identity", True), state
    assert put.get("key") == state["key"], put
    settings["role_arn"] = ministack.role_arn  # trusts no provider
    (found,) = answers(target, settings, {"do": "ensure"})
    assert (found["error"], found["code"]) == ("ServiceError", "AccessDenied"), found
