"""What is sent to services, against botocore: its models, its serialisers, its signer."""

import base64
import contextlib
import gzip
import json
import random
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import botocore
import botocore.session
import pytest
from botocore.serialize import create_serializer

from host_tests import oracles
from sigv4_mp.errors import ProtocolError, RequestError, ServiceError
from sigv4_mp.services import aws, limits
from sigv4_mp.services.cloudwatch import metrics
from sigv4_mp.services.dynamodb import dynamodb
from sigv4_mp.services.functions import invoke
from sigv4_mp.services.iot import iot
from sigv4_mp.services.kinesis import firehose, kinesis
from sigv4_mp.services.logs import logs
from sigv4_mp.services.sns import sns
from sigv4_mp.services.sqs import sqs
from targets import ON_TARGET

sys.path.insert(0, str(ON_TARGET))
from aws_script import DATE, NOW, Service, answer, client_of

# Our name, which is the scope's, and botocore's.
NAMES = {"monitoring": "cloudwatch", "iotdata": "iot-data"}
SESSION = botocore.session.Session()
HARD = 'ü"\\\n\t/+&=%~ \x7f€😀<b>'


def model(service):
    return SESSION.get_service_model(NAMES.get(service, service))


def rows(table):
    return [line.split("|") for line in table.split("\n")]


@pytest.mark.parametrize(
    "service, protocol, prefix",
    [row for row in rows(aws._SERVICES) if row[0] != "execute-api"],
)
def test_the_service_table_agrees_with_botocores_models(service, protocol, prefix):
    found = model(service)
    assert found.signing_name == service
    if protocol == "rest":
        assert found.metadata["protocol"] == "rest-json"
    elif protocol == "query":
        assert (found.metadata["protocol"], found.metadata["apiVersion"]) == ("query", prefix)
    else:
        assert "json" in found.metadata["protocols"]
        assert "json" + found.metadata["jsonVersion"] == protocol
        assert found.metadata["targetPrefix"] == prefix
    if service != "iotdata":
        assert found.endpoint_prefix == service


def test_the_endpoints_agree_with_botocores_rules():
    for region in ("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"):
        for service in ("kinesis", "firehose", "logs", "sqs", "ssm", "secretsmanager", "lambda"):
            client = SESSION.create_client(
                NAMES.get(service, service),
                region,
                aws_access_key_id="A",
                aws_secret_access_key="s",
            )
            assert aws._endpoint_of(service, region) == client.meta.endpoint_url


def list_limits(service, name, parameter):
    """Return (most entries, bytes of one blob or None) as botocore's model has them."""
    shape = model(service).operation_model(name).input_shape.members[parameter]
    entry = shape.member if shape.type_name == "list" else shape
    data = getattr(entry, "members", {}).get("Data", entry)
    return shape.metadata.get("max"), data.metadata.get("max") if data.type_name == "blob" else None


def test_the_limits_agree_with_botocores_models():
    looked_at = []
    for name, parameter, most, one, _, _ in rows(limits._LIMITS):
        service, action = name.split(".")
        if not parameter or action == "BatchWriteItem":
            continue
        count, size = list_limits(service, action, parameter)
        if count is not None and int(most) > 1:
            assert int(most) == count, name
            looked_at.append(name)
        if size is not None:
            assert int(one) == size, name
            looked_at.append(name)
    assert {"kinesis.PutRecords", "firehose.PutRecordBatch"} <= set(looked_at)


def test_a_batch_holds_the_limits_of_its_service():
    """By bytes, with buffers of a size that no board has."""
    for sink, payload, wanted in (
        (kinesis(client_of("kinesis"), "s", "k" * 256, 1 << 24), bytes(100000), 104),
        (firehose(client_of("firehose"), "s", 1 << 24), bytes(100000), 31),  # 4/3 of it as base64
        (logs(client_of("logs"), "g", "s", size=1 << 22), b"x" * 1000, 1022),
        (sqs(client_of("sqs"), "q", size=1 << 22), b"x" * 200000, 5),
        (sns(client_of("sns"), "t", 1 << 20), b"x" * 262144, 1),
    ):
        taken = 0
        while sink.add(payload):
            taken += 1
        assert taken == wanted, sink.service
    for sink, size in (
        (kinesis(client_of("kinesis"), "s", "k", 1 << 25), 10485760 - 256),
        (firehose(client_of("firehose"), "s", 1 << 22), 1024000),
        (sqs(client_of("sqs"), "q", size=1 << 22), 1048576),
        (sns(client_of("sns"), "t", 1 << 20), 262144),
        (iot(client_of("iotdata", endpoint="https://h"), "t", size=1 << 20), 131072),
        (invoke(client_of("lambda"), "f", size=1 << 22), 1048576),
    ):
        assert sink.add(b'"' + b"1" * (size - 2) + b'"')  # JSON, for Lambda
        sink.clear()
        with pytest.raises(RequestError, match="record: is %d bytes" % (size + 1)):
            sink.add(b"1" * (size + 1))


def serialized(service, action, parameters, protocol="json"):
    """Return botocore's request as a dict: method, url_path, query_string, headers, body."""
    operation = model(service).operation_model(action)
    return create_serializer(protocol).serialize_to_request(parameters, operation)


def sent(operation, reply=b"{}", status=200):
    """Run an operation against a script; return (line, headers, body) of its one request."""
    peer = Service(*[answer(status, reply)] * 4)
    with contextlib.suppress(ServiceError, ProtocolError):  # the answer may be another service's
        peer.run(operation)
    line, *lines = peer.heads[0].decode().split("\r\n")
    pairs = [text.split(": ", 1) for text in lines]
    return line.split(" "), [(name, value.lstrip()) for name, value in pairs], peer.bodies[0]


CALLS = [
    (
        "dynamodb",
        "PutItem",
        {"TableName": "t", "Item": {"id": {"S": HARD}, "b": {"B": b"\x00\xff"}}},
    ),
    (
        "dynamodb",
        "PutItem",
        {"TableName": "t", "Item": {"id": {"N": "1"}, "l": {"L": [{"BOOL": True}]}}},
    ),
    ("kinesis", "PutRecord", {"StreamName": "s", "Data": b"\xfe" * 400, "PartitionKey": HARD}),
    ("sqs", "SendMessage", {"QueueUrl": "https://q/1/x", "MessageBody": HARD, "DelaySeconds": 5}),
    ("ssm", "GetParameter", {"Name": "/a/b", "WithDecryption": True}),
    ("secretsmanager", "GetSecretValue", {"SecretId": HARD}),
    ("sts", "GetCallerIdentity", {}),
    (
        "sns",
        "Publish",
        {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": HARD, "Subject": "a b"},
    ),
]


@pytest.mark.parametrize("service, action, parameters", CALLS)
def test_calls_are_sent_as_botocore_sends_them(service, action, parameters):
    client = client_of(service)
    line, headers, body = sent(client.call(action, parameters))
    protocol = "query" if client.protocol == "query" else "json"
    wanted = serialized(service, action, parameters, protocol)
    compare(line, dict(headers), body, wanted)
    check_signature(client, line, headers, body)


def compare(line, headers, body, wanted):
    """Compare a request of ours with botocore's, in what the service looks at."""
    parts = urlsplit(line[1])
    assert (line[0], parts.path) == (wanted["method"], wanted["url_path"])
    query = wanted["query_string"]
    pairs = sorted(parse_qsl(parts.query))
    assert pairs == sorted((name, str(query[name])) for name in query or {})
    headers = {name.lower(): value for name, value in headers.items()}
    for name, value in wanted["headers"].items():
        # x-amzn-query-mode asks SQS for error codes as they were before it spoke JSON.
        if name.lower() not in ("user-agent", "content-length", "x-amzn-query-mode"):
            assert headers.get(name.lower()) == value
    found = wanted["body"]
    if isinstance(found, dict):
        assert sorted(parse_qsl(body.decode())) == sorted(
            (name, str(found[name])) for name in found
        )
    elif headers.get("content-type", "").startswith("application/x-amz-json"):
        assert json.loads(body) == json.loads(found)
    else:
        assert body == found


def check_signature(client, line, headers, body):
    """Have botocore's signer sign what was sent; both must agree."""
    kept = [
        pair
        for pair in headers
        if pair[0].lower() not in ("x-amz-date", "authorization", "content-length")
    ]
    case = {
        "method": line[0],
        "target": line[1],
        "headers": kept,
        "body_base64": base64.b64encode(body).decode(),
        "region": "us-east-1",
        "service": client.service,
        "amz_date": DATE,
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "secret",
    }
    ours = dict(headers)["Authorization"].rpartition("Signature=")[2]
    assert oracles.botocore_sign(case).signature == ours
    assert oracles.independent_sign(case).signature == ours


def sinks():
    """Yield (service, a sink, botocore's action, its parameters, protocol) of one record."""
    data = HARD.encode()
    client = client_of("kinesis")
    parameters = {"StreamName": "s", "Records": [{"Data": data, "PartitionKey": "k-7"}]}
    yield client, kinesis(client, "s", "k-<stream>"), "PutRecords", parameters, "json"
    client = client_of("firehose")
    parameters = {"DeliveryStreamName": "s", "Records": [{"Data": data}]}
    yield client, firehose(client, "s"), "PutRecordBatch", parameters, "json"
    client = client_of("logs")
    event = {"timestamp": NOW * 1000, "message": HARD}
    parameters = {"logGroupName": "g", "logStreamName": "s", "logEvents": [event]}
    yield client, logs(client, "g", "s"), "PutLogEvents", parameters, "json"
    client = client_of("dynamodb")
    item = {"id": {"S": "id"}, "time": {"N": str(NOW)}, "data": {"S": HARD}}
    parameters = {"RequestItems": {"t": [{"PutRequest": {"Item": item}}]}}
    yield client, dynamodb(client, "t"), "BatchWriteItem", parameters, "json"
    client = client_of("sqs")
    entry = {"Id": "0", "MessageBody": HARD, "MessageGroupId": "7", "MessageDeduplicationId": "id"}
    parameters = {"QueueUrl": "https://q/1/x", "Entries": [entry]}
    yield client, sqs(client, "https://q/1/x", "<stream>"), "SendMessageBatch", parameters, "json"
    client = client_of("sns")
    parameters = {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": HARD}
    yield client, sns(client, "arn:aws:sns:us-east-1:1:t"), "Publish", parameters, "query"
    client = client_of("iotdata", endpoint="https://x-ats.iot.us-east-1.amazonaws.com")
    parameters = {"topic": "dt/a b/ü", "qos": 1, "payload": data}
    yield client, iot(client, "dt/a b/ü"), "Publish", parameters, "rest-json"


@pytest.mark.parametrize("number", range(7))
def test_sinks_send_what_botocore_sends(number):
    client, sink, action, parameters, protocol = list(sinks())[number]
    assert sink.add(HARD.encode(), "id", 7, NOW)
    line, headers, body = sent(sink.send())
    wanted = serialized(client.service, action, parameters, protocol)
    if protocol == "rest-json":  # botocore leaves the type of a blob to the signer's caller
        wanted["headers"].pop("Content-Type", None)
    compare(line, dict(headers), body, wanted)
    check_signature(client, line, headers, body)


def test_a_metric_is_what_botocore_sends():
    client = client_of("monitoring")
    sink = metrics(client, "n", HARD, "Percent", [("site", HARD)])
    assert sink.add(b"20.5", "id", 0, NOW)
    line, headers, body = sent(sink.send())
    datum = {"MetricName": HARD, "Timestamp": NOW, "Value": 20.5, "Unit": "Percent"}
    datum["Dimensions"] = [{"Name": "site", "Value": HARD}]
    parameters = {"Namespace": "n", "MetricData": [datum]}
    compare(line, dict(headers), body, serialized("monitoring", "PutMetricData", parameters))
    check_signature(client, line, headers, body)


def test_an_invocation_is_what_botocore_sends():
    client = client_of("lambda")
    sink = invoke(client, "arn:aws:lambda:us-east-1:1:function:f:prod")
    assert sink.add(b'{"a": 1}')
    line, headers, body = sent(sink.send(), b"", 202)
    parameters = {"FunctionName": "arn:aws:lambda:us-east-1:1:function:f:prod"}
    parameters.update(InvocationType="Event", Payload=b'{"a": 1}')
    wanted = serialized("lambda", "Invoke", parameters, "rest-json")
    wanted["headers"].pop("Content-Type", None)
    compare(line, dict(headers), body, wanted)
    check_signature(client, line, headers, body)


def test_random_records_come_out_of_the_json_as_they_went_in():
    chance = random.Random(8)
    client = client_of("logs")
    for _ in range(300):
        sink = logs(client, "g", "s", size=100000)
        texts = [
            "".join(chr(chance.choice(RANGES)) for _ in range(chance.randrange(40)))
            for _ in "12345"
        ]
        for text in texts:
            assert sink.add(text.encode(), "", 0, NOW)
        body = json.loads(sent(sink.send())[2])
        assert [event["message"] for event in body["logEvents"]] == texts


RANGES = [*range(0x80), *range(0x7F0, 0x810), *range(0xD7F0, 0xD800), *range(0xFFF0, 0x10010)]


def test_botocores_models_are_the_ones_that_were_looked_at():
    """What docs/services.md says of its sources."""
    folder = Path(botocore.__file__).parent / "data" / "logs" / "2014-03-28"
    with gzip.open(folder / "service-2.json.gz") as file:
        text = json.load(file)["operations"]["PutLogEvents"]["documentation"]
    assert "1,048,576 bytes" in text and "26 bytes for each log event" in text
