"""Every way in which providers, stores and renewal fail, with marked secrets: none is shown."""

import io
import os
import sys

import _check
from net_script import Peer

from sigv4_mp.amzdate import from_seconds, to_seconds
from sigv4_mp.device.credentials import Credentials
from sigv4_mp.device.scoped import ScopedKeys, pack
from sigv4_mp.device.secret_store import NvsStore, SecretStore
from sigv4_mp.errors import SigV4Error
from sigv4_mp.net.chain import CallbackProvider, Chain, StaticProvider
from sigv4_mp.net.container import ContainerProvider
from sigv4_mp.net.identity import ClientIdentity
from sigv4_mp.net.iot import IotProvider
from sigv4_mp.net.on_host import ConfigFileProvider, EnvironmentProvider
from sigv4_mp.net.temporary import TemporaryCredentials
from sigv4_mp.services.cognito import CognitoProvider
from sigv4_mp.services.sts import AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken
from sigv4_mp.signer import Signer

NOW = to_seconds("20261122T120000Z")
SECRET = "MARKED-SECRET/0123456789"
TOKEN = "MARKED-TOKEN/0123456789"
KEY = b"MARKED-KEY-0123456789-0123456789"


class Clock:
    at = NOW

    def require(self, service):
        return from_seconds(self.at)


CLOCK = Clock()


def zeros(count):
    return bytes(count)


def reply(body, status=200):
    body = body if isinstance(body, bytes) else body.encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


def printed(error):
    """Return what a traceback of error prints."""
    if hasattr(sys, "print_exception"):
        out = io.StringIO()
        sys.print_exception(error, out)
        return out.getvalue()
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def clean(name, *texts):
    for text in texts:
        for shown in (str(text), repr(text)):
            _check.true(name, "MARKED" not in shown and "4d41524b4544" not in shown, shown[:200])


def refuses(name, work, *args, **options):
    """Check that work fails, and that nothing that can be printed of it holds a mark."""
    try:
        work(*args, **options)
    except (SigV4Error, OSError) as error:
        while error is not None:
            clean(name, error, printed(error), error.args, getattr(error, "message", ""))
            error = getattr(error, "__context__", None)
    else:
        _check.true(name + " is refused", False)


def fetches(name, provider, answer, fail=None):
    refuses(name, Peer(answer, fail=fail).run, provider.fetch())


def fields(names, **changes):
    """Return JSON of four fields."""
    values = ["AKID", SECRET, TOKEN, "2026-11-22T13:00:00Z"]
    for at, value in changes.items():
        values[int(at[1:])] = value
    pairs = ['"%s": %s' % (n, v if v[:1] in "[1n{" else '"%s"' % v) for n, v in zip(names, values)]
    return "{" + ", ".join(pairs) + "}"


BAD = [
    {"_0": ""},
    {"_0": "A B"},
    {"_0": "1"},
    {"_1": ""},
    {"_1": SECRET + " x"},
    {"_1": SECRET * 20},
    {"_1": '["%s"]' % SECRET},
    {"_1": SECRET + "\\ud83d"},
    {"_2": ""},
    {"_2": TOKEN + "\\u0000"},
    {"_2": "1"},
    {"_2": TOKEN * 900},
    {"_3": "MARKED"},
    {"_3": "2026-99-22T13:00:00Z"},
    {"_3": "null"},
    {"_3": "[1]"},
]


def json_providers():
    identity = ClientIdentity(b"MARKED-CERT", KEY)
    iot = IotProvider("c.example", "up", identity, entropy=zeros)
    container = ContainerProvider("http://localhost/", b"MARKED", entropy=zeros)
    cognito = CognitoProvider("us-east-1", "pool", identity_id="id", entropy=zeros)
    for provider, names, start, end in (
        (iot, "accessKeyId secretAccessKey sessionToken expiration", '{"credentials":', "}"),
        (container, "AccessKeyId SecretAccessKey Token Expiration", "", ""),
        (cognito, "AccessKeyId SecretKey SessionToken Expiration", '{"Credentials":', "}"),
    ):
        clean("provider", provider)
        names = names.split()
        for changes in BAD:
            body = start + fields(names, **changes) + end
            fetches("%s %r" % (provider.name, list(changes)), provider, reply(body))
        good = reply(start + fields(names) + end)
        for cut in range(1, len(good) - 10, 37):
            fetches("cut", provider, good[:-cut])
        doubled = start + fields(names + names[1:2])[:-1] + ', "%s": "%s"}' % (names[1], SECRET)
        fetches("twice", provider, reply(doubled + end))
        for status in (302, 400, 403, 503):
            fetches("status", provider, reply("<MARKED/>", status))
        for at in range(3):
            broken = {i: OSError(104, "reset") for i in range(at, 40)}
            fetches("network", provider, good, broken)
    bad = ContainerProvider("http://localhost/", b"MARKED\r\nX: y", entropy=zeros)
    fetches("injection", bad, good)
    refuses("identity", ClientIdentity(b"MARKED-CERT", b"").load_into, None)
    clean("identity", identity)


STS = "<ACTIONResponse><ACTIONResult><Credentials><AccessKeyId>%s</AccessKeyId>"
STS += "<SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken>"
STS += "<Expiration>%s</Expiration></Credentials></ACTIONResult></ACTIONResponse>"


def sts_providers():
    who = Credentials("AKID", SECRET, TOKEN)
    role = AssumeRole(who, CLOCK, "us-east-1", "arn", "name", entropy=zeros)
    session = GetSessionToken(who, CLOCK, "us-east-1", entropy=zeros)
    web = AssumeRoleWithWebIdentity("us-east-1", "arn", "name", TOKEN.encode(), entropy=zeros)
    ends = "2026-11-22T13:00:00Z"
    for provider in (role, session, web):
        clean("provider", provider)
        text = STS.replace("ACTION", provider.action)
        for values in (
            ("", SECRET, TOKEN, ends),
            ("AKID", "", TOKEN, ends),
            ("AKID", SECRET + " ", TOKEN, ends),
            ("AKID", SECRET + "<a/>", TOKEN, ends),
            ("AKID", SECRET + "&amp;", TOKEN, ends),
            ("AKID", SECRET, "", ends),
            ("AKID", SECRET, TOKEN + "</SessionToken><SessionToken>", ends),
            ("AKID", SECRET, TOKEN, "MARKED"),
            ("AKID\xff", SECRET, TOKEN, ends),
        ):
            fetches("sts", provider, reply(text % values))
        good = text % ("AKID", SECRET, TOKEN, ends)
        fetches("two of them", provider, reply(good + good))
        for cut in range(20, len(good), 13):
            fetches("cut", provider, reply(good[:-cut]))
        error = "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error></ErrorResponse>"
        for status in (400, 403, 503):
            fetches("refused", provider, reply(error % "AccessDenied", status))
    wiped = Credentials("AKID", SECRET, TOKEN)
    wiped.wipe()
    fetches("wiped", AssumeRole(wiped, CLOCK, "us-east-1", "a", "n", entropy=zeros), b"")
    missing = AssumeRoleWithWebIdentity("us-east-1", "a", "n", "nowhere", entropy=zeros)
    fetches("no token", missing, b"")


def local_providers():
    environment = {"AWS_ACCESS_KEY_ID": "A B", "AWS_SECRET_ACCESS_KEY": SECRET}
    environment["AWS_SESSION_TOKEN"] = TOKEN
    fetches("environment", EnvironmentProvider(environment.get), b"")
    environment.update(AWS_ACCESS_KEY_ID="AKID", AWS_CREDENTIAL_EXPIRATION="MARKED")
    fetches("environment", EnvironmentProvider(environment.get), b"")
    for text in ("[default]\naws_secret_access_key=%s\n", "[default]\naws_access_key_id=A B\n"):
        with open("marked", "w") as file:
            file.write(text.replace("%s", SECRET) + "aws_secret_access_key=%s\n" % SECRET)
        fetches("file", ConfigFileProvider("default", "marked", {}.get), b"")
    os.remove("marked")
    for given in (("AKID", SECRET + " "), ("A B", SECRET), ("AKID", SECRET, TOKEN + "\n"), SECRET):
        fetches("callback", CallbackProvider(lambda given=given: given), b"")
    fetches("chain", Chain(CallbackProvider(lambda: ("A B", SECRET)), StaticProvider(None)), b"")


def stores():
    files = SecretStore("marked")
    for data in (b"MARKED" * 4000, "MARKED", None):
        refuses("too much", files.set, "key", data)
    clean("store", files)
    refuses("none", files.reader("key"))
    data = pack("AKID", "us-east-1", "s3", [(b"20261122", KEY)], TOKEN)
    clean("pack", ScopedKeys(data))
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        refuses("flipped", ScopedKeys, changed)
    for cut in range(1, len(data), 9):
        refuses("cut", ScopedKeys, data[:-cut])
    keys = ScopedKeys(data)
    for scope in (
        (b"20261123", b"us-east-1", b"s3"),
        (b"20261121", b"us-east-1", b"s3"),
        (b"20261122", b"x", b"s3"),
    ):
        refuses("scope", keys.signing_key, *scope)
    refuses("bad key", pack, "AKID", "us-east-1", "s3", [(b"20261122", KEY[:31])])
    clean("class", NvsStore)


def renewal():
    ends = [NOW + 30]
    provider = CallbackProvider(lambda: ("AKID", SECRET, TOKEN, ends[0]))
    who = TemporaryCredentials(provider, CLOCK, entropy=zeros)
    refuses("too short", Peer(b"").run, who.ensure())
    refuses("left alone", Peer(b"").run, who.ensure())
    clean("shown", who, who.last_error)
    ends[0] = NOW + 3600
    CLOCK.at += 20
    Peer(b"").run(who.ensure())
    clean("shown", who, who.last_error)
    signer = Signer(who, "us-east-1", "s3", CLOCK)
    clean("signer", signer, signer.sign("GET", "https://h.example/"))
    CLOCK.at += 3600
    refuses("over", signer.sign, "GET", "https://h.example/")
    refuses("over", Peer(b"").run, who.ensure())
    who.wipe()
    refuses("wiped", signer.sign, "GET", "https://h.example/")
    clean("wiped", who)


json_providers()
sts_providers()
local_providers()
stores()
renewal()
_check.done()
