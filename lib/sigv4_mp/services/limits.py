"""What services take in one request, as data. batch.py and checks.py hold requests against it.

Source: the API references of each service; docs/services.md has the table and its date.
"""

# service.Action|parameter that holds the entries|how many|bytes of one|bytes of all|bytes that each
# counts beside its own. What counts is what is in the strings; with -1, the body as it is sent.
_LIMITS = """\
kinesis.PutRecords|Records|500|10485760|10485760|0
kinesis.PutRecord|Data|1|10485760|10485760|0
firehose.PutRecordBatch|Records|500|1024000|4194304|-1
firehose.PutRecord|Record|1|1024000|1024000|0
monitoring.PutMetricData|MetricData|1000|1048576|1048576|-1
logs.PutLogEvents|logEvents|10000|1048550|1048576|26
dynamodb.PutItem|Item|1|409600|409600|0
dynamodb.BatchWriteItem|RequestItems|25|409600|16777216|0
sqs.SendMessage|MessageBody|1|1048576|1048576|0
sqs.SendMessageBatch|Entries|10|1048576|1048576|0
sns.Publish|Message|1|262144|262144|0
sns.PublishBatch|PublishBatchRequestEntries|10|262144|262144|0
iotdata.Publish||1|131072|131072|0
lambda.Invoke||1|6291456|6291456|0
lambda.InvokeAsync||1|1048576|1048576|0
execute-api.Invoke||1|10485760|10485760|0"""


def limits_of(service, name):
    """Return (parameter, count, bytes of one, bytes of all, overhead) of an action, or None."""
    wanted = service + "." + name
    for line in _LIMITS.split("\n"):
        parts = line.split("|")
        if parts[0] == wanted:
            return (parts[1],) + tuple([int(part) for part in parts[2:]])
    return None
