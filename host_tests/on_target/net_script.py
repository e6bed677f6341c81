"""A peer made of a script, no socket: it drives an operation and notes every step.

peer = Peer(b"HTTP/1.1 200 OK\\r\\n...")
result = peer.run(operation)
peer.sent, peer.steps           # what went out; ["connect https h 443", "send 120", "recv", ...]
"""

from sigv4_mp.net import steps

NAMES = ("connect", "send", "recv", "recv_now", "close", "sleep", "ticks", "resolve")


class Peer:
    """answer: bytes the peer sends in all, then closes.

    piece: bytes it gives at a time. early: it has answered before this many bytes were sent, for
    recv_now. fail: {index of a step: exception}; the index counts the steps that are not close.
    """

    def __init__(self, answer, piece=4096, early=None, fail=None):
        self.answer = answer
        self.piece = piece
        self.early = early
        self.fail = fail or {}
        self.at = 0
        self.sent = bytearray()
        self.steps = []
        self.open = False
        self._index = 0

    def run(self, operation):
        """Run an operation to its end; return its result."""
        return steps.drive(operation, self.perform)

    def perform(self, step):
        name = NAMES[step.op]
        self.steps.append(name)
        if name != "close":
            self._index += 1
            if self._index - 1 in self.fail:
                raise self.fail[self._index - 1]
        return getattr(self, name)(step)

    def connect(self, step):
        self.steps[-1] = "connect %s %s %d" % (step.scheme, step.host, step.port)
        self.open = True
        self.at = 0

    def send(self, step):
        self.sent.extend(memoryview(step.buffer)[step.start : step.length])

    def recv(self, step):
        count = min(self.piece, step.length, len(self.answer) - self.at)
        step.buffer[:count] = self.answer[self.at : self.at + count]
        self.at += count
        return count

    def recv_now(self, step):
        if self.early is None or len(self.sent) < self.early:
            return -1
        return self.recv(step)

    def close(self, step):
        self.open = False

    def sleep(self, step):
        pass

    def ticks(self, step):
        return 0

    def resolve(self, step):
        return [(step.host, (2, 2, 0, "", (step.host, step.port)))]


class Sealed:
    """What an exchange wants to know of a SealedRequest."""

    def __init__(self, method="GET", length=None, payload_hash="UNSIGNED-PAYLOAD", scheme="https"):
        self.method = method
        self.content_length = length
        self.payload_hash = payload_hash
        self.scheme = scheme
        self.host = "example.com"
        self.port = 443
        self.session_token = None
        self.head = (method + " /x HTTP/1.1\r\nHost: example.com\r\n\r\n").encode()
        self.checks = 0

    def check(self):
        self.checks += 1

    def head_view(self):
        return self.head
