"""The audit: a line for each signed request, in a ring that survives torn and changed lines."""

import os
from binascii import hexlify
from hashlib import sha256

import _check
from aws_script import DATE, NOW, Service, answer, client_of

from sigv4_mp import S3
from sigv4_mp.errors import ClockError, CredentialsError, ServiceError
from sigv4_mp.services.audit import Audited, AuditLog
from sigv4_mp.services.kinesis import kinesis

SECRETS = (b"secret", b"T" * 100, b"Signature", b"reading")


class List:
    """A log that is a list."""

    def __init__(self):
        self.lines = []

    def write(self, fields):
        self.lines.append(fields)


def clear():
    for name in ("ring.0", "ring.1"):
        try:
            os.remove(name)
        except OSError:
            pass


def content():
    text = b""
    for name in ("ring.0", "ring.1"):
        try:
            with open(name, "rb") as file:
                text += file.read()
        except OSError:
            pass
    return text


def audited(log, **options):
    client = client_of("kinesis", token="T" * 900, **options)
    client.exchange = Audited(client.exchange, log)
    return client


def check_line():
    clear()
    log = AuditLog("ring")
    client = audited(log)
    client.signer.clock.now = lambda: (NOW * 1000 - 40, NOW * 1000 + 40)
    prepared = []
    prepare = client.signer.prepare
    client.signer.prepare = lambda *given: prepared.append(prepare(*given)) or prepared[-1]
    peer = Service(answer(200, "{}", "x-amzn-RequestId: id-1"))
    peer.run(client.call("PutRecord", {"Data": b"reading"}))
    (record,) = list(log.read())
    hasher = sha256()
    prepared[0].write_canonical_request(hasher.update)
    wanted = (
        "0",
        DATE,
        str(NOW * 1000 - 40),
        str(NOW * 1000 + 40),
        "AKIDEXAMPLE",
        "20260301/us-east-1/kinesis/aws4_request",
        "POST",
        "kinesis.us-east-1.amazonaws.com",
        "/",
        hexlify(hasher.digest()).decode(),
        "200",
        "id-1",
    )
    _check.equal("a line", tuple(record), wanted)
    _check.equal("no secrets", [word for word in SECRETS if word in content()], [])
    _check.true("its length", len(content()) < 320, str(len(content())))


def outcomes(*answers, **options):
    """Return what the log says of the attempts of one call."""
    log = List()
    client = audited(log, **options)
    try:
        Service(*answers).run(client.call("X", {"a": "reading"}))
    except (ServiceError, OSError, ClockError, CredentialsError):
        pass
    return [(line[-2], line[-1]) for line in log.lines]


def check_outcomes():
    slow = answer(400, '{"__type":"ThrottlingException"}', "x-amzn-requestid: r1")
    for label, found, wanted in (
        ("good", outcomes(answer(200, "{}")), [("200", "-")]),
        (
            "at last",
            outcomes(slow, OSError(104), answer(200, "{}")),
            [("400/ThrottlingException", "r1"), ("no-answer", "-"), ("200", "-")],
        ),
        ("denied", outcomes(answer(403)), [("403/403", "-")]),
        ("no network", outcomes(OSError(104, "reset"), attempts=1), [("OSError/104", "-")]),
        (
            "a failed function",
            outcomes(answer(200, "{}", "X-Amz-Function-Error: E"), attempts=1),
            [("200", "-")],
        ),
    ):
        _check.equal("outcome: " + label, found, wanted)
    log = List()
    client = audited(log)
    sink = kinesis(client, "s")
    sink.add(b"reading")
    whole = answer(200, '{"Records":[{"ErrorCode":"InternalFailure"}]}')
    good = answer(200, '{"Records":[{"SequenceNumber":"1"}]}')
    _check.equal("a batch", Service(whole, good).run(sink.send()), [])
    found = [line[-2] for line in log.lines]
    _check.equal("a batch's outcomes", found, ["503/InternalFailure", "200"])
    client.signer.clock = None
    sink.clear()
    sink.add(b"reading")
    _check.raises("no clock", ClockError, Service().run, sink.send())
    _check.equal("nothing signed, nothing written", len(log.lines), 2)
    client = audited(log)
    operation = client.call("X")
    next(operation)
    operation.close()
    _check.equal("given up", log.lines[-1][-2], "cancelled")
    s3 = S3(client.signer._but("service", b"s3"), "https://s3.us-east-1.amazonaws.com", "bucket")
    s3.exchange = Audited(s3.exchange, log)
    Service(answer(200, "")).run(s3.put_object("a b", b"reading"))
    found = (log.lines[-1][-2], log.lines[-1][6], log.lines[-1][7])
    _check.equal("S3 too", found, ("200", "bucket.s3.us-east-1.amazonaws.com", "/a%20b"))
    sealed = client.signer.sign("GET", "https://h/p%20q?secret=1")
    peer = Service(answer(204))
    peer.run(client.exchange.perform(sealed))
    _check.equal("perform", (log.lines[-1][-2], log.lines[-1][7]), ("204", "/p%20q"))


def fields(number):
    return ["d", "-", "-", "A", "s", "GET", "h", "/%d" % number, "0" * 64, "200", "-"]


def check_ring():
    clear()
    log = AuditLog("ring", 2048, every=3)
    for number in range(40):
        log.write(fields(number))
    log.commit()
    found = [int(record.number) for record in log.read()]
    _check.equal("the newest are kept", found, list(range(found[0], 40)))
    _check.true("some of them", 8 < len(found) < 24, str(len(found)))
    _check.true("bounded", len(content()) <= 2048, str(len(content())))
    log.close()
    again = AuditLog("ring", 2048)
    again.write(fields(40))
    found = [int(record.number) for record in again.read()]
    _check.equal("goes on after a reboot", found[-2:], [39, 40])
    again.write(["a b\nc", "", "ü"] + ["x" * 300] + fields(1)[4:])
    last = list(again.read())[-1]
    _check.equal("odd text", (last.amz_date, last.earliest_ms, last.latest_ms), ("a?b?c", "-", "?"))
    _check.equal("long text", len(last.access_key_id), 256)
    again.close()


def check_damage():
    """A cut at every byte, and a wrong bit in every byte: good lines stay, others are counted."""
    clear()
    log = AuditLog("ring", 4096)
    for number in range(3):
        log.write(fields(number))
    log.close()
    with open("ring.0", "rb") as file:
        whole = file.read()
    size = len(whole) // 3
    bad = []
    for cut in range(len(whole)):
        with open("ring.0", "wb") as file:
            file.write(whole[:cut])
        log = AuditLog("ring", 4096)
        log.write(fields(7))
        found = [int(record.number) for record in log.read()]
        good = list(range((cut + 1) // size))  # the end of the line alone may be missing
        torn = cut % size not in (0, size - 1)
        if found != good + [len(good)] or log.damaged != (1 if torn else 0):
            bad.append(cut)
        log.close()
    _check.equal("cut anywhere", bad, [])
    bad = []
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        with open("ring.0", "wb") as file:
            file.write(changed)
        log = AuditLog("ring", 4096)
        found = [int(record.number) for record in log.read()]
        # A changed end of a line takes the next one with it.
        if len(found) not in (1, 2) or not log.damaged:
            bad.append(at)
    _check.equal("a wrong bit anywhere", bad, [])


def check_full():
    """A log that can't be written: sending goes on, unless it is strict."""
    log = AuditLog("no/such/folder/ring")
    client = audited(log)
    _check.equal("sent", Service(answer(200, '{"a":1}')).run(client.call("X")), {"a": 1})
    _check.equal("counted", log.lost, 1)
    client = audited(AuditLog("no/such/folder/ring", strict=True))
    _check.raises("strict", OSError, Service(answer(200, "{}")).run, client.call("X"))


check_line()
check_outcomes()
check_ring()
check_damage()
check_full()
clear()
_check.done()
