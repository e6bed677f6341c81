"""Readings into Kinesis: a data stream, or a Firehose delivery stream. Bytes of any kind.

    sink = kinesis(Aws(Signer(credentials, "eu-west-1", "kinesis", clock)), "readings")

Source: Kinesis API reference, PutRecords; Firehose API reference, PutRecordBatch.
"""

from .batch import json_batch
from .entry import marked, quoted
from .outcomes import Entries

# As limits.py has them, less a partition key of 256 bytes, the longest, with each record.
_LIMITS = (500, 10485760 - 256, 10485760, 256)


def kinesis(client, stream, key="<stream>", size=4096):
    """Return a Batch that puts records into a data stream, their bytes as they are.

    key: the partition key; records of one key stay in one shard.
    """
    entry = '{"Data":"<base64>","PartitionKey":"%s"}' % marked(key)
    start = '{"StreamName":"%s","Records":[' % quoted(stream)
    answers = Entries("Records", "SequenceNumber")
    return json_batch(client, "PutRecords", start, entry, "]}", size, answers, None, _LIMITS)


def firehose(client, stream, size=4096):
    """Return a Batch that puts records into a delivery stream; end each with what divides them."""
    start = '{"DeliveryStreamName":"%s","Records":[' % quoted(stream)
    answers = Entries("RequestResponses", "RecordId")
    return json_batch(client, "PutRecordBatch", start, '{"Data":"<base64>"}', "]}", size, answers)
