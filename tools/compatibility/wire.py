"""Bytes out, an answer back: nothing is retried, nothing is mended, one connection each."""

import http.client
import re
import socket
import ssl

# Generous: a crowded machine is no property of the server.
TIMEOUT_S = 120
# How long a body is held back for a "100 Continue". RFC 9110 §10.1.1 leaves it open.
CONTINUE_S = 30


class Answer:
    """What came back. status: int, 0 when nothing did. headers: dict, lower-case names.

    body: bytes. went_on: True when "100 Continue" came before the answer; held: True when the
    answer came while the body was still held back.
    """

    def __init__(self, status, headers=None, body=b"", why=None):
        self.status, self.headers, self.body, self._why = status, headers or {}, body, why
        self.went_on = self.held = False

    @property
    def ok(self):
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def code(self):
        """The error's code as the server names it, str; None where it names none."""
        found = re.search(rb"<Code>\s*([^<\s]{1,80})\s*</Code>", self.body)
        return found.group(1).decode("ascii", "replace") if found and not self.ok else self._why

    def tag(self, name):
        """Return the text of the first <name> in the body, str, or None."""
        found = re.search(rb"<%s>([^<]*)</%s>" % (name.encode(), name.encode()), self.body)
        return found and found.group(1).decode("utf-8", "replace")


class Wire:
    """Opens connections to one server, whatever `Host` a request names."""

    def __init__(self, scheme, host, port, ca_file=None):
        self._at, self._name = (host.strip("[]"), port), host.strip("[]")
        self._tls = ssl.create_default_context(cafile=ca_file) if scheme == "https" else None

    def _connect(self):
        connection = socket.create_connection(self._at, timeout=TIMEOUT_S)
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_hostname=self._name)
        return connection

    def send(self, head, body=b"", expect=False):
        """Send a head and a body (bytes); return an Answer, also when the connection breaks.

        expect: the head asks for "100 Continue"; the body waits for it.
        """
        try:
            with self._connect() as connection:
                return self._exchange(connection, head, body, expect)
        except ssl.SSLCertVerificationError:
            raise  # nothing about the server's S3 can be said then
        except ConnectionRefusedError:
            raise
        except TimeoutError:
            return Answer(0, why="no answer")
        except (OSError, http.client.HTTPException):
            return Answer(0, why="connection closed")

    def _exchange(self, connection, head, body, expect):
        response = http.client.HTTPResponse(connection, method=head.split(b" ")[0].decode())
        went_on = held = False
        try:
            connection.sendall(head)
            if expect:
                went_on, held = _wait(connection, response)
            if not held:
                connection.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it answered without reading on: the answer is what counts
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, _read(response))
        answer.went_on, answer.held = went_on, held
        return answer


def _wait(connection, response):
    """Return (whether "100 Continue" came, whether a final answer came instead)."""
    connection.settimeout(CONTINUE_S)
    try:
        start = response.fp.peek(16)[:16]
    except TimeoutError:
        return False, False
    finally:
        connection.settimeout(TIMEOUT_S)
    return b" 100" in start, b" 100" not in start


def _read(response):
    try:
        return response.read(64 << 20)
    except http.client.IncompleteRead as cut:
        return cut.partial
