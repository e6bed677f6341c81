"""Readings as messages for an MQTT topic of IoT Core, one a request, over HTTPS.

Source: AWS IoT data plane API reference, Publish.
"""

from ..encode import uri_encode
from ..errors import RequestError
from .batch import rest_batch


def iot(client, topic, qos=1, retain=False, size=2048):
    """Return a Batch of one message, any bytes, for an MQTT topic of IoT Core.

    retain: the broker keeps it for those who subscribe later.
    """
    if qos not in (0, 1):
        raise RequestError("qos", "must be 0 or 1")
    if not topic or len(topic.encode()) > 256 or "+" in topic or "#" in topic:
        raise RequestError("topic", "must be 1 to 256 bytes, without + and #")
    path = "/topics/%s?qos=%d%s" % (
        uri_encode(topic).decode(),
        qos,
        "&retain=true" if retain else "",
    )
    return rest_batch(client, "Publish", path, (), None, size)
