"""A server on loopback that notes each request as the bytes that came, and answers as told."""

import contextlib
import socket
import ssl
import threading

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def redirect(location, status=307, more=b"", body=b""):
    """Return an answer that redirects, bytes."""
    head = "HTTP/1.1 %d Moved\r\nLocation: %s\r\n" % (status, location)
    return answer(head.encode() + more, body)


def answer(head, body=b""):
    """Return an answer, bytes, from its status line and headers, and its body."""
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


class Recorder:
    """with Recorder(answers) as server: server.url("localhost"), server.requests

    answers: list of bytes, one for each request; OK once they are used up; or a function of the
    request. requests: list of bytes, head and body. tls: (certificate, key), paths.
    """

    def __init__(self, answers=(), tls=None):
        self.requests = []
        self.answers = answers if callable(answers) else list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._context = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*map(str, tls))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def url(self, host="127.0.0.1"):
        """Return its URL, str, without a slash at the end."""
        return "%s://%s:%d" % ("https" if self._context else "http", host, self.port)

    def heads(self):
        """Return the heads alone, list of bytes, each with its empty line."""
        return [data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for data in self.requests]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        self._listener.settimeout(0.05)
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except socket.timeout:
                continue
            with contextlib.suppress(OSError), connection:
                connection.settimeout(30)
                if self._context:
                    connection = self._context.wrap_socket(connection, server_side=True)
                with connection:
                    self._talk(connection)

    def _talk(self, connection):
        data = _request(connection)
        if not data:
            return
        self.requests.append(data)
        if callable(self.answers):
            told = self.answers(data)
        else:
            told = self.answers.pop(0) if self.answers else OK
        if data.startswith(b"HEAD "):
            told = told.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        connection.sendall(told)


def _request(connection):
    """Return one request as it came: as long as Content-Length, or else the last chunk, says."""
    data = b""
    while b"\r\n\r\n" not in data or not _is_whole(data):
        more = connection.recv(65536)
        if not more:
            break
        data += more
    return data


def _is_whole(data):
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    if b"transfer-encoding: chunked" in lines and not lengths:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= max([0, *lengths])
