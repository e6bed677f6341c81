"""Readings as messages for an SNS topic, one a request.

Source: SNS API reference, Publish.
"""

from ..encode import uri_encode
from .batch import Batch


def sns(client, topic_arn, size=2048):
    """Return a Batch of one message, text, for a topic."""
    topic = uri_encode(topic_arn).decode()
    start = "Action=Publish&Version=2010-03-31&TopicArn=%s&Message=" % topic

    def prepare():
        return client.prepare("Publish")

    return Batch(client, "Publish", prepare, start.encode(), "<form>", b"", None, size)
