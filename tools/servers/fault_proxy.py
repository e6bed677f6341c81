"""A loopback proxy that breaks what passes through it, at the byte that a test names.

    with FaultProxy(server.http_url) as proxy:            # relays; clients use proxy.url
        proxy.script(Fault("reset", "request", at=4096))  # what happens to the next connection
        ...                                               # a client PUTs through proxy.url
        (seen,) = proxy.settle()                          # what came of each connection since
        seen.fired, seen.complete                         # complete: requests the server got whole

FaultProxy(server.http_url, leaf="tls/server") speaks TLS to the client and breaks the HTTP inside;
FaultProxy(inner.https_url) relays TLS as it is and breaks its records. One in front of the other
does both: the outer breaks, the inner counts what the server really received.

A Fault breaks a stream that is relayed; an Answer takes the server's place.
Each connection takes the next of the script, and relays unharmed when the script is used up.
"""

import contextlib
import socket
import ssl
import threading
from collections import deque
from urllib.parse import urlsplit

from tools.servers._relay import PATIENCE_S, Relay, reset
from tools.servers._request_meter import RequestMeter

KINDS = ("reset", "fin", "stall", "short", "garbage", "delay")


class Fault:
    """What happens when `at` bytes of a direction have passed.

    kind: "reset" (RST to both), "fin" (orderly close), "stall" (nothing passes any more until the
    client gives up), "delay" (nothing for `seconds`, then on), "short" (the next bytes one by one,
    out of a small window), "garbage" (the next `count` bytes are others).
    where: "request" or "response".    rate: bytes per second of that direction, or None.
    """

    def __init__(self, kind, where, at, seconds=0.0, count=16, rate=None):
        if kind not in KINDS or where not in ("request", "response"):
            raise ValueError("no fault %r in a %r" % (kind, where))
        self.kind, self.where, self.at = kind, where, at
        self.seconds, self.count, self.rate = seconds, count, rate

    def __repr__(self):
        return "%s at %d of the %s" % (self.kind, self.at, self.where)

    def serve(self, connection):
        """Relay, broken."""
        with connection.upstream() as server:
            Relay(connection, server, self).run()


class Clean(Fault):
    """Relays unharmed."""

    def __init__(self):
        super().__init__("delay", "request", 1 << 60)


class Answer:
    """Takes the server's place.

    pieces: bytes, or an iterable of bytes, which may have no end: what to say.
    after: "request" (when the whole request has come), "head", or a number of bytes.
    then: "close", "reset", "hold" (say no more until the client goes), "read" (take what comes).
    """

    def __init__(self, pieces, after="request", then="close"):
        self.pieces = [pieces] if isinstance(pieces, bytes) else pieces
        self.after, self.then = after, then

    def serve(self, connection):
        """Hear the request as far as was said, and answer."""
        client = connection.client
        self._hear(client, connection.heard)
        connection.fired = True
        for piece in self.pieces:
            client.sendall(piece)
            connection.received += len(piece)
        if self.then == "reset":
            reset(client)
        elif self.then == "hold":
            connection.wait_for_the_end()
        elif self.then == "read":
            while client.recv(65536):
                pass

    def _hear(self, client, heard):
        meter = RequestMeter()
        while not self._enough(meter, heard):
            data = client.recv(65536 if isinstance(self.after, str) else self.after - len(heard))
            if not data:
                raise ConnectionError("the client closed amid its request")
            meter.feed(data)
            heard += data

    def _enough(self, meter, heard):
        if self.after == "request":
            return meter.complete
        return meter.methods if self.after == "head" else len(heard) >= self.after


class Sink:
    """Takes requests as fast as it can, one after another, and answers 200 to each."""

    def serve(self, connection):
        """Until the client closes."""
        meter, client, answered = RequestMeter(), connection.client, 0
        buffer = bytearray(1 << 18)
        count = client.recv_into(buffer)
        while count:
            meter.feed(memoryview(buffer)[:count])
            while answered < meter.complete:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                answered += 1
            count = client.recv_into(buffer)


class Connection:
    """One client's connection, and what came of it.

    fired: whether the fault struck. error: str, if the proxy itself was taken by surprise.
    complete: requests that the server received to their last byte.  begun: those it got a byte of.
    sent, received: bytes passed to the server, and to the client. methods: list of str, of requests
    whose heads the server got whole. heard: bytes that an Answer was sent.
    """

    def __init__(self, client, plan, address):
        self.client, self.plan = client, plan
        self.fired = False
        self.error = None
        self.sent = self.received = 0
        self.heard = bytearray()
        self.meter = RequestMeter()
        self.settling = threading.Event()
        self._address = address

    complete = property(lambda self: self.meter.complete)
    begun = property(lambda self: self.meter.begun)
    methods = property(lambda self: self.meter.methods)

    def upstream(self):
        """Return a new connection to the server behind."""
        server = socket.create_connection(self._address, timeout=PATIENCE_S)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server

    def wait_for_the_end(self):
        """Say and hear nothing until settle() is called.

        That the client has closed does not show: what it could not send stands before its FIN.
        """
        self.settling.wait(PATIENCE_S)

    def note(self, data):
        """Count bytes that the server received."""
        self.sent += len(data)
        self.meter.feed(data)

    def __repr__(self):
        words = (self.plan, self.fired, self.begun, self.complete, self.error)
        return "<%r fired=%s begun=%d complete=%d error=%s>" % words


class FaultProxy:
    """Listens on loopback. port: int. url: str, with the scheme that clients are to use.

    upstream: URL of the server behind, or None if every plan is an Answer.
    leaf: path of a certificate without ".pem" (see ca.py), to speak TLS with the clients.
    plan: called for the plan of a connection that the script does not name.
    window: bytes of the receive buffer; a small one makes the client's sends short.
    """

    def __init__(self, upstream=None, leaf=None, window=None, plan=Clean):
        parts = urlsplit(upstream) if upstream else None
        self._address = ("127.0.0.1", parts.port) if parts else None
        self._context = None
        if leaf:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain("%s.pem" % leaf, "%s-key.pem" % leaf)
        self._scheme = "https" if leaf or parts and parts.scheme == "https" else "http"
        self._plan, self._window = plan, window
        self._plans = deque()
        self._lock = threading.Lock()
        self._seen = []  # (Connection, Thread), since the last settle()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._marks = {}  # port of a mark in the queue -> Event
        self._over = False

    url = property(lambda self: "%s://localhost:%d" % (self._scheme, self.port))

    def script(self, *plans):
        """Say what happens to the next connections, in order; what is left of before is dropped."""
        with self._lock:
            self._plans = deque(plans)

    def settle(self):
        """Wait until all connections are over; return them, list of Connection, and forget them."""
        self._catch_up()
        with self._lock:
            seen, self._seen = self._seen, []
        for connection, thread in seen:
            connection.settling.set()
            thread.join(PATIENCE_S)
            if thread.is_alive():
                raise TimeoutError("still open: %r" % connection)
        return [connection for connection, _ in seen]

    def _catch_up(self):
        """Wait until all that have connected so far are accepted: they queue, so join the queue."""
        with socket.socket() as mark:
            mark.bind(("127.0.0.1", 0))
            reached = self._marks[mark.getsockname()[1]] = threading.Event()
            mark.connect(("127.0.0.1", self.port))
            if not reached.wait(PATIENCE_S):
                raise TimeoutError("the proxy accepts no more")

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        if self._window:  # inherited by what accept() returns; it must be set before the handshake
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._window)
        self.port = self._listener.getsockname()[1]
        self._accepting.start()
        return self

    def __exit__(self, *_):
        self._over = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._accepting.join()
        self._listener.close()

    def _accept(self):
        while not self._over:
            try:
                client, (_, port) = self._listener.accept()
            except OSError:
                return
            if port in self._marks:
                client.close()
                self._marks.pop(port).set()
                continue
            with self._lock:
                plan = self._plans.popleft() if self._plans else self._plan()
                connection = Connection(client, plan, self._address)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._seen.append((connection, thread))
                thread.start()

    def _serve(self, connection):
        client = connection.client
        try:
            client.settimeout(PATIENCE_S)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                client = self._context.wrap_socket(client, server_side=True)
                connection.client = client
            connection.plan.serve(connection)
        except (OSError, ValueError) as error:
            # Clients break off, that is what the faults are for; kept for who wants to know.
            connection.error = "%s: %s" % (type(error).__name__, error)
        finally:
            client.close()
