"""Readings as values of a CloudWatch metric.

Source: CloudWatch API reference, PutMetricData, MetricDatum.
"""

from .batch import json_batch
from .entry import quoted

_OLDEST_S = 14 * 86400


def metrics(client, namespace, name, unit=None, dimensions=(), size=4096):
    """Return a Batch of values of one metric; each record is a number as text: b"20.5".

    unit: str, as CloudWatch knows it ("Percent"). dimensions: (name, value) pairs or a dict.
    Older than 2 weeks or more than 2 hours ahead: never sent.
    """
    pairs = dimensions.items() if hasattr(dimensions, "items") else dimensions
    entry = '{"MetricName":"%s","Timestamp":<seconds>,"Value":<json>' % quoted(name)
    if unit:
        entry += ',"Unit":"%s"' % quoted(unit)
    form = '{"Name":"%s","Value":"%s"}'
    listed = ",".join([form % (quoted(name), quoted(value)) for name, value in pairs])
    if listed:
        entry += ',"Dimensions":[%s]' % listed
    start = '{"Namespace":"%s","MetricData":[' % quoted(namespace)
    return json_batch(client, "PutMetricData", start, entry + "}", "]}", size, None, _OLDEST_S)
