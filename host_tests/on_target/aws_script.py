"""AWS services made of a script, no socket: one answer for each request, and what was asked.

peer = Service(answer(200, b"{}"), OSError(104), answer(400, b"..."))
peer.run(client.call(...))
peer.heads, peer.bodies, peer.slept
"""

from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.net import steps
from sigv4_mp.net.retry import Policy
from sigv4_mp.services.aws import Aws

DATE = "20260301T120000Z"
NOW = 1772366400


def answer(status, body=b"", *headers):
    """Return a response. body: bytes or str. headers: "Name: value"."""
    if isinstance(body, str):
        body = body.encode()
    lines = ["HTTP/1.1 %d X" % status, "Content-Length: %d" % len(body)]
    lines.extend(headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def client_of(service, attempts=4, token=None, **options):
    """Return an Aws client whose clock stands at DATE and whose pauses have no jitter."""
    keys = Credentials("AKIDEXAMPLE", "secret", token)
    signer = Signer(keys, "us-east-1", service, FixedClock(DATE))
    options.setdefault("policy", Policy(attempts, base_ms=64))
    return Aws(signer, entropy=lambda count: b"\x80" * count, **options)


class Service:
    """Answers each request with the next of `answers`; an exception is raised at its connection.

    piece: bytes it gives at a time. heads, bodies: bytes of each request. slept: milliseconds.
    """

    def __init__(self, *answers, piece=4096):
        self.answers = list(answers)
        self.piece = piece
        self.heads = []
        self.bodies = []
        self.slept = []
        self._sent = bytearray()
        self._answer = b""
        self._at = 0

    def run(self, operation):
        """Run an operation to its end; return its result."""
        return steps.drive(operation, self.perform)

    def perform(self, step):
        if step.op == steps.CONNECT:
            self._answer = self.answers.pop(0)
            self._at = 0
            self._sent = bytearray()
            if not isinstance(self._answer, bytes):
                raise self._answer
            self.host = step.host
        elif step.op == steps.SEND:
            self._sent.extend(memoryview(step.buffer)[step.start : step.length])
        elif step.op == steps.RECV:
            return self._give(step)
        elif step.op == steps.RECV_NOW:
            return -1
        elif step.op == steps.SLEEP:
            self.slept.append(step.ms)
        elif step.op == steps.TICKS:
            return 0
        return None

    def _give(self, step):
        if not self._at:
            head, _, body = bytes(self._sent).partition(b"\r\n\r\n")
            self.heads.append(head)
            self.bodies.append(body)
        count = min(self.piece, step.length, len(self._answer) - self._at)
        step.buffer[:count] = self._answer[self._at : self._at + count]
        self._at += count
        return count
