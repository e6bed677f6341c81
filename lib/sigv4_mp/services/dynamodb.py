"""Readings as items of a DynamoDB table.

Source: DynamoDB API reference, BatchWriteItem.
"""

from binascii import crc32

from ..encode import to_bytes
from ..errors import ProtocolError
from .batch import DELIVERED, WAITING, json_batch
from .entry import quoted
from .outcomes import Outcomes


def dynamodb(client, table, item=None, key="id", size=4096):
    """Return a Batch that writes items. Writing one twice is the same as once.

    item: a template of the item in DynamoDB's JSON; None: {id, time, data} of the record's id, its
    seconds and its text. "<json>": records are items themselves. key: the string attribute that
    holds the record's id; without it, a throttled batch is written anew as a whole.
    """
    if item is None:
        item = '{"%s":{"S":"<id>"},"time":{"N":"<seconds>"},"data":{"S":"<text>"}}' % quoted(key)
    start = '{"RequestItems":{"%s":[' % quoted(table)
    entry = '{"PutRequest":{"Item":%s}}' % item
    return json_batch(client, "BatchWriteItem", start, entry, "]}}", size, Unprocessed(key))


class Unprocessed(Outcomes):
    """DynamoDB: the items that were not written come back, in any order; they are known by an
    attribute that holds the record's id. One that is not known leaves all of them WAITING."""

    by_index = True
    _wanted = ("S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL")

    def __init__(self, attribute):
        """attribute: str, the name of the string attribute whose value is the record's id."""
        self._attribute = attribute
        self.tags = {}  # number of a record -> CRC-32 of its id

    def tag(self, number, record_id):
        """Note a record's id, str or bytes."""
        if not number:
            self.tags.clear()
        self.tags[number] = crc32(to_bytes(record_id, "record_id"))

    def on_head(self, response):
        """Start anew; return the sink."""
        self._items = 0
        self._known = {}
        return super().on_head(response)

    def _on_value(self, path, text):
        if len(path) < 7 or path[0] != "UnprocessedItems":
            return
        if not isinstance(path[2], int) or path[2] >= len(self.tags):
            raise ProtocolError("the answer names an item that was not sent")
        self._items = max(self._items, path[2] + 1)
        if len(path) == 7 and path[5] == self._attribute and path[6] == "S":
            self._known[path[2]] = crc32(text.encode())

    def on_end(self, response):
        """Raise ProtocolError unless the answer is whole."""
        super().on_end(response)
        found = self._known.values()
        ours = self.tags.values()
        every = len(self._known) < self._items
        for tag in found:
            every = every or tag not in ours
        for number in self.tags:
            lost = every or self.tags[number] in found
            self._states[number] = WAITING if lost else DELIVERED

    def code(self, number):
        """Return the code, which DynamoDB does not give."""
        return "Unprocessed"
