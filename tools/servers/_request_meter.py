"""Counts the requests in a stream of bytes: what a server has received, whole or not."""

_MAX_HEAD = 1 << 16


class RequestMeter:
    """Feed it what goes to a server.

    begun, complete: int, requests of which a byte, and of which the last byte went by.
    methods: list of str, one for each head that was whole. broken: the bytes are no HTTP any more.
    """

    def __init__(self):
        self.begun = self.complete = 0
        self.methods = []
        self.broken = False
        self._head = bytearray()
        self._left = 0  # of the body

    def feed(self, data):
        """Take the next bytes."""
        while data and not self.broken:
            if not self._left:
                data = self._take_head(data)
            count = min(self._left, len(data))
            if count:
                self._left -= count
                data = data[count:]
                self.complete += not self._left

    def _take_head(self, data):
        if not self._head:
            self.begun += 1
        self._head += data
        head, found, rest = bytes(self._head).partition(b"\r\n\r\n")
        if not found:
            self.broken = len(self._head) > _MAX_HEAD
            return b""
        self._head.clear()
        self._begin(head.split(b"\r\n"))
        return rest

    def _begin(self, lines):
        self.methods.append(lines[0].split(b" ")[0].decode("latin-1"))
        lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
        chunked = any(line.lower().startswith(b"transfer-encoding:") for line in lines)
        digits = lengths[0][15:].strip() if lengths else b"0"
        self.broken = chunked or not digits.isdigit()
        if not self.broken:
            self._left = int(digits)
            self.complete += not self._left
