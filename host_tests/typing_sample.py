"""The public API as a caller's type checker sees it: test_stubs.py runs mypy over this file.

It is never run. A line that must be an error says which: mypy's warn_unused_ignores then makes a
missing error an error.
"""

from __future__ import annotations

import io

from sigv4_mp import (
    EMPTY_SHA256,
    S3,
    UNSIGNED_PAYLOAD,
    ClockError,
    ClockNotSet,
    Credentials,
    CredentialsError,
    FixedClock,
    ProtocolError,
    RequestError,
    ScopedCredentials,
    ServiceError,
    Signer,
    SigV4Error,
    SystemClock,
    TamperError,
    __version__,
    http,
)
from sigv4_mp.device import store
from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.digest import hash_reader
from sigv4_mp.encode import uri_encode
from sigv4_mp.keys import SigningKey, derive_signing_key
from sigv4_mp.net import ntp
from sigv4_mp.net.exchange import Response
from sigv4_mp.post_policy import presign_post
from sigv4_mp.presign import iot_mqtt_url
from sigv4_mp.sealed import SealedRequest
from sigv4_mp.services.listing import Entry


class Vault:
    """Credentials of the caller's own making."""

    access_key_id = b"AKID"
    session_token: bytes | None = None

    def signing_key(self, scope_date: bytes, region: bytes, service: bytes) -> SigningKey:
        raw = derive_signing_key(bytearray(b"secret"), scope_date, region, service)
        return SigningKey(self.access_key_id, scope_date, region, service, raw)


class Gps:
    """A clock of the caller's own making."""

    def require(self, service: bytes) -> str:
        return "20150830T123600Z"


class Broken:
    def require(self) -> None: ...


def signing() -> None:
    signer = Signer(Credentials("AKID", b"secret", None), "us-east-1", b"s3", Gps())
    Signer(Vault(), "r", "s", SystemClock(offset=5), sign_body=True, token_after_signing=True)
    Signer(ScopedCredentials("A", "20150830", "r", "s", b"k" * 32), "r", "s", FixedClock(b""))
    headers = {"Content-Type": "text/plain"}
    prepared = signer.prepare("PUT", "https://h/", headers, [("a", b"b")], ["user-agent"])
    sealed: SealedRequest = prepared.seal(b"body", amz_date="20150830T123600Z")
    sealed = prepared.seal(payload_hash=UNSIGNED_PAYLOAD, content_length=5)
    sealed = signer.sign("GET", b"https://h/", [("A", "b")], payload_hash=EMPTY_SHA256)
    whole: bytes = sealed.head + bytes(sealed.head_view()) + sealed.canonical_request
    text: str = sealed.host + sealed.scheme + sealed.payload_hash + sealed.url + __version__
    port: int = sealed.port
    authorization: str | None = sealed.authorization
    pairs: list[tuple[str, str]] = sealed.headers + sealed.added_headers
    url: str = signer.presign("GET", "https://h/", 60) + iot_mqtt_url(
        Vault(), "r", "h", clock=Gps()
    )
    form: list[tuple[str, str]] = presign_post(signer, "b", "k", 60, conditions=[{"a": "b"}])
    encoded: bytes = uri_encode("ü", safe_slash=True)
    digest, length = hash_reader(io.BytesIO(b""), bytearray(512))
    print(whole, text, port, authorization, pairs, url, form, encoded, digest.decode(), length + 1)


def services(signer: Signer) -> None:
    device = http.Http(timeout=5, ca_file="ca.pem")
    unix_ms, uncertainty_ms = device.run(ntp.query("h"))
    SystemClock().set(unix_ms + uncertainty_ms)
    s3 = S3(signer, "https://h", "bucket", addressing="path", insecure_http="session-token")
    response: Response = device.run(s3.put_object("k", b"", metadata={"a": "b"}, progress=print))
    response = device.run(s3.put_object(b"k", "path", headers={"A": "b"}))
    response = http.run(s3.get_object("k", into=take), timeout=5)
    response = device.run(s3.get_object("k", into="path"))
    response = device.run(s3.get_object("k", into=io.BytesIO()))
    etag: str | None = response.etag
    entry: Entry
    for entry in device.iterate(s3.list_objects_v2("prefix/")):
        size: int | None = entry.size
        print(entry.key, size, etag, response.headers["date"].upper())
    print(s3.presigned_url("GET", "k").upper(), device.run(s3.head_object("k")).status + 1)


def trusted_time() -> None:
    clock = TrustedClock(drift_ppm=40, tolerances={"private": 60}, wall=False, on_event=print)
    keeper = store.Keeper(clock, store.durable(), store.retained())
    if not keeper.start(1800000000, same_boot=True):
        clock.set(1800000000000, 20, None, "GPS")
    if clock.hear(1800000000000, 1000, 5, "host", verified=True):
        Signer(Vault(), "r", "s", clock).sign("GET", "https://h/")
    earliest, latest = clock.now()
    lines: list[str] = [text.upper() for _, text in clock.log]
    print(latest - earliest, clock.require("s3").decode(), lines, keeper.keep(1800000000))
    clock.set("20270101T000000Z", 20)  # type: ignore[arg-type]
    TrustedClock(wall=True)  # type: ignore[arg-type]


def take(buffer: bytearray, start: int, end: int) -> None:
    print(buffer[start:end])


def failing() -> None:
    try:
        signing()
    except ServiceError as error:
        print(error.status + 1, error.code.upper(), error.message.upper(), error.request_id)
    except (ClockNotSet, ClockError, CredentialsError, ProtocolError, TamperError) as error:
        print(error.field, error.message.upper())
    except RequestError as error:
        print(error.field)
    except SigV4Error:
        pass


def mistakes(signer: Signer, sealed: SealedRequest) -> None:
    Credentials("AKID")  # type: ignore[call-arg]
    Credentials(1, "secret")  # type: ignore[arg-type]
    Signer("AKID", "r", "s")  # type: ignore[arg-type]
    Signer(Vault(), "r", "s", Broken())  # type: ignore[arg-type]
    Signer(Vault(), "r", "s", clock="20150830T123600Z")  # type: ignore[arg-type]
    Signer(Vault(), "r", "s", sign_body="yes")  # type: ignore[arg-type]
    FixedClock(20150830)  # type: ignore[arg-type]
    signer.sign("PUT", "https://h/", payload="text")  # type: ignore[arg-type]
    signer.sign("PUT", "https://h/", headers=[("A", 1)])  # type: ignore[list-item]
    signer.sign("PUT", "https://h/", headers={"A": 1})  # type: ignore[arg-type]
    signer.sign("PUT", "https://h/", content_length="5")  # type: ignore[arg-type]
    signer.sign("PUT", "https://h/", body=b"")  # type: ignore[call-arg]
    signer.presign("GET", "https://h/")  # type: ignore[call-arg]
    signer.presign("GET", "https://h/", "60")  # type: ignore[arg-type]
    signer.prepare("GET", "https://h/").sign()  # type: ignore[attr-defined]
    sealed.host = "other"  # type: ignore[misc]
    sealed.authorization.upper()  # type: ignore[union-attr]
    sealed.port + ""  # type: ignore[operator]
    S3(signer, "https://h", "b", addressing="dns")  # type: ignore[arg-type]
    S3(signer, "https://h", "b", insecure_http="yes")  # type: ignore[arg-type]
    s3 = S3(signer, "https://h", "b")
    s3.put_object("k", 5)  # type: ignore[arg-type]
    print(s3.put_object("k", b"").etag)  # type: ignore[attr-defined]
    http.run(s3.put_object("k", b""), timeout_s=5)  # type: ignore[call-arg]
    uri_encode(5)  # type: ignore[arg-type]
    hash_reader(b"", bytearray(1))  # type: ignore[arg-type]
