"""Keeps what `explain` needs of the last refusal of a client: what was signed, what was answered.

    seen = watch(s3)
    try:
        http.run(s3.put_object("log.txt", b"..."))
    except ServiceError as error:
        print(seen.explain(error))

A ServiceError holds 512 bytes of the message; the server's canonical request is longer.
"""

from .errors import ServiceError
from .explain_ours import of

LIMIT = 16384
"""Bytes of an error's body that are kept; a canonical request comes in twice, once in hex."""


def watch(client, limit=LIMIT):
    """Return a Watch over a client (S3, Aws: anything with an `exchange`), from now on.

    limit: int, bytes of a refusal's body to keep. RAM: what is kept of the last refusal, until
    forget(); nothing while requests succeed.
    """
    return Watch(client.exchange, limit)


class Watch:
    """The last refusal of one exchange."""

    def __init__(self, exchange, limit):
        self.limit = limit
        self._run = exchange.run
        self.forget()
        exchange.run = self.run

    def forget(self):
        """Let go of what is kept."""
        self._sealed = self._ours = self._headers = None
        self._body = b""
        self._status = 0

    def run(self, make, body=None, on_head=None, progress=None, fault=None, *more, **options):
        """Stand in for Exchange.run."""

        def seal():
            self._sealed = make()
            return self._sealed

        def listen():
            return _Ear(self, None if fault is None else fault())

        return self._run(seal, body, on_head, progress, listen, *more, **options)

    def note(self, response, body):
        """Keep a refusal: the sealed request is still the newest of its PreparedRequest."""
        if self._sealed is None:  # an exchange asks for the error twice
            return
        self._ours = None  # make room first
        try:
            self._ours = of(self._sealed)
            self._body = body
            self._status, self._headers = response.status, response.headers
            self._sealed = None
        except MemoryError:  # the refusal itself matters more
            self.forget()

    def explain(self, error):
        """Return the Explanation of a ServiceError that the client raised."""
        from .explain import explain, explain_error  # large: loaded when there is a refusal

        if self._ours is None or self._status != error.status:
            return explain_error(error, self._ours)
        return explain(self._ours, self._status, self._headers, self._body)


class _Ear:
    """Hears a refusal's body along with who makes the error of it."""

    def __init__(self, watch, fault):
        self._watch, self._fault = watch, fault
        self._more = fault is not None
        self._limit = watch.limit
        self._body = bytearray()

    def take(self, buffer, start, end):
        room = self._limit - len(self._body)
        try:
            self._body.extend(memoryview(buffer)[start : min(end, start + room)])
        except MemoryError:  # what there is must do: the error itself may not be lost
            self._limit = len(self._body)
        if self._more:
            self._more = not self._fault.take(buffer, start, end)
        return not self._more and len(self._body) >= self._limit

    def error(self, response):
        self._watch.note(response, self._body)
        if self._fault is None:
            text = response.reason or "no reason given"
            return ServiceError(response.status, str(response.status), text)
        return self._fault.error(response)
