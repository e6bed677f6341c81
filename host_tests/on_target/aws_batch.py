"""Batches: filled to their limits, partly refused, refused for one record, answered nonsense."""

import json
from binascii import a2b_base64

import _check
from aws_script import NOW, Service, answer, client_of

from sigv4_mp import Credentials, FixedClock
from sigv4_mp.errors import ClockError, ProtocolError, RequestError, ServiceError
from sigv4_mp.services.batch import DELIVERED, REFUSED, WAITING
from sigv4_mp.services.cloudwatch import metrics
from sigv4_mp.services.dynamodb import dynamodb
from sigv4_mp.services.functions import gateway, invoke
from sigv4_mp.services.iot import iot
from sigv4_mp.services.kinesis import firehose, kinesis
from sigv4_mp.services.logs import logs
from sigv4_mp.services.sns import sns
from sigv4_mp.services.sqs import sqs

THROTTLED = "ProvisionedThroughputExceededException"


def filled(sink, payloads):
    """Add the payloads, which must all fit; return the sink."""
    for number, payload in enumerate(payloads):
        if not sink.add(payload, "id-%d" % number, 7, NOW - 100 + number):
            _check.report("a batch takes %r" % payload, False)
    return sink


def put(*outcomes):
    """Return Kinesis' answer: a code of an error, or None, for each record."""
    records = []
    for code in outcomes:
        if code:
            records.append({"ErrorCode": code, "ErrorMessage": "m"})
        else:
            records.append({"SequenceNumber": "4" * 56, "ShardId": "shardId-000000000000"})
    failed = len([code for code in outcomes if code])
    return answer(200, json.dumps({"FailedRecordCount": failed, "Records": records}))


def data_of(body):
    return [a2b_base64(record["Data"].encode()) for record in json.loads(body)["Records"]]


def check_bodies():
    client = client_of("kinesis")
    peer = Service(put(None, None))
    sink = filled(kinesis(client, 'str"eam', "pump-<stream>"), (b"\x00\xff", b"b" * 500))
    _check.equal("count", sink.count, 2)
    _check.equal("all delivered", peer.run(sink.send()), [])
    _check.equal("states", [sink.state(i) for i in range(2)], [DELIVERED] * 2)
    body = json.loads(peer.bodies[0])
    _check.equal("names", (body["StreamName"], len(body)), ('str"eam', 2))
    _check.equal("keys", [record["PartitionKey"] for record in body["Records"]], ["pump-7"] * 2)
    _check.equal("data", data_of(peer.bodies[0]), [b"\x00\xff", b"b" * 500])
    _check.equal("an empty batch sends nothing", Service().run(empty(sink).send()), [])
    for label, sink, payload, wanted in others():
        peer = Service(*[answer(200, "{}")] * 4)
        try:
            peer.run(filled(sink, [payload]).send())
        except (ServiceError, ProtocolError):
            pass  # the answer is another service's; the request is looked at
        body = peer.bodies[0]
        body = json.loads(body) if isinstance(wanted, dict) else body
        _check.equal("body of " + label, body, wanted)


def empty(sink):
    sink.clear()
    return sink


def check_sealed_again():
    """Compiled once; each batch and each try has the time and the credentials of its moment."""
    client = client_of("kinesis")
    made = []
    prepare = client.signer.prepare
    client.signer.prepare = lambda *given: made.append(1) or prepare(*given)
    sink = kinesis(client, "s")
    peer = Service(*[put(None)] * 2, answer(500), put(None))
    peer.run(filled(sink, [b"a"]).send())
    client.signer.clock = FixedClock("20260302T120000Z")
    sink.clear()
    peer.run(filled(sink, [b"b"]).send())
    client.signer.credentials = Credentials("AKIDOTHER", "other", "T" * 500)
    sink.clear()
    peer.run(filled(sink, [b"c"]).send())
    _check.equal("prepared once", len(made), 1)
    dates = [b"X-Amz-Date: " + date in head for date, head in zip(DATES, peer.heads)]
    _check.equal("dates", dates, [True] * 4)
    _check.true("the old key", b"Credential=AKIDEXAMPLE/20260302/" in peer.heads[1])
    for head in peer.heads[2:]:
        _check.true("the new key", b"Credential=AKIDOTHER/20260302/" in head)
        _check.true("its token", b"X-Amz-Security-Token: " + b"T" * 500 in head)
    ends = [head.rpartition(b"Signature=")[2] for head in peer.heads]
    _check.equal("signatures", len(set(ends)), 3)  # the last two sign the same, in one second


DATES = (b"20260301T120000Z",) + (b"20260302T120000Z",) * 3


def others():
    text = 'a"ü\n'.encode()
    yield (
        "firehose",
        firehose(client_of("firehose"), "d"),
        b"abc",
        {"DeliveryStreamName": "d", "Records": [{"Data": "YWJj"}]},
    )
    events = [{"timestamp": (NOW - 100) * 1000, "message": 'id-0 a"ü\n'}]
    yield (
        "logs",
        logs(client_of("logs"), "g", "s", "<id> <text>"),
        text,
        {"logGroupName": "g", "logStreamName": "s", "logEvents": events},
    )
    datum = {"MetricName": "m", "Timestamp": NOW - 100, "Value": 20.5, "Unit": "Percent"}
    datum["Dimensions"] = [{"Name": "site", "Value": "ü"}]
    yield (
        "metrics",
        metrics(client_of("monitoring"), "n", "m", "Percent", {"site": "ü"}),
        b"20.5",
        {"Namespace": "n", "MetricData": [datum]},
    )
    item = {"id": {"S": "id-0"}, "time": {"N": str(NOW - 100)}, "data": {"S": 'a"ü\n'}}
    yield (
        "dynamodb",
        dynamodb(client_of("dynamodb"), "t"),
        text,
        {"RequestItems": {"t": [{"PutRequest": {"Item": item}}]}},
    )
    yield (
        "items",
        dynamodb(client_of("dynamodb"), "t", "<json>"),
        json.dumps(item).encode(),
        {"RequestItems": {"t": [{"PutRequest": {"Item": item}}]}},
    )
    message = {"Id": "0", "MessageBody": 'a"ü\n'}
    yield (
        "sqs",
        sqs(client_of("sqs"), "https://q/1/a"),
        text,
        {"QueueUrl": "https://q/1/a", "Entries": [message]},
    )
    message = dict(message, MessageGroupId="g-7", MessageDeduplicationId="id-0")
    yield (
        "fifo",
        sqs(client_of("sqs"), "https://q/1/a", "g-<stream>"),
        text,
        {"QueueUrl": "https://q/1/a", "Entries": [message]},
    )
    form = b"Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Ax&Message=a%22%C3%BC%0A"
    yield "sns", sns(client_of("sns"), "arn:aws:sns:x"), text, form
    things = client_of("iotdata", endpoint="https://h")
    yield "iot", iot(things, "a/b c"), b"\x00\xff", b"\x00\xff"
    yield "lambda", invoke(client_of("lambda"), "f"), b"[1]", b"[1]"
    api = client_of("execute-api", endpoint="https://h")
    yield "gateway", gateway(api, "/prod/x"), b"\xff", b"\xff"


def check_lines():
    things = client_of("iotdata", endpoint="https://h")
    peer = Service(answer(200))
    _check.equal("iot", peer.run(filled(iot(things, "a/b c"), [b"x"]).send()), [])
    line = b"POST /topics/a%2Fb%20c?qos=1 HTTP/1.1"
    _check.equal("a topic in the path", peer.heads[0].split(b"\r\n")[0], line)
    peer = Service(answer(202))
    _check.equal("lambda", peer.run(filled(invoke(client_of("lambda"), "a:b"), [b"1"]).send()), [])
    line = b"POST /2015-03-31/functions/a%3Ab/invocations HTTP/1.1"
    _check.equal("a function in the path", peer.heads[0].split(b"\r\n")[0], line)
    _check.true("queued", b"X-Amz-Invocation-Type: Event" in peer.heads[0])
    peer = Service(answer(200, "", "X-Amz-Function-Error: Handled"))
    sink = filled(invoke(client_of("lambda"), "f", True), [b"1"])
    error = _check.raises("the function fails", ServiceError, peer.run, sink.send())
    _check.equal("its code", error and error.code, "Handled")
    for topic in ("", "a/#", "a/+/b", "x" * 257):
        _check.raises("topic " + topic[:5], RequestError, iot, things, topic)
    _check.raises("qos", RequestError, iot, things, "t", 2)
    client = client_of("kinesis")
    _check.raises("an unknown mark", RequestError, kinesis, client, "s", "<key>")


def added(sink, payload, count, **more):
    """Add a payload at most `count` times; return how often it was taken."""
    for number in range(count):
        if not sink.add(payload, "i%d" % number, **more):
            return number
    return count


def check_full():
    for label, make, wanted in (
        ("sqs", lambda: sqs(client_of("sqs"), "q"), 10),
        ("dynamodb", lambda: dynamodb(client_of("dynamodb"), "t"), 25),
        ("sns", lambda: sns(client_of("sns"), "t"), 1),
    ):
        _check.equal("by count: " + label, added(make(), b"x", 600), wanted)
    sink = kinesis(client_of("kinesis"), "s", size=500)
    _check.true("text is taken too", sink.add("ü" * 15, "id"))
    sink.clear()
    took = added(sink, b"x" * 30, 600)
    peer = Service(put(*[None] * took))
    _check.equal("by bytes", peer.run(sink.send()), [])
    used = len(peer.bodies[0])
    _check.true("filled to the last record", 500 - 74 < used <= 500, str(used))
    _check.equal("what was taken was sent", data_of(peer.bodies[0]), [b"x" * 30] * took)
    sink.clear()
    error = _check.raises("never fits", RequestError, sink.add, b"x" * 500)
    _check.equal("its field", error and error.field, "record")
    _check.equal("nothing stays of it", (sink.count, added(sink, b"x" * 30, 600)), (0, took))
    for label, sink, payload in (
        ("not UTF-8", sqs(client_of("sqs"), "q"), b"\xff"),
        ("not UTF-8 in a form", sns(client_of("sns"), "q"), b"a\xff"),
        ("no number", metrics(client_of("monitoring"), "n", "m"), b"1}"),
        ("no JSON", dynamodb(client_of("dynamodb"), "t", "<json>"), b'{}},{"x":1'),
    ):
        _check.raises(label, RequestError, sink.add, payload)
        _check.equal("nothing stays: " + label, sink.count, 0)


def check_times():
    day = 86400
    for label, age, wanted in (
        ("young", 10, True),
        ("just", 14 * day - 60, True),
        ("too old", 14 * day - 59, "older"),
        ("ahead", -7200, True),
        ("too new", -7201, "ahead"),
    ):
        for sink in (
            logs(client_of("logs"), "g", "s"),
            metrics(client_of("monitoring"), "n", "m"),
        ):
            try:
                found = sink.add(b"1", "", 0, NOW - age)
            except RequestError as error:
                found = str(error)
            good = wanted is found or (wanted is not True and wanted in str(found))
            _check.true("time: %s, %s" % (label, sink.service), good, str(found))
    sink = logs(client_of("logs"), "g", "s")
    times = (NOW - 90000, NOW - 90000, NOW - 3600, NOW - 3599, NOW - 4000)
    found = [sink.add(b"x", "", 0, time_s) for time_s in times]
    _check.equal("sorted, of one day", found, [True, True, True, False, False])
    sink.clear()
    _check.equal("now is after yesterday", sink.add(b"x"), True)
    _check.equal("time runs back", sink.add(b"x", "", 0, NOW - 1), False)
    sink.signer.clock = None
    sink.clear()
    _check.raises("no clock", ClockError, sink.add, b"x", "", 0, NOW)


def check_partial():
    """Only what failed is sent again, by the policy's pauses, until it gives up."""
    payloads = [b"%d" % i for i in range(6)]
    sink = filled(kinesis(client_of("kinesis"), "s"), payloads)
    some = put(None, THROTTLED, None, "InternalFailure", THROTTLED, None)
    peer = Service(some, put(THROTTLED, None, None), put(None))
    _check.equal("at last all", peer.run(sink.send()), [])
    sent = [data_of(body) for body in peer.bodies]
    _check.equal("entry by entry", sent, [payloads, [b"1", b"3", b"4"], [b"1"]])
    _check.equal("pauses", peer.slept, [32, 64])
    sink = filled(empty(sink), payloads[:3])
    peer = Service(*[put(None, THROTTLED, None)] + [put(THROTTLED)] * 3)
    _check.equal("given up", peer.run(sink.send()), [(1, THROTTLED, False)])
    _check.equal("states", [sink.state(i) for i in range(3)], [1, 0, 1])
    peer = Service(OSError(104), OSError(104), OSError(104), OSError(104))
    _check.equal("the network too", peer.run(sink.send()), [(1, THROTTLED, False)])
    peer = Service(put(None))
    _check.equal("send() again", peer.run(sink.send()), [])
    _check.equal("only that", data_of(peer.bodies[0]), [b"1"])
    sink = filled(empty(sink), payloads[:2])
    peer = Service(*[OSError(104)] * 4)
    _check.raises("nothing settled: it is raised", OSError, peer.run, sink.send())
    peer = Service(*[put(THROTTLED, THROTTLED)] * 4)
    error = _check.raises("nor any taken", ServiceError, peer.run, sink.send())
    _check.equal("the code", error and error.code, THROTTLED)


def check_firehose():
    sink = filled(firehose(client_of("firehose"), "d"), [b"a", b"b"])
    slow = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
    good = {"RecordId": "r"}
    first = {"FailedPutCount": 1, "Encrypted": False, "RequestResponses": [slow, good]}
    last = {"FailedPutCount": 0, "RequestResponses": [dict(good, ErrorCode=None)]}
    peer = Service(answer(200, json.dumps(first)), answer(200, json.dumps(last)))
    _check.equal("firehose", peer.run(sink.send()), [])
    _check.equal("the second time", data_of(peer.bodies[1]), [b"a"])


def check_sqs():
    sink = filled(sqs(client_of("sqs"), "q"), [b"%d" % i for i in range(4)])
    good = [{"MessageId": "m", "Id": "2", "MD5OfMessageBody": "x"}]
    bad = [
        {"Code": "InvalidMessageContents", "Id": "3", "Message": "m", "SenderFault": True},
        {"SenderFault": False, "Code": "InternalError", "Id": "0"},
        {"SenderFault": True, "Code": "RequestThrottled", "Id": "1"},
    ]
    first = answer(200, json.dumps({"Failed": bad, "Successful": good}))
    done = [{"Id": "1", "MessageId": "m"}, {"Id": "0", "MessageId": "m"}]
    peer = Service(first, answer(200, json.dumps({"Successful": done})))
    _check.equal("sqs", peer.run(sink.send()), [(3, "InvalidMessageContents", True)])
    _check.equal("state", sink.state(3), REFUSED)
    ids = [entry["Id"] for entry in json.loads(peer.bodies[1])["Entries"]]
    _check.equal("ids stay", ids, ["0", "1"])


def unprocessed(*names, key="id"):
    items = [{"PutRequest": {"Item": {"n": {"N": "1"}, key: {"S": name}}}} for name in names]
    return answer(200, json.dumps({"UnprocessedItems": {"t": items} if items else {}}))


def check_dynamodb():
    payloads = [b"%d" % i for i in range(4)]
    sink = filled(dynamodb(client_of("dynamodb"), "t"), payloads)
    peer = Service(unprocessed("id-3", "id-1"), unprocessed("id-1"), answer(200, "{}"))
    _check.equal("dynamodb", peer.run(sink.send()), [])
    sent = []
    for body in peer.bodies:
        items = json.loads(body)["RequestItems"]["t"]
        sent.append([item["PutRequest"]["Item"]["data"]["S"] for item in items])
    _check.equal("item by item", sent, [["0", "1", "2", "3"], ["1", "3"], ["1"]])
    sink = filled(empty(sink), payloads)
    peer = Service(unprocessed("id-9"), unprocessed("id-0", key="other"), unprocessed())
    _check.equal("items that are not known", peer.run(sink.send()), [])
    _check.equal("all of them again", len(set(peer.bodies)), 1)
    sink = filled(empty(sink), payloads[:2])
    _check.true("an id twice", sink.add(b"2", "id-1"))
    peer = Service(unprocessed("id-1", "id-9"), unprocessed())
    _check.equal("and one not known", peer.run(sink.send()), [])
    _check.equal("all again, that too", len(set(peer.bodies)), 1)
    whole = dynamodb(client_of("dynamodb"), "t", "<json>")
    _check.raises("an id of another kind", RequestError, whole.add, b'{"a":1}', 7)
    _check.true("then a good one", whole.add(b'{"id":{"S":"x"}}', "x"))
    peer = Service(unprocessed())
    peer.run(whole.send())
    items = json.loads(peer.bodies[0])["RequestItems"]["t"]
    _check.equal("nothing stays of it", len(items), 1)
    odd = answer(200, '{"UnprocessedItems":{"t":{"x":{"y":{"z":{"v":{"S":"id-0"}}}}}}}')
    sink = filled(empty(sink), payloads)
    _check.raises("an odd answer", ProtocolError, Service(*[odd] * 4).run, sink.send())


def check_logs():
    lines = [b"%d" % i for i in range(6)]
    for label, info, wanted in (
        ("none", None, []),
        ("old", {"tooOldLogEventEndIndex": 2}, [(0, "TooOld"), (1, "TooOld")]),
        ("expired", {"expiredLogEventEndIndex": 0}, [(0, "Expired")]),
        ("new", {"tooNewLogEventStartIndex": 5, "tooOldLogEventEndIndex": None}, [(5, "TooNew")]),
    ):
        sink = filled(logs(client_of("logs"), "g", "s"), lines)
        text = {"nextSequenceToken": "1", "rejectedLogEventsInfo": info}
        found = Service(answer(200, json.dumps(text))).run(sink.send())
        _check.equal("logs: " + label, found, [pair + (True,) for pair in wanted])
    sink = filled(logs(client_of("logs"), "g", "s"), lines)
    for text in ("[]", "null", "1", '""', ""):
        for other in (sink, filled(dynamodb(client_of("dynamodb"), "t"), lines)):
            peer = Service(*[answer(200, text)] * 4)
            _check.raises("no object: " + text, ProtocolError, peer.run, other.send())
    odd = answer(200, '{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":"x"}}')
    _check.raises("an odd index", ProtocolError, Service(*[odd] * 4).run, sink.send())


class Picky(Service):
    """Kinesis that refuses a request which holds one of these payloads."""

    def __init__(self, *poison):
        super().__init__()
        self.poison = poison
        self.taken = []

    def perform(self, step):
        if step.op == 0:
            self.answers = [b"later"]
        return super().perform(step)

    def _give(self, step):
        if not self._at:
            records = data_of(bytes(self._sent).partition(b"\r\n\r\n")[2])
            if [1 for record in records if record in self.poison]:
                self._answer = answer(400, '{"__type":"ValidationException","message":"m"}')
            else:
                self.taken.extend(records)
                self._answer = put(*[None] * len(records))
        return super()._give(step)


def check_poison():
    payloads = [b"%d" % i for i in range(32)]
    for poison in ([0], [31], [13], [0, 1], [5, 6, 7, 20], [30, 31], [0, 31]):
        peer = Picky(*[payloads[i] for i in poison])
        sink = filled(kinesis(client_of("kinesis"), "s"), payloads)
        found = peer.run(sink.send())
        _check.equal(
            "poison %r" % poison, found, [(i, "ValidationException", True) for i in poison]
        )
        good = [payload for payload in payloads if payload not in peer.poison]
        _check.equal("the others, in order: %r" % poison, peer.taken, good)
        _check.true("few requests: %r" % poison, len(peer.bodies) <= 12 * len(poison))
    peer = Picky(*payloads)
    sink = filled(empty(sink), payloads)
    error = _check.raises("all refused: raised", ServiceError, peer.run, sink.send())
    _check.equal("its code", error and error.code, "ValidationException")
    _check.equal("none set aside", [sink.state(i) for i in range(32)], [WAITING] * 32)
    _check.true("soon", len(peer.bodies) <= 9, str(len(peer.bodies)))
    sink = filled(empty(sink), payloads[:1])
    _check.raises("one alone", ServiceError, peer.run, sink.send())
    refused = answer(400, '{"__type":"ValidationException"}')
    sink = filled(empty(sink), payloads[:2])
    peer = Service(refused, refused, *[OSError(104)] * 4)
    _check.raises("a suspect, then no network", OSError, peer.run, sink.send())
    _check.equal("nothing is proved", [sink.state(0), sink.state(1)], [WAITING] * 2)
    denied = answer(400, '{"__type":"AccessDeniedException"}')
    sink = filled(empty(sink), payloads[:4])
    peer = Service(denied)
    _check.raises("denied is not the data's fault", ServiceError, peer.run, sink.send())


def check_hostile():
    """Answers that prove nothing leave all waiting; nothing is taken for delivered."""
    good = {"SequenceNumber": "1", "ShardId": "s"}
    for label, text in (
        ("empty", ""),
        ("object", "{}"),
        ("list", "[]"),
        ("null", "null"),
        ("no entries", '{"FailedRecordCount":0,"Records":[]}'),
        ("empty entries", '{"FailedRecordCount":0,"Records":[{},{}]}'),
        ("null proofs", '{"Records":[{"SequenceNumber":null},{"SequenceNumber":""}]}'),
        ("elsewhere", json.dumps({"Other": [good, good]})),
        ("deeper", json.dumps({"Records": [[good], {"x": good}]})),
        ("as an object", json.dumps({"Records": {"0": good}})),
        ("both", json.dumps({"Records": [dict(good, ErrorCode="E")] * 2})),
        ("html", "<html>"),
        ("cut", json.dumps({"Records": [good, good]})[:-1]),
        ("too many", '{"Records":[%s{}]}' % ('{"SequenceNumber":"1"},' * 600)),
        ("deep", "[" * 2000),
        ("without end", '{"Records":[' + "{}," * 70000),
    ):
        sink = filled(kinesis(client_of("kinesis", attempts=2), "s"), [b"a", b"b"])
        peer = Service(*[answer(200, text)] * 2)
        try:
            found = peer.run(sink.send())
        except (ProtocolError, ServiceError) as error:
            found = type(error).__name__
        _check.true("hostile: " + label, found in ("ProtocolError", "ServiceError"), str(found))
        _check.equal("hostile, states: " + label, [sink.state(0), sink.state(1)], [WAITING] * 2)
    good = put(None, None)
    for size in range(40, len(good)):
        sink = filled(kinesis(client_of("kinesis", attempts=1), "s"), [b"a", b"b"])
        try:
            Service(good[:size]).run(sink.send())
        except ProtocolError:
            if not sink.state(0) and not sink.state(1):
                continue
        _check.report("cut at %d" % size, False)
        return
    _check.true("cut anywhere", True)


check_bodies()
check_sealed_again()
check_lines()
check_full()
check_times()
check_partial()
check_firehose()
check_sqs()
check_dynamodb()
check_logs()
check_poison()
check_hostile()
_check.done()
