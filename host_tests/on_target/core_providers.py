"""Providers and TemporaryCredentials, from scripts with no socket and a clock that is moved."""

import _section
from _check import equal, raises, true
from _section import refuses
from net_script import Peer

from sigv4_mp import Signer
from sigv4_mp.amzdate import from_seconds, to_seconds
from sigv4_mp.device.credentials import Credentials
from sigv4_mp.errors import (
    ClockError,
    CredentialsError,
    CredentialsExpired,
    ProtocolError,
    RequestError,
    ServiceError,
)
from sigv4_mp.net import steps
from sigv4_mp.net.chain import CallbackProvider, Chain, StaticProvider
from sigv4_mp.net.container import ContainerProvider
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.fetch import LIMIT, Unsigned, expiry
from sigv4_mp.net.identity import ClientIdentity
from sigv4_mp.net.iot import IotProvider
from sigv4_mp.net.on_host import ConfigFileProvider, EnvironmentProvider
from sigv4_mp.net.temporary import TemporaryCredentials

NOW = to_seconds("20261122T120000Z")
REPLY = '{"credentials":{"accessKeyId":"%s","secretAccessKey":"%s","sessionToken":"%s"'
REPLY += ',"expiration":"%s"}}'


class Clock:
    """A clock that tests move. Its `now` makes it like one that knows its error."""

    def __init__(self, now=NOW):
        self.at = now

    def require(self, service):
        return from_seconds(self.at)


class Interval(Clock):
    def now(self):
        return (self.at - 100) * 1000, (self.at + 100) * 1000


class Source:
    """A provider that numbers what it gives. fail: what to raise instead, or None."""

    name = "source"

    def __init__(self, clock, life=3600):
        self.clock, self.life, self.fail, self.asked = clock, life, None, 0
        self.io = steps.Io()

    def fetch(self):
        self.asked += 1
        yield self.io.sleep(1)
        if self.fail:
            raise self.fail
        n = self.asked
        return Credentials("AKID%d" % n, "secret%d" % n, "TOKEN%d" % n, self.clock.at + self.life)


def reply(body, status=200, head=""):
    body = body if isinstance(body, bytes) else body.encode()
    start = "HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), head)
    return start.encode() + body


def good(ends="2026-11-22T13:00:00Z", token="TOKEN", secret="hush", key="AKID"):
    return reply(REPLY % (key, secret, token, ends))


def run(operation, peer=None):
    return (peer or Peer(b"")).run(operation)


def zeros(count):
    """Entropy for tests; WebAssembly's MicroPython has none of its own."""
    return bytes(count)


def iot(**changes):
    settings = {
        "entropy": zeros,
        "endpoint": "c.example",
        "role_alias": "up/load",
        "thing_name": "dev:1",
    }
    settings["identity"] = ClientIdentity(b"cert", b"key")
    settings.update(changes)
    return IotProvider(**settings)


def iot_request():
    peer = Peer(good(), piece=7)
    provider = iot()
    found = run(provider.fetch(), peer)
    head = bytes(peer.sent)
    true(
        "path", head.startswith(b"GET /role-aliases/up%2Fload/credentials HTTP/1.1\r\n"), repr(head)
    )
    true("host", b"\r\nHost: c.example\r\n" in head)
    true("thing", b"\r\nx-amzn-iot-thingname: dev:1\r\n" in head)
    true("no more", head.count(b"\r\n") == 4 and head.endswith(b"\r\n\r\n"), repr(head))
    equal("where", peer.steps[0], "connect https c.example 443")
    true("closed", not peer.open)
    equal("who", (found.access_key_id, found.session_token), (b"AKID", b"TOKEN"))
    equal("ends", found.expires_at, to_seconds("20261122T130000Z"))
    key = found.signing_key(b"20261122", b"us-east-1", b"s3")
    wanted = Credentials("AKID", "hush").signing_key(b"20261122", b"us-east-1", b"s3")
    equal("the secret", key.signature(b"x"), wanted.signature(b"x"))
    peer = Peer(good())
    run(iot(endpoint="c.example:8443", thing_name=None).fetch(), peer)
    true("port", b"\r\nHost: c.example:8443\r\n\r\n" in bytes(peer.sent))
    for field, values in (
        ("endpoint", ("", "https://c.example", "c.example/x", None)),
        ("role_alias", ("", None, "a" * 129)),
        ("thing_name", ("", 1, "a" * 129)),
        ("identity", (None, "cert")),
    ):
        for value in values:
            refuses(RequestError, field, iot, **{field: value})
    raises("no header injection", RequestError, iot, thing_name="a\r\nb: c")


def iot_replies():
    for size in (1, 700, 4096, 10000):
        found = run(iot().fetch(), Peer(good(token="t" * size), piece=501))
        equal("token of %d" % size, found.session_token, b"t" * size)
    found = run(iot().fetch(), Peer(good(secret="a\\/b+c")))
    equal("escaped secret", bytes(found._secret), b"a/b+c")
    chunked = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = (REPLY % ("AKID", "hush", "TOKEN", "2026-11-22T13:00:00Z")).encode()
    for piece in (10, 100, 500):
        text = chunked
        for at in range(0, len(body), piece):
            part = body[at : at + piece]
            text += b"%x\r\n%s\r\n" % (len(part), part)
        found = run(iot().fetch(), Peer(text + b"0\r\n\r\n", piece=64))
        equal("chunked by %d" % piece, found.session_token, b"TOKEN")
    for size in (LIMIT, LIMIT + 300):
        refuses(ProtocolError, "limit", run, iot().fetch(), Peer(good(token="t" * size)))
    endless = chunked + b"fff0\r\n" + b"x" * 16000
    refuses(ProtocolError, "limit", run, iot().fetch(), Peer(endless))
    whole = good()
    for cut in range(1, len(whole), 7):
        raises("cut at %d" % cut, ProtocolError, run, iot().fetch(), Peer(whole[:-cut]))
    for bad in (
        reply(""),
        reply("{}"),
        reply("[]"),
        reply("<html/>"),
        reply('{"credentials":null}'),
        reply('{"credentials":{"accessKeyId":1}}'),
        reply(REPLY.replace('"%s"', "%s", 1) % (1, "hush", "TOKEN", "2026-11-22T13:00:00Z")),
        good(key=""),
        good(key="A B"),
        good(key="A" * 129),
        good(secret=""),
        good(secret="hush b"),
        good(secret="hush" * 65),
        good(token=""),
        good(token="a b"),
        good(token="\\u00e9"),
        good(ends=""),
        good(ends="soon"),
        good(ends="2026-11-22 13:00:00Z"),
        good(ends="2026-11-22T13:00:00"),
        good(ends="2026-11-22T13:00:00+02:00"),
        good(ends="2026-13-22T13:00:00Z"),
        good(ends="2026-11-22T13:00:0"),
        reply(good()[good().find(b"{") :] + b"{}"),
    ):
        error = raises("refused %r" % bad[-60:], ProtocolError, run, iot().fetch(), Peer(bad))
        true("nothing shown", "hush" not in str(error) and "TOKEN" not in str(error), str(error))


def iot_refusals():
    for status, text, head, code, said in (
        (403, '{"message":"Invalid certificate"}', "", "403", "Invalid certificate"),
        (404, '{"message":"x"}', "x-amzn-errortype: NotFound:http://a/\r\n", "NotFound", "x"),
        (400, '{"__type":"a.b#Bad","Message":"y"}', "", "Bad", "y"),
        (403, "<html>", "", "403", "X"),
        (403, '{"message":"' + "m" * 9000 + '"}', "", "403", "X"),
        (302, "", "Location: https://elsewhere.example/\r\n", "302", "X"),
    ):
        peer = Peer(reply(text, status, head))
        error = raises("%d" % status, ServiceError, run, iot().fetch(), peer)
        equal("what it says", (error.status, error.code, error.message), (status, code, said))
        equal("asked once", len([s for s in peer.steps if s[:7] == "connect"]), 1)
    peer = Peer(reply("", 503))
    raises("twice", ServiceError, run, iot().fetch(), peer)
    equal("two attempts", len([s for s in peer.steps if s[:7] == "connect"]), 2)
    alert = OSError(-0x7780, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE")
    peer = Peer(good(), fail={1: alert, 4: alert})
    refuses(ProtocolError, "certificate", run, iot().fetch(), peer)
    peer = Peer(good(), fail={0: OSError(111, "refused"), 2: OSError(111, "refused")})
    raises("a network's own error", OSError, run, iot().fetch(), peer)


def times():
    wanted = to_seconds("20180118T091806Z")
    for text in (
        "2018-01-18T09:18:06Z",
        "2018-01-18T09:18:06.123Z",
        "2018-01-18T09:18:06+00:00",
        "2018-01-18T09:18:06.123456789+00:00",
    ):
        equal(text, expiry(text), wanted)
    for text in (
        None,
        "",
        "2018-01-18T09:18:06",
        "2018-01-18T09:18:06z",
        "2018-01-18T09:18:06.x",
        "20180118T091806Z",
        "2018-01-18T09:18:60Z",
        "2018-02-30T09:18:06Z",
        "-018-01-18T09:18:06Z",
        "2018-01-18T09:18:06ZZ",
    ):
        raises("no time %r" % text, ProtocolError, expiry, text)
    equal("2099", expiry("2099-12-31T23:59:59Z"), to_seconds("20991231T235959Z"))


def identities():
    class Context:
        def load_cert_chain(self, certificate, key):
            self.got = (certificate, key)

    for good_one in (b"x", bytearray(b"x"), lambda: b"x"):
        ClientIdentity(good_one, good_one)
    for bad in (None, 1, [b"x"]):
        refuses(RequestError, "certificate", ClientIdentity, bad, b"x")
        refuses(RequestError, "private_key", ClientIdentity, b"x", bad)
    for certificate, key, field in (
        ("nowhere.pem", b"k", "certificate"),
        (b"c", "nowhere.pem", "private_key"),
        (b"c", lambda: b"", "private_key"),
    ):
        refuses(RequestError, field, ClientIdentity(certificate, key).load_into, Context())
    equal("nothing shown", repr(ClientIdentity(b"CERT", b"KEY")), "<ClientIdentity>")
    io = steps.Io()
    equal("none by default", io.identity, None)


def unsigned():
    request = Unsigned("POST", "https://h.example/a?b=c", [("X-A", "1")], b"body")
    equal(
        "head",
        bytes(request.head_view()),
        b"POST /a?b=c HTTP/1.1\r\nHost: h.example\r\nX-A: 1\r\nContent-Length: 4\r\n\r\n",
    )
    peer = Peer(reply("ok"))
    exchange = Exchange()
    response = run(exchange.run(lambda: request, request), peer)
    true("sent", bytes(peer.sent).endswith(b"\r\n\r\nbody") and response.status == 200)
    plain = Unsigned("GET", "http://h.example/")
    refuses(RequestError, "insecure_http", run, exchange.run(lambda: plain))


def renewal():
    for kind in (Clock, Interval):
        clock = kind()
        source = Source(clock)
        who = TemporaryCredentials(source, clock, entropy=zeros)
        refuses(CredentialsError, "credentials", getattr, who, "access_key_id")
        true("says so", "none yet" in repr(who))
        run(who.ensure())
        equal(
            "first",
            (who.access_key_id, who.session_token, who.source),
            (b"AKID1", b"TOKEN1", "source"),
        )
        true(
            "shown", "AKID1" in repr(who) and "TOKEN" not in repr(who) and "secret" not in repr(who)
        )
        for at in (0, 1000, 2500):
            clock.at = NOW + at
            run(who.ensure())
        equal("asked once", source.asked, 1)
        clock.at = NOW + 2701
        run(who.ensure())
        equal(
            "renewed a quarter of an hour before", (source.asked, who.access_key_id), (2, b"AKID2")
        )
        equal("its end", who.expires_at, NOW + 2701 + 3600)
        who.wipe()
        refuses(CredentialsError, "credentials", getattr, who, "session_token")
        run(who.ensure())
        equal("anew", who.access_key_id, b"AKID3")


def outage():
    """The provider is down for an hour: a few questions, signing until the end, then not."""
    clock = Clock()
    source = Source(clock)
    who = TemporaryCredentials(source, clock, entropy=lambda n: b"\x80" * n)
    signer = Signer(who, "us-east-1", "s3", clock)
    run(who.ensure())
    source.fail = OSError(111, "down")
    signed = refused = 0
    for at in range(2700, 6300, 10):
        clock.at = NOW + at
        try:
            run(who.ensure())
            signer.sign("GET", "https://example.com/a")
            signed = at
        except (CredentialsExpired, OSError):
            refused = refused or at
    equal("signed until a minute before the end", signed, 3540)
    equal("then refused", refused, 3550)
    asked = source.asked
    true("asked now and then", 8 <= asked <= 30, "asked %d times" % asked)
    clock.at += 1
    error = raises("says why", (CredentialsExpired, OSError), run, who.ensure())
    if isinstance(error, CredentialsExpired):
        true("says why", "down" in str(error) and "next try in" in str(error), str(error))
    source.fail = None
    clock.at += 400
    run(who.ensure())
    true("back", signer.sign("GET", "https://example.com/a").signature)
    equal("no grudge", (who.last_error, source.asked), (None, asked + 1))


def first_failure():
    clock = Clock()
    source = Source(clock)
    who = TemporaryCredentials(source, clock, entropy=zeros)
    for error in (ServiceError(403, "403", "no"), OSError(111, "down"), ProtocolError("cut")):
        source.fail = error
        raises("as it is", type(error), run, who.ensure())
        asked = source.asked
        raises("left alone", CredentialsExpired, run, who.ensure())
        equal("not asked", source.asked, asked)
        clock.at += 400
    for life in (59, 0, -3600):
        source.fail = None
        source.life = life
        refuses(ProtocolError, "expires_at", run, who.ensure())
        refuses(CredentialsError, "credentials", getattr, who, "access_key_id")
        clock.at += 400
    source.life = 10**9
    run(who.ensure())
    equal("2099 ends in 36 hours", who.expires_at, clock.at + 129600)

    class Broken(Clock):
        def require(self, service):
            raise ClockError("no time")

    raises("no clock", ClockError, run, TemporaryCredentials(source, Broken()).ensure())


def step_through(tasks, on_step=None):
    """Run operations side by side, a step each in turn; return their results or errors."""
    done = [None] * len(tasks)
    live = dict(enumerate(tasks))
    while live:
        for i in sorted(live):
            try:
                live[i].send(None)
            except StopIteration:
                done[i] = "ok"
                del live[i]
            except Exception as error:
                done[i] = error
                del live[i]
        if on_step:
            on_step()
    return done


def single_flight():
    clock = Clock()
    source = Source(clock)
    who = TemporaryCredentials(source, clock, entropy=zeros)
    equal("all ok", step_through([who.ensure() for _ in range(5)]), ["ok"] * 5)
    equal("one fetch", source.asked, 1)
    clock.at += 3000  # due, but good: nobody waits
    tasks = [who.ensure() for _ in range(4)]
    next(tasks[0])
    equal("the others go on", [_ended(task) for task in tasks[1:]], [True] * 3)
    equal("one fetch more", (source.asked, _ended(tasks[0])), (2, True))
    clock.at += 4000  # over: all wait
    tasks = [who.ensure() for _ in range(3)]
    for task in tasks:
        next(task)
    equal("one asks", source.asked, 3)
    tasks[0].close()  # a cancelled task leaves the next one to ask
    equal("another takes over", step_through(tasks[1:]), ["ok", "ok"])
    equal("asked again", source.asked, 4)
    clock.at += 4000
    source.fail = OSError(111, "down")
    found = step_through([who.ensure() for _ in range(3)])
    equal("one asked in vain", source.asked, 5)
    kinds = [isinstance(found[0], OSError)]
    kinds += [isinstance(error, CredentialsExpired) for error in found[1:]]
    equal("all refused", kinds, [True] * 3)


def _ended(task):
    try:
        next(task)
    except StopIteration:
        return True
    return False


class Answers(Peer):
    """A peer with another answer for each connection; the last one stays."""

    def __init__(self, *answers):
        super().__init__(answers[0])
        self._answers = list(answers)
        self.keys = []
        self.slept = []

    def connect(self, step):
        super().connect(step)
        self.answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def send(self, step):
        data = bytes(step.buffer[step.start : step.length])
        at = data.find(b"Credential=")
        if at >= 0:
            self.keys.append(data[at + 11 :].split(b"/")[0])
        return super().send(step)

    def sleep(self, step):
        self.slept.append(step.ms)


def refused_keys():
    """A service that doesn't take a key: a pause of 5 s, a new key, and the request once more."""
    clock = Clock()
    source = Source(clock)
    who = TemporaryCredentials(source, clock, entropy=zeros)
    signer = Signer(who, "us-east-1", "s3", clock)
    exchange = Exchange(credentials=who, entropy=zeros)
    fault = _CodeFault
    peer = Answers(reply("ExpiredToken", 400), reply("", 200))
    response = run(
        exchange.run(lambda: signer.sign("GET", "https://h.example/"), fault=fault), peer
    )
    equal("done", (response.status, peer.keys), (200, [b"AKID1", b"AKID2"]))
    true("paused", 5000 in peer.slept, repr(peer.slept))
    peer = Answers(reply("InvalidAccessKeyId", 403))
    error = raises(
        "given up",
        ServiceError,
        run,
        exchange.run(lambda: signer.sign("GET", "https://h.example/"), fault=fault),
        peer,
    )
    equal("what it said", (error.code, len(peer.keys), source.asked), ("InvalidAccessKeyId", 3, 4))
    peer = Answers(reply("AccessDenied", 403))
    raises(
        "not about the key",
        ServiceError,
        run,
        exchange.run(lambda: signer.sign("GET", "https://h.example/"), fault=fault),
        peer,
    )
    equal("once", (len(peer.keys), source.asked), (1, 4))
    static = Signer(Credentials("AKID", "secret"), "us-east-1", "s3", clock)
    peer = Answers(reply("ExpiredToken", 400))
    exchange = Exchange(credentials=static.credentials)
    raises(
        "static ones stay",
        ServiceError,
        run,
        exchange.run(lambda: static.sign("GET", "https://h.example/"), fault=fault),
        peer,
    )
    equal("once", len(peer.keys), 1)


class _CodeFault:
    def __init__(self):
        self.text = b""

    def take(self, buffer, start, end):
        self.text += bytes(memoryview(buffer)[start:end])

    def error(self, response):
        return ServiceError(response.status, self.text.decode(), "said so")


def rotation():
    """Keys in use outlive a rotation; what is retired is wiped by the next."""
    clock = Clock()
    source = Source(clock)
    who = TemporaryCredentials(source, clock, entropy=zeros)
    run(who.ensure())
    signer = Signer(who, "us-east-1", "s3", clock)
    prepared = signer.prepare("GET", "https://example.com/a")
    first = prepared.seal()
    key, old = first.signing_key(), who._held
    clock.at += 3000
    run(who.ensure())
    equal("the old secret is gone", old._secret, None)
    true("its key signs on", key.signature(b"x"))
    true("for the request that it sealed", first.signing_key() is key)
    second = prepared.seal()
    true("the new one", b"AKID2" in second.head and b"TOKEN2" in second.head)
    true("no trace of the old", b"AKID1" not in second.head and b"TOKEN1" not in second.head)
    pads = key._hmac
    clock.at += 3000
    run(who.ensure())
    equal("wiped", (bytes(pads._inner), bytes(pads._outer)), (bytes(64), bytes(64)))
    refuses(CredentialsError, "signing_key", key.signature, b"x")


def chains():
    def static(name):
        return StaticProvider(Credentials(name, "secret"))

    nothing = StaticProvider(None)
    nothing.name = "nothing"

    def breaks():
        raise OSError(111, "down")

    broken = CallbackProvider(breaks, "broken")
    chain = Chain(nothing, CallbackProvider(lambda: None), static("AKID"))
    found = run(chain.fetch())
    equal("the third", (found.access_key_id, chain.source), (b"AKID", "static"))
    equal("why not the others", [name for name, why in chain.skipped], ["nothing", "callback"])
    true("said", "configured" in chain.skipped[0][1] and "none" in chain.skipped[1][1])
    raises("a failure is none of them", OSError, run, Chain(nothing, broken, static("A")).fetch())
    chain = Chain(broken, static("B"), go_on=True)
    equal("unless wanted", run(chain.fetch()).access_key_id, b"B")
    equal("said", chain.skipped[0][0], "broken")
    chain = Chain(nothing, nothing)
    error = raises("none", CredentialsError, run, chain.fetch())
    equal("all are named", str(error).count("nothing: "), 2)
    raises("empty", RequestError, Chain)

    answers = [None, ("AKID2", "secret", "T", NOW + 3600)]
    chain = Chain(CallbackProvider(lambda: answers[0], "a"), static("AKID1"))
    run(chain.fetch())
    answers[0] = answers[1]
    equal("kept", run(chain.fetch()).access_key_id, b"AKID1")

    def operation():
        yield steps.Io().sleep(1)
        return answers[1]

    for function in (lambda: answers[1], operation):
        found = run(CallbackProvider(function).fetch())
        equal("tuple", (found.session_token, found.expires_at), (b"T", NOW + 3600))
    raises("odd", RequestError, run, CallbackProvider(lambda: 5).fetch())
    who = TemporaryCredentials(Chain(nothing, static("AKID9")), Clock(), entropy=zeros)
    run(who.ensure())
    equal("source", (who.source, who.expires_at), ("static", None))
    true("shown", "ever" in repr(who))
    true("it signs", Signer(who, "us-east-1", "s3", Clock()).sign("GET", "https://a.example/"))


def containers():
    for uri in (
        "http://127.0.0.1/x",
        "http://127.255.0.9:80/x",
        "http://localhost:8080/",
        "http://[::1]/",
        "http://169.254.170.2/v2?id=1",
        "http://169.254.170.23/",
        "http://[fd00:ec2::23]/",
        "https://anything.example/",
        "https://10.0.0.1/",
    ):
        ContainerProvider(uri)
    for uri in (
        "http://example.com/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://169.254.170.24/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.256/",
        "http://127.0.0.1@example.com/",
        "http://0127.0.0.1/",
        "http://localhost.example.com/",
        "http://[fd00:ec2::24]/",
        "http://[::ffff:127.0.0.1]/",
        "ftp://localhost/",
        "localhost",
        "",
        None,
    ):
        refuses(RequestError, "full_uri", ContainerProvider, uri)
    text = '{"AccessKeyId":"AKID","SecretAccessKey":"secret","Token":"TOKEN",'
    text += '"Expiration":"2026-11-22T13:00:00Z","RoleArn":"x","Code":"Success"}'
    with open("auth-token", "wb") as file:
        file.write(b"Bearer from-file\n")
    for token, wanted in (
        (None, None),
        (b"Basic abc", b"\r\nAuthorization: Basic abc\r\n"),
        ("auth-token", b"\r\nAuthorization: Bearer from-file\r\n"),
        (lambda: b"fresh", b"\r\nAuthorization: fresh\r\n"),
    ):
        peer = Peer(reply(text))
        found = run(ContainerProvider("http://127.0.0.1:81/a?b=c", token).fetch(), peer)
        equal("who", (found.access_key_id, found.session_token), (b"AKID", b"TOKEN"))
        true("path", bytes(peer.sent).startswith(b"GET /a?b=c HTTP/1.1\r\n"))
        equal("token", b"Authorization" in peer.sent, wanted is not None)
        true("it", wanted is None or wanted in peer.sent, repr(peer.sent))
    for token in (b"a\r\nX-B: c", b"a\nb", b"a\x00b"):
        provider = ContainerProvider("http://127.0.0.1/", token)
        error = raises("injection", RequestError, run, provider.fetch(), Peer(reply(text)))
        true("not shown", "X-B" not in str(error))
    env = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}
    peer = Peer(reply(text))
    run(ContainerProvider.from_environment(env.get).fetch(), peer)
    equal("relative", peer.steps[0], "connect http 169.254.170.2 80")
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost:9/y"}
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "auth-token"
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "other"
    peer = Peer(reply(text))
    run(ContainerProvider.from_environment(env.get).fetch(), peer)
    true("the file wins", b"Bearer from-file" in peer.sent and b"other" not in peer.sent)
    refuses(CredentialsError, "provider", ContainerProvider.from_environment, {}.get)
    import os

    os.remove("auth-token")


def on_host():
    env = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
    found = run(EnvironmentProvider(env.get).fetch())
    equal(
        "who", (found.access_key_id, found.session_token, found.expires_at), (b"AKID", None, None)
    )
    env.update(AWS_SESSION_TOKEN="T", AWS_CREDENTIAL_EXPIRATION="2026-11-22T12:00:00Z")
    found = run(EnvironmentProvider(env.get).fetch())
    equal("temporary", (found.session_token, found.expires_at), (b"T", NOW))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        less = dict(env)
        less[name] = ""
        refuses(CredentialsError, "provider", run, EnvironmentProvider(less.get).fetch())
    text = b"# mine\n[default]\naws_access_key_id = AKID1\r\naws_secret_access_key=a=b/c\n\n"
    text += b"[profile other]\nAWS_ACCESS_KEY_ID=AKID2\naws_secret_access_key=s2\n"
    text += b"aws_session_token = T2\ns3 =\n  addressing_style = path\n[half]\n"
    text += b"aws_access_key_id=AKID3\n"
    with open("credentials", "wb") as file:
        file.write(text)
    for profile, key, token in ((None, b"AKID1", None), ("other", b"AKID2", b"T2")):
        found = run(ConfigFileProvider(profile, "credentials", {}.get).fetch())
        equal("profile", (found.access_key_id, found.session_token), (key, token))
    equal(
        "a value with =",
        bytes(run(ConfigFileProvider(None, "credentials", {}.get).fetch())._secret),
        b"a=b/c",
    )
    env = {"AWS_PROFILE": "other", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
    equal("named", run(ConfigFileProvider(getenv=env.get).fetch()).access_key_id, b"AKID2")
    for profile in ("half", "nobody"):
        provider = ConfigFileProvider(profile, "credentials", {}.get)
        refuses(CredentialsError, "provider", run, provider.fetch())
    with open("credentials", "wb") as file:
        for _ in range(70):  # a heap in pieces has no 70,000 bytes in one
            file.write(b"x" * 1000)
    for path in ("nowhere", "credentials"):
        provider = ConfigFileProvider(None, path, {}.get)
        refuses(CredentialsError, "provider", run, provider.fetch())
    import os

    os.remove("credentials")


_section.run(
    iot_request,
    iot_replies,
    iot_refusals,
    times,
    identities,
    unsigned,
    renewal,
    outage,
    first_failure,
    single_flight,
    refused_keys,
    rotation,
    chains,
    containers,
    on_host,
)
