"""Claims of docs/security.md that no other body covers: quoted tokens, equal time, framing."""

import os

import _section
from _check import equal, raises, true
from aws_script import DATE, Service, answer, client_of
from net_script import Peer

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.digest import equal as same
from sigv4_mp.errors import RequestError, ServiceError
from sigv4_mp.net.exchange import Exchange
from sigv4_mp.services.audit import Audited, AuditLog, _fields_of
from sigv4_mp.services.fault import Fault

TOKEN = "MARKED-TOKEN/0123456789+/="
SECRET = "MARKED-SECRET/0123456789"
# What AWS's services answer to a wrong secret (the text is Kinesis's and DynamoDB's).
SAID = (
    "The request signature we calculated does not match the signature you provided. Check your"
    " AWS Secret Access Key and signing method.%sThe Canonical String for this request should"
    " have been%s'POST%s/%s%sx-amz-date:20260301T120000Z%sx-amz-security-token:" + TOKEN
)


def quoted_token():
    """A service that quotes the canonical request quotes the token: no error shows it."""
    body = '{"__type":"x#InvalidSignatureException","message":"%s"}' % (SAID % (("\\n",) * 6))
    client = client_of("kinesis", token=TOKEN)
    peer = Service(answer(400, body))
    error = raises("JSON", ServiceError, peer.run, client.call("ListStreams"))
    shown(error, "InvalidSignatureException")
    body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message></Error>"
    body = (body + "<RequestId>r</RequestId></ErrorResponse>") % (SAID % (("\n",) * 6))
    client = client_of("sts", token=TOKEN)
    peer = Service(answer(403, body))
    error = raises("query", ServiceError, peer.run, client.call("GetCallerIdentity"))
    shown(error, "SignatureDoesNotMatch")
    signer = Signer(Credentials("AKID", SECRET, TOKEN), "us-east-1", "s3", FixedClock(DATE))
    operation = Exchange().run(lambda: signer.sign("GET", "https://h/"), fault=Fault)
    error = raises("S3's fault", ServiceError, Peer(answer(403, body)).run, operation)
    shown(error, "SignatureDoesNotMatch")


def shown(error, code):
    """Check that an error says what it is about, without the token."""
    text = "%s %r %s" % (error, error, error.message)
    equal("its code", error.code, code)
    true("it says why", "does not match" in text, text)
    true("it shows no token", "MARKED" not in text, text)


class Counted:
    """A buffer that counts how often it is read."""

    def __init__(self, data):
        self.data = data
        self.reads = 0

    def __len__(self):
        return len(self.data)

    def __getitem__(self, at):
        self.reads += 1
        return self.data[at]


def equal_time():
    """Wherever two signatures differ, all of both is read."""
    good = b"0123456789abcdef" * 4
    for at in (None, 0, 1, 31, 63):
        other = bytearray(good)
        if at is not None:
            other[at] ^= 1
        one, two = Counted(good), Counted(bytes(other))
        equal("differs at %s" % at, same(one, two), at is None)
        equal("reads", (one.reads, two.reads), (64, 64))
    for length in (0, 63, 65):
        equal("%d bytes" % length, same(good, (good * 2)[:length]), False)


def presigned():
    """The object, and what an audit notes of it, hold no part of the query."""
    signer = Signer(Credentials("AKID", SECRET, TOKEN), "us-east-1", "s3", FixedClock(DATE))
    sealed = signer.prepare_presigned("GET", "https://h/key?a=PRIVATE", 60).seal()
    true("the URL has it", sealed.signature in sealed.url and "PRIVATE" in sealed.url)
    for text in (repr(sealed), str(sealed), " ".join(_fields_of(sealed))):
        true("no signature", sealed.signature not in text, text)
        true("no query", "PRIVATE" not in text and "X-Amz" not in text, text)


def audit_of_a_hostile_server():
    """What a server says can't make the line of its own request unreadable."""
    log = AuditLog("hostile", 16384)
    client = client_of("kinesis", attempts=1, endpoint="https://vpce." + "h" * 63 + ".example")
    client.signer.clock.now = lambda: (1772366400000, 1772366400000)
    client.exchange = Audited(client.exchange, log)
    told = answer(400, '{"__type":"%s"}' % ("E" * 300), "x-amzn-requestid: " + "i" * 900)
    path = "/" + "p" * 500 + "?" + "q" * 500
    raises("refused", ServiceError, Service(told).run, client.request("POST", path, b"x"))
    (record,) = list(log.read())
    equal("its line is whole", (log.damaged, record.outcome[:6]), (0, "400/EE"))
    equal("and cut", (len(record.path), len(record.request_id)), (256, 256))
    log.close()
    os.remove("hostile.0")


def framing():
    """What two servers could read in two ways is refused before anything is signed."""
    signer = Signer(Credentials("AKID", SECRET), "us-east-1", "s3", FixedClock(DATE))
    both = [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]
    for name, headers, field in (
        ("two framings", both, "transfer-encoding"),
        ("the other way round", both[::-1], "transfer-encoding"),
        ("two lengths", both[:1] * 2, "content-length"),
        ("two hosts", [("Host", "a.example"), ("host", "b.example")], "host"),
        ("a line end", [("X-A", "b\r\nX-C: d")], "x-a"),
        ("a line end in a name", [("X-A\r\nX-C", "d")], "headers"),
    ):
        error = raises(name, RequestError, signer.sign, "PUT", "https://h/", headers, b"abc")
        equal(name + ": field", error and error.field, field)


_section.run(quoted_token, equal_time, presigned, audit_of_a_hostile_server, framing)
