"""From a device to S3 and back: heads, answers, and the pipe in which a body is verified."""

import asyncio

from sigv4_mp.encode import unescape_at
from sigv4_mp.errors import SigV4Error

# What a request may have signed besides. Anything else might change what it means: refused.
KNOWN = ("x-amz-date", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer")
KNOWN += ("x-amz-security-token", "x-amz-sdk-checksum-algorithm", "x-amz-te")
CHANGING = ("content-encoding", "if-match", "if-none-match", "if-modified-since", "range")
CHANGING += ("if-unmodified-since", "transfer-encoding")
_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}
_REASONS[408] = "Request Timeout"
_REASONS[502] = "Bad Gateway"
_REASONS[503] = "Service Unavailable"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>'


class Refusal(SigV4Error):
    """What a device is told, and why. status: int. code: str, as S3 has it. message: str."""

    def __init__(self, status, code, message):
        super().__init__(None, message)
        self.status = status
        self.code = code


async def read_head(reader, limit):
    """Return (head, rest): bytes up to and with the empty line, and what came behind it.

    Raises: Refusal for a head of more than `limit` bytes or a connection that ends within it.
    """
    data = bytearray()
    while True:
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            return bytes(data[: end + 4]), bytes(data[end + 4 :])
        if len(data) > limit:
            raise Refusal(400, "RequestHeaderSectionTooLarge", "The head is too long")
        more = await reader.read(256)
        if not more:
            raise Refusal(400, "InvalidRequest", "The connection ended within the head")
        data.extend(more)


def answer(status, headers=(), body=b""):
    """Return an answer, bytes. headers: pairs of str. The connection is closed after it."""
    lines = ["HTTP/1.1 %d %s" % (status, _REASONS.get(status, "Error"))]
    lines.extend([name + ": " + value for name, value in headers])
    lines.append("Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body))
    return "\r\n".join(lines).encode() + body


def error_answer(status, code, message):
    """Return an answer that says what is wrong, as S3's XML."""
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        code = code.replace(sign, name)
        message = message.replace(sign, name)
    body = (_XML % (code, message)).encode()
    return answer(status, (("Content-Type", "application/xml"),), body)


class Pipe:
    """The content on its way: a few bytes at a time, and the last one only once all is proven.

    So S3 never sees a complete request unless hash and signatures are right, and no flash is worn.
    It is a reader as the library wants one: readinto() returns None while there is nothing.
    """

    def __init__(self, size):
        """size: int, bytes of the buffer."""
        self._buffer = bytearray(size)
        self._start = self._end = 0
        self.proven = False
        self.error = None

    def take(self, view):
        """Sink of the verifier's body. view: at most room() bytes."""
        end = self._end + len(view)
        self._buffer[self._end : end] = view
        self._end = end

    def room(self):
        """Return how many bytes may be taken."""
        if self._start:
            left = self._end - self._start
            self._buffer[:left] = self._buffer[self._start : self._end]
            self._start, self._end = 0, left
        return len(self._buffer) - self._end

    def settled(self):
        """Return whether forwarding may begin: all proven, or more than the buffer holds."""
        if self.error:
            raise self.error
        return self.proven or self._end - self._start == len(self._buffer)

    def whole(self):
        """Return all the content, bytes, once it is proven and none of it was handed on."""
        return bytes(memoryview(self._buffer)[self._start : self._end])

    def readinto(self, view):
        """As a stream's: bytes read, 0 at the end, None while there is nothing to hand on."""
        if self.error:
            raise self.error
        count = min(self._end - self._start - (not self.proven), len(view))
        if count <= 0:
            return 0 if self.proven else None
        view[:count] = self._buffer[self._start : self._start + count]
        self._start += count
        return count

    async def fill(self, reader, body, rest):
        """Bring the body in from the device's connection, verified. rest: bytes read already.

        body: the verifier's. What fails is raised by readinto(), in the request to S3.
        """
        try:
            while True:
                await self._feed(body, memoryview(rest))
                if not body.wire_left:
                    break
                rest = await reader.read(min(512, body.wire_left))
                if not rest:
                    break  # finish() says that it is incomplete
            body.finish()
            self.proven = True
        except Exception as error:
            self.error = error

    async def _feed(self, body, view):
        while len(view):
            room = self.room()
            if room:
                body.feed(view[:room])
                view = view[room:]
            else:
                await asyncio.sleep(0.002)


def passed(request):
    """Return the headers that go on to S3: of those that the device signed. Raises: Refusal."""
    kept = []
    for name, value in request.headers:
        name = name.decode()
        if name in CHANGING and (name, value) != ("content-encoding", b"aws-chunked"):
            raise Refusal(501, "NotImplemented", name + " is not passed on")
        if name == "content-type" or name.startswith("x-amz-meta-"):
            kept.append((name, value))
        elif name[:6] == "x-amz-" and name not in KNOWN and name[:15] != "x-amz-checksum-":
            raise Refusal(501, "NotImplemented", name + " is not passed on")
    return kept


def decoded(path):
    """Return percent-encoded bytes decoded."""
    out = bytearray()
    at = 0
    while at < len(path):
        byte = unescape_at(path, at)
        out.append(path[at] if byte < 0 else byte)
        at += 1 if byte < 0 else 3
    return bytes(out)


def shown(key):
    """Return a key, bytes, fit for a log: str without line ends or the like."""
    return "".join([chr(byte) if 32 <= byte < 127 else "?" for byte in key])
