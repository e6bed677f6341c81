"""What a batch's answer says of each record.

An object here has on_head(response), which returns the sink; on_end(response), which raises unless
the answer is whole; and then, of the n-th record of the request, state(n) and code(n).
A record that the answer does not name stays WAITING.
"""

from ..errors import ProtocolError
from .batch import DELIVERED, WAITING
from .jsonin import JsonReader


class Outcomes:
    """The base of the others: what all records get, unless the answer says more."""

    by_index = False  # whether n is the record's number in the batch, not in the request
    _wanted = ()

    def reserve(self, most, size):
        """Make room for what is said of at most that many records, int, of a body of size bytes."""
        self._states = bytearray(most)
        # DynamoDB gives items back, a little wider; a word on each record is below 1 KB.
        self._longest = 4096 + 1024 * most + 4 * size

    def on_head(self, _):
        """Start anew; return the sink."""
        for i in range(len(self._states)):
            self._states[i] = WAITING
        self._codes = {}
        self._reader = JsonReader(self._on_value, self._wanted)
        self._left = self._longest
        return self._take

    def _take(self, buffer, start, end):
        self._left -= end - start
        if self._left < 0:
            raise ProtocolError("is passed by the answer; it may have no end", "limit")
        self._reader.feed(buffer, start, end)

    def on_end(self, _):
        """Raise ProtocolError unless the answer is a whole JSON object."""
        self._reader.close()
        if not self._reader.is_object:  # [] names no failure, but proves nothing either
            raise ProtocolError("the answer is not a JSON object")

    def state(self, number):
        """Return WAITING, DELIVERED or REFUSED."""
        return self._states[number]

    def code(self, number):
        """Return the service's code for a record that was not delivered, str."""
        return self._codes.get(number, "Unknown")

    def _note(self, number, state, code=None):
        """Take what an answer says of a record. A failure outweighs a success."""
        if not isinstance(number, int) or number >= len(self._states):
            raise ProtocolError("the answer names a record that was not sent")
        if code:
            self._codes[number] = code
        elif number in self._codes:
            return
        self._states[number] = state


class Entries(Outcomes):
    """Kinesis and Firehose: a list in the request's order, with a proof or an error in each."""

    def __init__(self, field, proof):
        """field: str, the list's name. proof: str, what an entry has that was taken."""
        self._field = field
        self._wanted = (proof, "ErrorCode")

    def _on_value(self, path, text):
        if len(path) == 3 and path[0] == self._field and text not in ("", "null"):
            if path[2] == "ErrorCode":
                self._note(path[1], WAITING, text)
            else:
                self._note(path[1], DELIVERED)
