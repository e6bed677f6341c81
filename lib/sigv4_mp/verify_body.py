"""The body of a verified request, checked while it streams: as a whole. No I/O."""

from binascii import hexlify
from hashlib import sha256

from .digest import equal


class WholeBody:
    """A body whose hash was signed, or that was left unsigned.

    received, proven: int, bytes of content that came, and that are known to be the signer's.
    wire_left: int, bytes of body still to come, or None where nobody said how many.
    """

    def __init__(self, request, sink=None, hold=None):
        """request: Verified. sink, hold: as for its body(). Raises: VerifyError."""
        self.request = request
        self.received = self.proven = 0
        self.wire_left = request.content_length
        self._taken = 0
        self._sink = sink
        # What nothing will prove, need not wait for it.
        self._hold = hold if request.body_signed else None
        self._held = 0
        self._broken = False
        self._done = False
        self._hash = sha256() if request.body_signed else None
        if self._hold is not None:
            self._check_room()

    def _check_room(self):
        if (self.request.content_length or 0) > len(self._hold):
            raise self.request.refusal("too-large")

    def feed(self, data):
        """Take the next bytes of the body, bytes-like, cut anywhere. Raises: VerifyError.

        Cost: nothing is allocated for a memoryview.
        """
        view = data if isinstance(data, memoryview) else memoryview(data)
        count = len(view)
        self._take(count)
        if count:
            if self._hash is not None:
                self._hash.update(view)
            self._content(view)

    def finish(self):
        """Raise VerifyError unless the whole body came, and is the one that was signed."""
        self._check_whole()
        if self._hash is not None:
            digest = hexlify(self._hash.digest())
            self._hash = None
            if not equal(digest, self._wanted()):
                raise self._refuse("body-hash")
            self._prove()
        self._done = True

    def _wanted(self):
        """Return the payload hash. A body of no bytes is known to be empty, whatever was signed."""
        if self.request.payload == "empty":
            return b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        return self.request.payload_hash.encode()

    def _check_whole(self):
        if self._broken or self._done:
            raise self.request.refusal("broken")
        if self.wire_left:
            raise self._refuse("body-short")

    def _take(self, count):
        """Count bytes of the wire."""
        if self._broken or self._done:
            raise self.request.refusal("broken")
        self._taken += count
        if self.wire_left is None:
            if self._taken > self.request.limits.body:
                raise self._refuse("too-large")
        elif count > self.wire_left:
            raise self._refuse("body-long")
        else:
            self.wire_left -= count

    def _content(self, view):
        """Pass content on, or keep it until it is proven."""
        count = len(view)
        self.received += count
        if self._hold is not None:
            end = self._held + count
            if end > len(self._hold):
                raise self._refuse("too-large")
            self._hold[self._held : end] = view
            self._held = end
        elif self._sink is not None:
            self._sink(view)

    def _prove(self):
        """All that was received is the signer's."""
        self.proven = self.received
        self._release()

    def _release(self):
        if self._held:
            view = memoryview(self._hold)[: self._held]
            self._held = 0
            if self._sink is not None:
                self._sink(view)

    def _refuse(self, rule, detail=None):
        """Return the VerifyError; nothing more is taken."""
        self._broken = True
        self._held = 0
        return self.request.refusal(rule, detail)
