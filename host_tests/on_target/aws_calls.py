"""Calls to services: what is sent, what comes back, what errors say; a script is the service."""

import json

import _check
from aws_script import NOW, Service, answer, client_of

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.errors import ProtocolError, RequestError, ServiceError
from sigv4_mp.services.aws import Aws

CALLER = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/&#252;</Arn><Account>1</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"""
FAULT = """<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code>
<Message>no &lt;topic&gt;</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"""


def header(head, name):
    """Return a header's value from a request's head, str, or None."""
    for line in head.decode().split("\r\n")[1:]:
        found, _, value = line.partition(":")
        if found.lower() == name:
            return value.strip()
    return None


def check_json():
    client = client_of("dynamodb")
    peer = Service(answer(200, '{"Attributes":{"a":{"N":"1"}}}'), answer(200))
    item = {"TableName": "t", "Item": {"id": {"S": 'ü"'}, "b": {"B": b"\x00\xff"}}}
    _check.equal(
        "answer", peer.run(client.call("PutItem", item)), {"Attributes": {"a": {"N": "1"}}}
    )
    _check.equal("empty answer", peer.run(client.call("PutItem", item)), {})
    _check.equal("host", peer.host, "dynamodb.us-east-1.amazonaws.com")
    head = peer.heads[0]
    _check.equal("line", head.split(b"\r\n")[0], b"POST / HTTP/1.1")
    _check.equal("target", header(head, "x-amz-target"), "DynamoDB_20120810.PutItem")
    _check.equal("type", header(head, "content-type"), "application/x-amz-json-1.0")
    _check.equal("length", int(header(head, "content-length")), len(peer.bodies[0]))
    signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-target,"
    _check.true("signed", signed in header(head, "authorization"), head.decode())
    item["Item"]["b"]["B"] = "AP8="
    _check.equal("body", json.loads(peer.bodies[0]), item)
    _check.equal("the same again", peer.bodies[1], peer.bodies[0])


def check_prepared_once():
    client = client_of("ssm", token="T" * 900)
    made = []
    prepare = client.signer.prepare
    client.signer.prepare = lambda *given: made.append(1) or prepare(*given)
    peer = Service(*[answer(200, "{}")] * 4)
    for name in ("GetParameter", "GetParameter", "PutParameter", "PutParameter"):
        peer.run(client.call(name, {"Name": name}))
    _check.equal("prepared once an action", len(made), 2)
    _check.true("the token is sent", b"X-Amz-Security-Token: " + b"T" * 900 in peer.heads[3])
    _check.equal("its own body", json.loads(peer.bodies[2]), {"Name": "PutParameter"})


def check_query():
    peer = Service(
        answer(200, CALLER), answer(200, CALLER.replace("</GetCallerIdentityResult>", ""))
    )
    client = client_of("sts", attempts=1)
    found = peer.run(client.call("GetCallerIdentity"))
    _check.equal(
        "answer", found, {"Arn": "arn:aws:iam::1:user/ü", "Account": "1", "RequestId": "r"}
    )
    _check.equal("body", peer.bodies[0], b"Action=GetCallerIdentity&Version=2011-06-15")
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    _check.equal("type", header(peer.heads[0], "content-type"), kind)
    _check.raises(
        "tags that don't match", ProtocolError, peer.run, client.call("GetCallerIdentity")
    )
    peer = Service(answer(200, CALLER))
    error = _check.raises(
        "limit", ProtocolError, peer.run, client.call("GetCallerIdentity", limit=60)
    )
    _check.equal("limit's field", error and error.field, "limit")
    peer = Service(answer(200, "<html></html>"))
    _check.raises("not its answer", ProtocolError, peer.run, client.call("GetCallerIdentity"))


def check_rest():
    client = client_of("lambda")
    peer = Service(
        answer(200, b"\xff\x00"), answer(200, '{"e":1}', "X-Amz-Function-Error: Unhandled")
    )
    path = "/2015-03-31/functions/f%3A1/invocations"
    response = peer.run(
        client.request("POST", path, b"{}", [("Content-Type", "x/y")], [("a", "ü")])
    )
    _check.equal("body back", (response.status, response.body), (200, b"\xff\x00"))
    line = b"POST /2015-03-31/functions/f%3A1/invocations?a=%C3%BC HTTP/1.1"
    _check.equal("line", peer.heads[0].split(b"\r\n")[0], line)
    error = _check.raises(
        "the function failed", ServiceError, peer.run, client.request("POST", path)
    )
    _check.equal("its code", error and (error.status, error.code), (200, "Unhandled"))
    _check.equal("empty body", peer.bodies[1], b"")
    _check.raises("path", RequestError, client.request, "GET", "x")
    _check.raises("no actions", RequestError, client.call, "Invoke")
    client = client_of("iotdata", endpoint="https://h")
    big = bytearray(131073)
    _check.raises("too big", RequestError, client.request, "POST", "/topics/t", big)


def check_errors():
    for label, response, wanted in (
        ("type", answer(400, '{"__type":"a.b#XException","message":"m"}'), ("XException", "m")),
        ("plain", answer(400, '{"__type":"XException","Message":"M"}'), ("XException", "M")),
        ("header", answer(403, "", "x-amzn-ErrorType: YException:http://x/"), ("YException", "X")),
        ("both", answer(400, '{"__type":"Z"}', "X-Amzn-Errortype: Y"), ("Y", "X")),
        ("code", answer(404, '{"code":"NotFound","message":null}'), ("NotFound", "X")),
        ("gateway", answer(403, '{"message":"Forbidden"}'), ("403", "Forbidden")),
        ("nothing", answer(418), ("418", "X")),
        ("garbage", answer(400, "{garbage"), ("400", "X")),
        ("cut", answer(400, '{"__type":"Cut","message":"m'), ("Cut", "X")),
        ("long", answer(400, '{"__type":"L","message":"%s"}' % ("x" * 9000)), ("L", "x" * 512)),
        ("deep", answer(400, '{"a":' * 40), ("400", "X")),
        ("nested", answer(400, '{"a":{"__type":"no"},"__type":"Yes"}'), ("Yes", "X")),
        ("odd", answer(400, '{"__type":7,"message":[1]}'), ("7", "X")),
        ("xml", answer(400, FAULT), ("InvalidParameter", "no <topic>")),
        ("xml, cut", answer(400, FAULT[:70]), ("InvalidParameter", "X")),
        ("html", answer(403, "<html><p>no</html>"), ("403", "X")),
    ):
        for piece in (1, 4096):
            error = _check.raises(
                "error: " + label,
                ServiceError,
                Service(response, piece=piece).run,
                client_of("kinesis", attempts=1).call("ListShards"),
            )
            _check.equal("its words: " + label, error and (error.code, error.message), wanted)
    peer = Service(answer(400, "{}", "x-amzn-RequestId: 1-2"))
    error = _check.raises("id", ServiceError, peer.run, client_of("sqs").call("X"))
    _check.equal("request id", error and error.request_id, "1-2")


def check_retries():
    slow = '{"__type":"ProvisionedThroughputExceededException"}'
    peer = Service(answer(400, slow), OSError(104), answer(500), answer(200, '{"a":1}'))
    _check.equal("at last", peer.run(client_of("kinesis").call("X", {"b": 2})), {"a": 1})
    _check.equal("each the same", peer.bodies, [b'{"b":2}'] * 3)
    _check.equal("pauses", peer.slept, [32, 64, 129])
    peer = Service(answer(200, "{garbage"), answer(200, "[1]"), answer(200, "{}"))
    _check.equal("garbage is tried again", peer.run(client_of("logs").call("X")), {})
    peer = Service(answer(200, '{"a":' * 3000), answer(200, "[" * 3000))
    _check.raises(
        "deep", ProtocolError, peer.run, client_of("logs", attempts=2).call("X", limit=9999)
    )
    peer = Service(answer(400, '{"__type":"AccessDeniedException"}'))
    _check.raises("not again", ServiceError, peer.run, client_of("logs").call("X"))
    peer = Service(answer(200, '{"a":"%s"}' % ("x" * 5000)))
    error = _check.raises("long answer", ProtocolError, peer.run, client_of("logs").call("X"))
    _check.equal("long answer's field", error and error.field, "limit")


def refused(service="kinesis", region="us-east-1", token=None, **options):
    """Return the field that a client of these settings is refused for, or None."""
    signer = Signer(Credentials("A", "s", token), region, service, FixedClock("20260301T120000Z"))
    try:
        client = Aws(signer, **options)
    except RequestError as error:
        return error.field
    return client.endpoint


def check_settings():
    base = "https://kinesis.%s.%s"
    for label, found, wanted in (
        ("aws", refused(), base % ("us-east-1", "amazonaws.com")),
        ("china", refused(region="cn-north-1"), base % ("cn-north-1", "amazonaws.com.cn")),
        ("europe", refused(region="eusc-de-east-1"), base % ("eusc-de-east-1", "amazonaws.eu")),
        ("isolated", refused(region="us-iso-east-1"), "endpoint"),
        ("iot", refused("iotdata"), "endpoint"),
        ("gateway", refused("execute-api"), "endpoint"),
        ("unknown", refused("events"), "protocol"),
        ("wrong", refused("events", protocol="soap"), "protocol"),
        ("no target", refused("events", protocol="json1.1"), "target"),
        ("http", refused(endpoint="http://localhost"), "insecure_http"),
        ("path", refused(endpoint="https://h/"), "endpoint"),
        ("name", refused(endpoint="h"), "endpoint"),
    ):
        _check.equal("settings: " + label, found, wanted)
    client = client_of("events", protocol="json1.1", target="AWSEvents")
    peer = Service(answer(200, "{}"))
    peer.run(client.call("PutEvents", {"Entries": []}))
    _check.equal("a new service", header(peer.heads[0], "x-amz-target"), "AWSEvents.PutEvents")
    client = client_of("kinesis", token="t", endpoint="http://localhost", insecure_http=True)
    error = _check.raises("token", RequestError, Service(b"").run, client.call("X"))
    _check.equal("token's field", error and error.field, "insecure_http")
    client = client_of("dynamodb", buffer_size=100)
    item = {"TableName": "t", "Item": {"id": {"S": "x" * 100}}}
    error = _check.raises("buffer", RequestError, Service().run, client.call("PutItem", item))
    _check.equal("buffer's field", error and error.field, "parameters")
    item["Item"]["id"]["S"] = "x" * 409600
    error = _check.raises("item", RequestError, client.call, "PutItem", item)
    _check.equal("item's field", error and error.field, "Item")


def check_times():
    day = 86400
    for label, age, good in (
        ("now", 0, True),
        ("two weeks", 14 * day, True),
        ("older", 14 * day + 1, False),
        ("two hours ahead", -7200, True),
        ("later", -7201, False),
    ):
        event = {"timestamp": (NOW - age) * 1000, "message": "m"}
        datum = {"MetricName": "m", "Timestamp": NOW - age, "Value": 1}
        for service, name, parameters in (
            ("logs", "PutLogEvents", {"logEvents": [event]}),
            ("monitoring", "PutMetricData", {"MetricData": [{"MetricName": "n"}, datum]}),
        ):
            peer = Service(answer(200, "{}"))
            try:
                peer.run(client_of(service).call(name, parameters))
                found = True
            except RequestError:
                found = False
            _check.equal("%s, %s" % (name, label), (found, len(peer.heads)), (good, int(good)))


check_json()
check_times()
check_prepared_once()
check_query()
check_rest()
check_errors()
check_retries()
check_settings()
_check.done()
