"""Readings as messages of an SQS queue.

Source: SQS API reference, SendMessageBatch, BatchResultErrorEntry.
"""

from ..errors import ServiceError
from ..net.retry import retriable
from .batch import DELIVERED, REFUSED, WAITING, json_batch
from .entry import marked, quoted
from .outcomes import Outcomes


def sqs(client, queue_url, group=None, size=4096):
    """Return a Batch of messages, text. group: of a FIFO queue, where the record's id is the
    deduplication id; "<stream>" keeps the order of each stream."""
    entry = '{"Id":"<n>","MessageBody":"<text>"'
    if group is not None:
        entry += ',"MessageGroupId":"%s","MessageDeduplicationId":"<id>"' % marked(group)
    start = '{"QueueUrl":"%s","Entries":[' % quoted(queue_url)
    return json_batch(client, "SendMessageBatch", start, entry + "}", "]}", size, ById())


class ById(Outcomes):
    """SQS: entries by their Id, which is the record's number in the batch."""

    by_index = True
    _wanted = ("Id", "Code", "SenderFault", "MessageId")

    def on_head(self, response):
        """Start anew; return the sink."""
        self._entry = None
        self._fields = {}
        return super().on_head(response)

    def on_end(self, response):
        """Raise ProtocolError unless the answer is whole."""
        super().on_end(response)
        self._settle()

    def _on_value(self, path, text):
        if len(path) == 3 and path[0] in ("Successful", "Failed"):
            entry = path[:2]
            if entry != self._entry:
                self._settle()
                self._entry = entry
            self._fields[path[2]] = text

    def _settle(self):
        fields, self._fields = self._fields, {}
        number = fields.get("Id", "")
        if not number.encode().isdigit() or len(number) > 5:
            return
        if self._entry[0] == "Failed":
            code = fields.get("Code") or "Unknown"
            blame = fields.get("SenderFault") == "true" and not retriable(ServiceError(0, code, ""))
            self._note(int(number), REFUSED if blame else WAITING, code)
        elif "MessageId" in fields:
            self._note(int(number), DELIVERED)
