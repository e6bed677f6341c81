"""Floor 1 of credentials: the JSON of providers, when to renew, scoped keys, the store."""

import os
import sys
from binascii import crc32

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp import Signer
from sigv4_mp.amzdate import from_seconds, to_seconds
from sigv4_mp.device.credentials import Credentials
from sigv4_mp.device.json_fields import JsonFields
from sigv4_mp.device.lifecycle import LONGEST, Lifecycle
from sigv4_mp.device.scoped import MAGIC, ScopedKeys, pack
from sigv4_mp.device.secret_store import MOST, SecretStore, open_store
from sigv4_mp.errors import CredentialsError, CredentialsExpired, ProtocolError, RequestError
from sigv4_mp.keys import derive_signing_key

NOW = to_seconds("20261122T120000Z")
LOW, HIGH = b"\x00\x00", b"\xff\xff"


def json_fields():
    text = b' {"credentials" : {"accessKeyId":"AKID","n":1.4794033964E9,"o":1479403396.9,"e":""},'
    text += b'"list":[{"a":"b"},[1,2,{"c":null}],[]],"t":true,"x":null,"slash":"a\\/b\\u002b\\n"}\n'
    for data in (text, bytearray(text)):
        fields = JsonFields(data)
        equal("text", fields.get("credentials/accessKeyId"), "AKID")
        equal("empty", fields.get("credentials/e"), "")
        equal("float with exponent", fields.number("credentials/n"), 1479403396)
        equal("float", fields.number("credentials/o"), 1479403396)
        equal("escapes", fields.secret("slash"), bytearray(b"a/b+\n"))
        equal("no string", (fields.get("x"), fields.get("t"), fields.get("none")), (None,) * 3)
        equal("nothing of arrays", (fields.get("list/a"), fields.get("a")), (None, None))
        equal("an object is no string", fields.get("credentials"), None)
        raises("number is no text", ProtocolError, fields.get, "credentials/n")
        equal("text is no number", fields.number("credentials/accessKeyId"), None)
    for number, value in ((b"0", 0), (b"12e2", 1200), (b"1.5e1", 15), (b"1e+3", 1000)):
        equal("number", JsonFields(b'{"n":' + number + b"}").number("n"), value)
    for number in (b"-5", b"1e-3", b"1e999", b"1.2.3", b"9" * 30):
        raises("odd number", ProtocolError, JsonFields(b'{"n":' + number + b"}").number, "n")


def json_refusals():
    good = b'{"a":{"b":"c"},"d":[1,"e"]}'
    JsonFields(good)
    for end in range(len(good)):
        raises("cut at %d" % end, ProtocolError, JsonFields, good[:end])
    for bad in (
        b"",
        b"[]",
        b'"a"',
        b"1",
        b"null",
        good + b"x",
        good + good,
        b'{"a":1,}',
        b'{"a":[1,]}',
        b"{a:1}",
        b'{"a" 1}',
        b"{'a':1}",
        b'{"a":"b\nc"}',
        b'{"a":"b\\x"}',
        b'{"a":nope}',
        b'{"a":01x}',
        b'{"a":"b" "c":1}',
        b'{"a":1}}',
        b'{"a":"b","a":"c"}',
        b'{"a":{"b":"1"},"a":{"b":"2"}}',
        b'{"a":' * 12 + b"1" + b"}" * 12,
        b'{"a":' + b"[" * 12 + b"]" * 12 + b"}",
        b'{"' + b"n" * 65 + b'":1}',
        b'{"\xff":"1"}',
    ):
        raises("refused %r" % bad[:30], ProtocolError, JsonFields, bad)
    for text in (b'"\\u00e9"', b'"\\ud83d"', b'"\\u12"', b'"\\uzzzz"'):
        fields = JsonFields(b'{"a":' + text + b"}")
        raises("escape %r" % text, ProtocolError, fields.secret, "a")
    raises("no UTF-8", ProtocolError, JsonFields(b'{"a":"\xff"}').get, "a")


def lifecycle():
    life = Lifecycle()
    true("due at once", life.due(NOW) and not life.usable(NOW))
    for lifetime, window in ((3600, 900), (43200, 900), (900, 300), (2400, 800)):
        for entropy, share in ((LOW, 0), (HIGH, window // 2)):
            equal("ends", life.fetched(NOW, NOW + lifetime, entropy), NOW + lifetime)
            at = NOW + lifetime - window + share
            equal("refresh of %d" % lifetime, life.refresh_at, at)
            true("not before", not life.due(at - 1) and life.due(at))
            true("still good then", life.usable(at))
    for lifetime in (60, 90, 120, 180, 300):
        for entropy in (LOW, HIGH):
            life.fetched(NOW, NOW + lifetime, entropy)
            true("not at once", not life.due(NOW))
            for at in range(NOW, NOW + lifetime + 10, 5):
                true("no gap at %d of %d" % (at - NOW, lifetime), life.due(at) or life.usable(at))
    equal("2099 is not believed", life.fetched(NOW, NOW + 10**9, LOW), NOW + LONGEST)
    true("usable", life.usable(NOW + LONGEST - 60) and not life.usable(NOW + LONGEST - 59))
    for lifetime in (59, 0, -1, -86400):
        refuses(ProtocolError, "expires_at", life.fetched, NOW, NOW + lifetime, LOW)
    equal("a refusal changes nothing", life.expires_at, NOW + LONGEST)
    equal("for ever", life.fetched(NOW, None, LOW), None)
    true("never due", not life.due(NOW + 10**9) and life.usable(NOW + 10**9))


def back_off():
    life = Lifecycle()
    now = NOW
    waits = []
    for _ in range(9):
        true("allowed", life.due(now))
        life.failed(now, HIGH)
        waits.append(life.wait(now))
        true("not yet", not life.due(now) and not life.due(now + waits[-1] - 1))
        now += waits[-1]
    equal("the most", waits, [10, 20, 40, 80, 160, 300, 300, 300, 300])
    life = Lifecycle()
    waits = []
    for _ in range(9):
        life.failed(NOW, LOW)
        waits.append(life.wait(NOW))
    equal("the least", waits, [5, 10, 20, 40, 80, 150, 150, 150, 150])
    equal("a clock set back does not stop it", life.wait(NOW - 86400), 0)
    life.fetched(NOW, NOW + 3600, LOW)
    equal("success ends it", (life.wait(NOW), life.failures), (0, 0))
    life.failed(NOW + 2800, LOW)
    true("good all the same", life.usable(NOW + 2801) and not life.due(NOW + 2801))
    life.fetched(NOW, NOW + 3600, LOW)
    life.refused(NOW + 5)
    true("refused is due", life.due(NOW + 5))


def fleet():
    """Ten thousand devices with credentials of the same second do not ask in the same minute."""
    minutes = {}
    for i in range(0, 65536, 16):
        life = Lifecycle()
        life.fetched(NOW, NOW + 3600, bytes((i >> 8, i & 255)))
        minute = (life.refresh_at - NOW) // 60
        minutes[minute] = minutes.get(minute, 0) + 1
    true("over 7 minutes", len(minutes) >= 7, repr(minutes))
    true("evenly", max(minutes.values()) < 4096 // 6, repr(minutes))


def deadline():
    """Nothing is signed that the credentials don't outlive."""
    end = NOW + 3600
    who = Credentials("AKID", "secret", "TOKEN", end)
    signer = Signer(who, "us-east-1", "s3")
    url = "https://example.com/a"
    for left, good in ((3600, True), (60, True), (59, False), (0, False), (-1, False)):
        date = from_seconds(end - left)
        if good:
            true("signed", signer.sign("GET", url, amz_date=date).signature)
            signer.presign("GET", url, left, amz_date=date)
        else:
            refuses(CredentialsExpired, "expires_at", signer.sign, "GET", url, amz_date=date)
        longer = max(left, 0) + 1
        refuses(CredentialsExpired, "expires_at", signer.presign, "GET", url, longer, amz_date=date)
    prepared = signer.prepare("GET", url)
    true("sealed", prepared.seal(amz_date=from_seconds(NOW)).signature)
    refuses(CredentialsExpired, "expires_at", prepared.seal, amz_date=from_seconds(end))
    error = raises(
        "told", CredentialsExpired, signer.presign, "GET", url, 7200, amz_date=from_seconds(NOW)
    )
    true("how long", "3600 s" in str(error) and "presign" in str(error), str(error))
    from sigv4_mp.post_policy import presign_post

    date = from_seconds(NOW)
    true("form", presign_post(signer, "bucket", "k", 3600, amz_date=date))
    refuses(
        CredentialsExpired, "expires_at", presign_post, signer, "bucket", "k", 3601, amz_date=date
    )
    refuses(CredentialsError, "expires_at", Credentials, "A", "s", "T", "2026-11-22T13:00:00Z")
    for_ever = Signer(Credentials("AKID", "secret"), "us-east-1", "s3")
    true("no end", for_ever.presign("GET", url, 604800, amz_date=from_seconds(end)))


def dropped_secret():
    who = Credentials("AKID", bytearray(b"secret"), "TOKEN")
    signer = Signer(who, "us-east-1", "s3")
    first = signer.sign("GET", "https://example.com/a", amz_date="20261122T120000Z").signature
    held = who._secret
    who.drop_secret()
    equal("zero", (bytes(held), who._secret), (bytes(6), None))
    again = signer.sign("GET", "https://example.com/a", amz_date="20261122T120000Z").signature
    equal("the day's key goes on", again, first)
    for date, region in (("20261123T000000Z", "us-east-1"), ("20261122T120000Z", "eu-west-1")):
        other = Signer(who, region, "s3")
        refuses(
            CredentialsError,
            "secret_access_key",
            other.sign,
            "GET",
            "https://example.com/a",
            amz_date=date,
        )
    who.wipe()
    equal("no token either", who.session_token, None)


def a_pack(days=3, **changes):
    keys = []
    for day in range(days):
        date = from_seconds(NOW + 86400 * day)[:8]
        keys.append((date, derive_signing_key(b"secret", date, b"eu-west-1", b"s3")))
    names = {"access_key_id": "AKID", "region": "eu-west-1", "service": "s3"}
    return pack(keys=keys, **dict(names, **changes))


def scoped_keys():
    data = a_pack()
    with open("scoped.keys", "wb") as file:
        file.write(data)
    for source in (data, bytearray(data), "scoped.keys", lambda: data):
        keys = ScopedKeys(source)
        equal("days", (keys.first_date, keys.last_date), (b"20261122", b"20261124"))
        equal("who", (keys.access_key_id, keys.session_token), (b"AKID", None))
        signer = Signer(keys, "eu-west-1", "s3")
        whole = Signer(Credentials("AKID", "secret"), "eu-west-1", "s3")
        for date in ("20261124T235959Z", "20261122T000000Z", "20261123T120000Z"):
            args = ("GET", "https://example.com/a")
            equal(
                "signs as the secret does",
                signer.sign(*args, amz_date=date).signature,
                whole.sign(*args, amz_date=date).signature,
            )
        refuses(
            CredentialsExpired,
            "scope_date",
            signer.sign,
            "GET",
            "https://example.com/a",
            amz_date="20261125T000000Z",
        )
        refuses(
            CredentialsExpired, "scope_date", keys.signing_key, b"20261125", b"eu-west-1", b"s3"
        )
        refuses(CredentialsError, "scope_date", keys.signing_key, b"20261121", b"eu-west-1", b"s3")
        refuses(CredentialsError, "region", keys.signing_key, b"20261122", b"us-east-1", b"s3")
        refuses(CredentialsError, "service", keys.signing_key, b"20261122", b"eu-west-1", b"sqs")
        for date, left in (
            (b"20261122", 2),
            (b"20261124", 0),
            (b"20261125", -1),
            (b"20270101", -1),
        ):
            equal("days left", keys.days_left(date + b"T120000Z"), left)
        current = keys._current._key._hmac
        keys.wipe()
        equal("wiped", bytes(current._inner), bytes(64))
        refuses(CredentialsError, "signing_key", keys.signing_key, b"20261122", b"eu-west-1", b"s3")
    os.remove("scoped.keys")
    with_token = ScopedKeys(a_pack(session_token="TOKEN+/="))
    equal("token", with_token.session_token, b"TOKEN+/=")
    true("not shown", "TOKEN" not in repr(with_token))


def scoped_refusals():
    data = a_pack()
    for end in range(len(data)):
        if not isinstance(_error(data[:end]), CredentialsError):
            true("cut at %d" % end, False, repr(_error(data[:end])))
    taken = []
    for at in range(len(data)):
        for bit in (1, 0x80):
            changed = bytearray(data)
            changed[at] ^= bit
            if not isinstance(_error(changed), CredentialsError):
                taken.append(at)
    equal("every flipped bit is found", taken, [])
    refuses(CredentialsError, "scoped_keys", ScopedKeys, data + b"x")
    for head in (
        b"AKID eu-west-1 s3 0",
        b"AKID eu-west-1 s3",
        b"AKID eu-west-1 s3 401",
        b"a" * 9000,
    ):
        body = MAGIC + head + b"\n"
        refuses(CredentialsError, "scoped_keys", ScopedKeys, body + crc32(body).to_bytes(4, "big"))
    for bad in ({"access_key_id": "A K"}, {"region": ""}, {"session_token": "a b"}):
        raises("refused to pack", (CredentialsError, RequestError), a_pack, **bad)


def _error(data):
    try:
        return ScopedKeys(data)
    except CredentialsError as error:
        return error


class FakeNvs:
    """esp32.NVS as MicroPython documents it."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.kept = {}
        self.commits = 0

    def set_blob(self, key, value):
        if len(key) > 15:
            raise ValueError("key")
        self.kept[key] = bytes(value)

    def get_blob(self, key, buffer):
        if key not in self.kept:
            raise OSError(-0x1102, "ESP_ERR_NVS_NOT_FOUND")
        value = self.kept[key]
        if len(value) > len(buffer):
            raise OSError(-0x110C, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(value)] = value
        return len(value)

    def erase_key(self, key):
        if key not in self.kept:
            raise OSError(-0x1102, "ESP_ERR_NVS_NOT_FOUND")
        del self.kept[key]

    def commit(self):
        self.commits += 1


class FakeEsp32:
    NVS = FakeNvs


def store():
    files = SecretStore("store-test")
    stores = [files]
    sys.modules["esp32"] = FakeEsp32
    try:
        stores.append(open_store())
    finally:
        del sys.modules["esp32"]
    equal("NVS where there is one", repr(stores[1]), "<NvsStore>")
    equal("files elsewhere", repr(open_store()), "<SecretStore>")
    for one in stores:
        equal("nothing yet", one.get("key"), None)
        one.remove("key")
        refuses(CredentialsError, "key", one.reader("key"))
        for data in (b"first", bytearray(b"second, and longer"), b"3", bytes(MOST)):
            one.set("key", data)
            equal("kept", (one.get("key"), one.reader("key")()), (bytes(data), bytes(data)))
        one.set("cert", b"c")
        one.remove("key")
        equal("removed, that one only", (one.get("key"), one.get("cert")), (None, b"c"))
        for name in ("", "a/b", "..", "A", "a" * 16, None, "a\x00"):
            refuses(RequestError, "name", one.get, name)
            refuses(RequestError, "name", one.set, name, b"x")
        for data in (b"", "text", bytes(MOST + 1), None):
            refuses(RequestError, "data", one.set, "key", data)
    true("committed", stores[1]._nvs.commits >= 6)
    equal("no half file is left", sorted(os.listdir("store-test")), ["cert"])
    # What was half written when the power went is not seen, and the next one overwrites it.
    with open("store-test/cert.new", "wb") as file:
        file.write(b"half")
    equal("old until whole", files.get("cert"), b"c")
    files.set("cert", b"d")
    equal("new once whole", files.get("cert"), b"d")
    files.remove("cert")
    os.rmdir("store-test")


_section.run(
    json_fields,
    json_refusals,
    lifecycle,
    back_off,
    fleet,
    deadline,
    dropped_secret,
    scoped_keys,
    scoped_refusals,
    store,
)
