"""AWS services from a target, judged by MiniStack (AUTH=true) and read back with boto3."""

import io
import json
import time
import uuid
import zipfile

import pytest

from e2e_tools import ask, boto_client, settings_of

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")
FORM, COUNT = "reading %d ü", 60
RECORDS = [(FORM % number).encode() for number in range(COUNT)]
MODULES = {"firehose": "kinesis", "metrics": "cloudwatch", "invoke": "functions"}
MODULES["gateway"] = "functions"


class Service:
    """One of MiniStack's services, as a client on a target sees it."""

    def __init__(self, target, server, service, scheme="http", **settings):
        self._target = target
        self.settings = settings_of(server, scheme, **dict({"service": service}, **settings))

    def many(self, *commands):
        return ask(self._target, "aws_client", [self.settings, *commands])

    def call(self, name, parameters=None):
        return self.many({"do": "call", "name": name, "parameters": parameters})[0]

    def request(self, method, path, body=b"", headers=()):
        line = {"do": "request", "method": method, "path": path, "headers": list(headers)}
        return self.many(dict(line, body=body.hex()))[0]

    def deliver(self, sink, *arguments, records=FORM, count=COUNT, **more):
        """records: a form with a place for the number, or a list of bytes."""
        module = MODULES.get(sink, sink)
        line = {"do": "deliver", "module": module, "sink": sink, "arguments": arguments}
        if not isinstance(records, str):
            records = [record.hex() for record in records]
            count = len(records)
        return self.many(dict(line, records=records, count=count, **more))[0]


def name_of(target):
    return "%s-%s" % (target.name, uuid.uuid4().hex[:8])


@pytest.mark.parametrize("temporary", [False, True])
def test_sts(target, ministack, temporary):
    extra = ministack.session if temporary else {}
    found = Service(target, ministack, "sts", "https", **extra).call("GetCallerIdentity")
    wanted = ":assumed-role/fleet/device" if temporary else ":user/device"
    assert found["Arn"].endswith(wanted), found


@pytest.mark.parametrize("service, name", [("sts", "GetCallerIdentity"), ("ssm", "GetParameter")])
def test_a_wrong_signature_is_refused(target, ministack, service, name):
    forged = Service(target, ministack, service, secret_access_key="wrong")
    found = forged.call(name, {"Name": "/x"})
    assert found["error"] == "ServiceError"
    assert found["code"] in ("SignatureDoesNotMatch", "InvalidSignatureException"), found


def test_under_asyncio(target, ministack):
    boto = boto_client(ministack, "sqs")
    url = boto.create_queue(QueueName=name_of(target))["QueueUrl"]
    found = Service(target, ministack, "sqs", asyncio=True).deliver("sqs", url, count=30)
    assert (found["failed"], found["batches"]) == ([], [10, 10, 10])
    assert sorted(drain(boto, url)) == sorted(record.decode() for record in RECORDS[:30])


@pytest.mark.parametrize("temporary", [False, True])
def test_kinesis(target, ministack, temporary):
    boto = boto_client(ministack, "kinesis")
    name = name_of(target)
    boto.create_stream(StreamName=name, ShardCount=1)
    extra = ministack.session if temporary else {}
    kinesis = Service(target, ministack, "kinesis", "https" if temporary else "http", **extra)
    found = kinesis.deliver("kinesis", name, "pump-<stream>", 1024)
    assert found["failed"] == []
    assert len(found["batches"]) > 2
    assert sum(found["batches"]) == len(RECORDS)
    shard = boto.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    start = boto.get_shard_iterator(
        StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    stored = boto.get_records(ShardIterator=start["ShardIterator"])["Records"]
    assert [record["Data"] for record in stored] == RECORDS
    assert {record["PartitionKey"] for record in stored} == {"pump-3"}


def test_firehose(target, ministack):
    bucket = name_of(target).lower()
    s3 = boto_client(ministack, "s3")
    s3.create_bucket(Bucket=bucket)
    firehose = boto_client(ministack, "firehose")
    place = {"RoleARN": "arn:aws:iam::000000000000:role/fleet"}
    place["BucketARN"] = "arn:aws:s3:::" + bucket
    firehose.create_delivery_stream(DeliveryStreamName=bucket, S3DestinationConfiguration=place)
    found = Service(target, ministack, "firehose").deliver("firehose", bucket)
    assert found["failed"] == []
    assert sorted(stored_objects(s3, bucket)) == sorted(RECORDS)


def stored_objects(s3, bucket):
    """Return the objects that Firehose has made: MiniStack makes one of each record."""
    entries = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return [s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() for entry in entries]


def test_logs(target, ministack):
    boto = boto_client(ministack, "logs")
    group = name_of(target)
    boto.create_log_group(logGroupName=group)
    boto.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time())
    logs = Service(target, ministack, "logs")
    found = logs.deliver("logs", group, "s", "<id> <text>", time_s=now - 60)
    assert (found["failed"], found["batches"]) == ([], [len(RECORDS)])
    events = boto.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)
    wanted = ["id-%04d %s" % pair for pair in enumerate(record.decode() for record in RECORDS)]
    assert sorted(event["message"] for event in events["events"]) == wanted
    assert {event["timestamp"] for event in events["events"]} == {(now - 60) * 1000}
    old = logs.deliver("logs", group, "s", records=[b"x"], time_s=now - 14 * 86400)
    assert (old["error"], old["field"]) == ("RequestError", "record")


def test_cloudwatch(target, ministack):
    boto = boto_client(ministack, "cloudwatch")
    name = name_of(target)
    now = int(time.time()) // 60 * 60
    arguments = ("fleet", name, "Percent", [["site", "north"]])
    found = Service(target, ministack, "monitoring").deliver(
        "metrics", *arguments, records="%d.5", count=40, time_s=now - 60
    )
    assert found["failed"] == []
    (point,) = boto.get_metric_statistics(
        Namespace="fleet",
        MetricName=name,
        Dimensions=[{"Name": "site", "Value": "north"}],
        StartTime=now - 600,
        EndTime=now + 60,
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert (point["SampleCount"], point["Sum"]) == (40, sum(range(40)) + 20)
    assert point["Unit"] == "Percent"


def make_table(ministack, name):
    boto = boto_client(ministack, "dynamodb")
    boto.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return boto


def test_dynamodb(target, ministack):
    name = name_of(target)
    boto = make_table(ministack, name)
    dynamodb = Service(target, ministack, "dynamodb")
    found = dynamodb.deliver("dynamodb", name, time_s=1772366400)
    assert (found["failed"], found["batches"]) == ([], [25, 25, 10])
    items = {item["id"]["S"]: item for item in boto.scan(TableName=name)["Items"]}
    assert len(items) == len(RECORDS)
    assert items["id-0007"]["data"] == {"S": RECORDS[7].decode()}
    assert items["id-0007"]["time"] == {"N": "1772366400"}
    item = {
        "id": {"S": 'ü"\\\n'},
        "n": {"N": "20.5"},
        "b": {"B": "AP8="},
        "l": {"L": [{"BOOL": True}]},
    }
    assert dynamodb.call("PutItem", {"TableName": name, "Item": item}) == {}
    stored = boto.get_item(TableName=name, Key={"id": item["id"]})["Item"]
    assert stored == dict(item, b={"B": b"\x00\xff"})
    key = {"id": {"S": "id-0001"}}
    again = dynamodb.call("GetItem", {"TableName": name, "Key": key})
    assert again["Item"]["data"] == {"S": RECORDS[1].decode()}


def test_dynamodb_poison(target, ministack):
    """One item without its key: the others arrive, and it is named."""
    name = name_of(target)
    boto = make_table(ministack, name)
    items = [{"id": {"S": str(number)}} for number in range(8)]
    items[5] = {"other": {"S": "x"}}
    records = [json.dumps(item).encode() for item in items]
    found = Service(target, ministack, "dynamodb").deliver(
        "dynamodb", name, "<json>", records=records
    )
    assert found["failed"] == [[5, "ValidationException", True]]
    stored = sorted(item["id"]["S"] for item in boto.scan(TableName=name)["Items"])
    assert stored == list("0123467")


def test_sqs(target, ministack):
    boto = boto_client(ministack, "sqs")
    url = boto.create_queue(QueueName=name_of(target))["QueueUrl"]
    sqs = Service(target, ministack, "sqs")
    found = sqs.deliver("sqs", url)
    assert (found["failed"], found["batches"]) == ([], [10] * 6)
    sent = sqs.call("SendMessage", {"QueueUrl": url, "MessageBody": "single ü"})
    assert sent["MessageId"]
    assert sorted(drain(boto, url)) == sorted(
        [record.decode() for record in RECORDS] + ["single ü"]
    )
    missing = sqs.call("SendMessage", {"QueueUrl": url + "x", "MessageBody": "a"})
    assert missing["code"].endswith(("NonExistentQueue", "QueueDoesNotExist")), missing


def test_sqs_refuses_one_of_a_batch(target, ministack):
    """A control byte is JSON, but no text to SQS: its neighbours are taken."""
    boto = boto_client(ministack, "sqs")
    url = boto.create_queue(QueueName=name_of(target))["QueueUrl"]
    records = [b"first", b"bad\x01", b"last"]
    found = Service(target, ministack, "sqs").deliver("sqs", url, records=records)
    assert found["failed"] == [[1, "InvalidMessageContents", True]]
    assert sorted(drain(boto, url)) == ["first", "last"]


def test_sqs_fifo_drops_what_comes_twice(target, ministack):
    boto = boto_client(ministack, "sqs")
    attributes = {"FifoQueue": "true"}
    url = boto.create_queue(QueueName=name_of(target) + ".fifo", Attributes=attributes)["QueueUrl"]
    sqs = Service(target, ministack, "sqs")
    for _ in range(2):
        assert sqs.deliver("sqs", url, "g-<stream>", count=20)["failed"] == []
    assert drain(boto, url) == [record.decode() for record in RECORDS[:20]]


def drain(boto, url):
    """Return the bodies of all messages in a queue, in the order they come."""
    bodies = []
    while True:
        found = boto.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if not found:
            return bodies
        for message in found:
            bodies.append(message["Body"])
            boto.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_sns(target, ministack):
    topic = boto_client(ministack, "sns").create_topic(Name=name_of(target))["TopicArn"]
    sqs = boto_client(ministack, "sqs")
    url = sqs.create_queue(QueueName=name_of(target))["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue = found["Attributes"]["QueueArn"]
    may = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    boto_client(ministack, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    sns = Service(target, ministack, "sns")
    records = [b"a+b & c=d \xc3\xbc\n", b"second"]
    assert sns.deliver("sns", topic, records=records)["failed"] == []
    kind = {"entry": [{"Name": "k", "Value": {"DataType": "String", "StringValue": "v w"}}]}
    sent = sns.call("Publish", {"TopicArn": topic, "Message": "third", "MessageAttributes": kind})
    assert sent["MessageId"]
    stored = [json.loads(body) for body in drain(sqs, url)]
    assert sorted(message["Message"] for message in stored) == sorted(
        ["a+b & c=d ü\n", "second", "third"]
    )
    (third,) = [message for message in stored if message["Message"] == "third"]
    assert third["MessageAttributes"]["k"]["Value"] == "v w"
    missing = sns.call("Publish", {"TopicArn": topic + "x", "Message": "m"})
    assert (missing["error"], missing["code"]) == ("ServiceError", "NotFound")


def test_iot_publish(target, ministack):
    topic = "dt/%s/a b" % name_of(target)
    iot = Service(target, ministack, "iotdata", "https", **ministack.session)
    found = iot.deliver("iot", topic, 1, True, records=[b"first", b"\x00\xff last"])
    assert found["failed"] == []
    stored = boto_client(ministack, "iot-data").get_retained_message(topic=topic)
    assert (stored["payload"], stored["qos"]) == (b"\x00\xff last", 1)


def make_function(ministack, name):
    """Make a function that gives back its event, and breaks down where that is "break"."""
    code = "def handler(event, context):\n    if event == 'break':\n        raise ValueError('ü')\n"
    code += "    return {'got': event}\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", code)
    return boto_client(ministack, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/fleet",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]


def test_lambda(target, ministack):
    name = name_of(target)
    make_function(ministack, name)
    functions = Service(target, ministack, "lambda")
    path = "/2015-03-31/functions/%s/invocations" % name
    found = functions.request("POST", path, b'{"a": "\xc3\xbc"}')
    assert json.loads(bytes.fromhex(found["body"])) == {"got": {"a": "ü"}}
    broken = functions.request("POST", path, b'"break"')
    assert (broken["error"], broken["code"]) == ("ServiceError", "Unhandled")
    assert functions.deliver("invoke", name, records=[b"[1]"])["failed"] == []
    broken = functions.deliver("invoke", name, True, records=[b'"break"'])
    assert broken["code"] == "Unhandled"


def test_api_gateway(target, ministack):
    """A route that wants IAM's signature; MiniStack has a path for what DNS does at AWS."""
    name = name_of(target)
    arn = make_function(ministack, name)
    boto = boto_client(ministack, "apigatewayv2")
    api = boto.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    integration = boto.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    boto.create_route(
        ApiId=api,
        RouteKey="POST /readings",
        AuthorizationType="AWS_IAM",
        Target="integrations/" + integration,
    )
    boto.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
    path = "/_aws/execute-api/%s/prod/readings" % api
    gateway = Service(
        target, ministack, "execute-api", **dict(ministack.session, insecure_http="session-token")
    )
    found = gateway.request("POST", path, b'{"a": 1}', [["Content-Type", "application/json"]])
    assert json.loads(json.loads(bytes.fromhex(found["body"]))["got"]["body"]) == {"a": 1}
    assert gateway.deliver("gateway", path, records=[b'{"a": 2}'])["failed"] == []
    forged = Service(target, ministack, "execute-api", secret_access_key="wrong")
    refused = forged.deliver("gateway", path, records=[b'{"a": 2}'])
    assert (refused["error"], refused["status"]) == ("ServiceError", 403)


def test_parameters_and_secrets(target, ministack):
    name = "/fleet/" + name_of(target)
    ssm = boto_client(ministack, "ssm")
    ssm.put_parameter(Name=name, Value="15 min ü", Type="SecureString")
    asked = {"Name": name, "WithDecryption": True}
    found = Service(target, ministack, "ssm").call("GetParameter", asked)
    assert found["Parameter"]["Value"] == "15 min ü"
    missing = Service(target, ministack, "ssm").call("GetParameter", {"Name": name + "x"})
    assert missing["code"] == "ParameterNotFound"
    boto_client(ministack, "secretsmanager").create_secret(Name=name, SecretString="s3cret")
    secrets = Service(target, ministack, "secretsmanager", "https", **ministack.session)
    assert secrets.call("GetSecretValue", {"SecretId": name})["SecretString"] == "s3cret"


def test_the_heap_stays_flat(target, ministack):
    """Batch after batch over one kept connection."""
    boto = boto_client(ministack, "kinesis")
    name = name_of(target)
    boto.create_stream(StreamName=name, ShardCount=1)
    found = Service(target, ministack, "kinesis", "https").deliver(
        "kinesis", name, "k", 1024, records="%060d", count=200
    )
    assert found["failed"] == []
    assert len(found["batches"]) > 20
    if target.name != "cpython":
        assert max(found["live"][3:]) - min(found["live"][3:]) <= 512
