"""Readings as events of CloudWatch Logs.

Source: CloudWatch Logs API reference, PutLogEvents, RejectedLogEventsInfo.
"""

from ..errors import ProtocolError
from .batch import DELIVERED, REFUSED, json_batch
from .entry import marked, quoted
from .outcomes import Outcomes

_OLDEST_S = 14 * 86400


def logs(client, group, stream, message="<text>", size=4096):
    """Return a Batch of log events, UTF-8; their time is the records'.

    message: a template, such as "<id> <text>". A batch ends where the time runs back, and after a
    day. Older than 14 days or more than 2 hours ahead: never sent.
    """
    start = '{"logGroupName":"%s","logStreamName":"%s","logEvents":['
    start = start % (quoted(group), quoted(stream))
    entry = '{"timestamp":<ms>,"message":"%s"}' % marked(message)
    batch = json_batch(client, "PutLogEvents", start, entry, "]}", size, Rejected(), _OLDEST_S)
    batch.in_order = True
    return batch


class Rejected(Outcomes):
    """CloudWatch Logs: events that are too old or too new, by the index where they end or start."""

    _wanted = ("tooNewLogEventStartIndex", "tooOldLogEventEndIndex", "expiredLogEventEndIndex")

    def on_head(self, response):
        """Start anew; return the sink."""
        self._bounds = {}
        return super().on_head(response)

    def _on_value(self, path, text):
        if path[0] != "rejectedLogEventsInfo" or text == "null":
            return
        if not text.encode().isdigit() or len(text) > 5:
            raise ProtocolError("an index in the answer is no number")
        self._bounds[path[-1]] = int(text)

    def code(self, number):
        """Return why an event was rejected, str, or None."""
        new, old, expired = [self._bounds.get(name) for name in self._wanted]
        if old is not None and number < old:
            return "TooOld"
        # Whether this end counts itself is not said: rather once too often than lost.
        if expired is not None and number <= expired:
            return "Expired"
        return "TooNew" if new is not None and number >= new else None

    def state(self, number):
        """Return REFUSED or DELIVERED."""
        return REFUSED if self.code(number) else DELIVERED
