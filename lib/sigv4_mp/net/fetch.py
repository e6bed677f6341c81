"""What credential providers share: one request, a bounded reply, read once and then overwritten."""

import io

from ..amzdate import to_seconds
from ..device.credentials import Credentials
from ..device.json_fields import JsonFields
from ..encode import to_bytes
from ..errors import CredentialsError, ProtocolError, RequestError
from ..request import Request, check_header
from .exchange import Exchange
from .retry import Policy

LIMIT = 12288
"""Bytes: the longest reply. Session tokens have 700 bytes to 4 KB, and no promise."""


class Unsigned:
    """A request that carries no signature: what Exchange.run wants of a SealedRequest, and a body.

    session_token: None; set it to what must not travel over plain HTTP.
    """

    payload_hash = "UNSIGNED-PAYLOAD"
    rewindable = True
    session_token = None

    def __init__(self, method, url, headers=(), payload=b"", authorization=None):
        """Arguments as for Signer.sign. authorization: bytes, a header that no signer makes.

        Raises: RequestError.
        """
        request = Request(method, url, headers)
        self.method = method
        self.scheme = request.scheme
        self.host = request.host
        self.port = request.port
        self.content_length = len(payload) or None
        self._payload = payload
        head = bytearray(request.method + b" " + request.target() + b" HTTP/1.1\r\nHost: ")
        head.extend(request.host_header)
        pairs = [(name, value) for name, value, _ in request.headers]
        if authorization is not None:
            pairs.append(check_header("Authorization", authorization))
        if payload or method == "POST":
            pairs.append((b"Content-Length", b"%d" % len(payload)))
        for header in pairs:  # a Request's have a third part, the name in lower case
            head.extend(b"\r\n" + header[0] + b": " + header[1])
        head.extend(b"\r\n\r\n")
        self._head = head

    def head_view(self):
        """Return the head's buffer."""
        return self._head

    def check(self):
        """Nothing was signed; there is nothing that could differ."""

    def open(self, _=None):
        """Return a reader of the body, or None."""
        return io.BytesIO(self._payload) if self._payload else None


class Reply:
    """Collects a reply's body, at most LIMIT bytes, in a buffer that wipe() overwrites."""

    def __init__(self):
        self.data = bytearray()
        self._length = 0

    def on_head(self, response):
        """Start anew, with as much room as the reply says that it needs; return the sink."""
        self.wipe()
        if (response.length or 0) > LIMIT:
            raise _too_long()
        self.data = bytearray(response.length or 1024)
        self._length = 0
        return self._take

    def _take(self, buffer, start, end):
        count = end - start
        if self._length + count > LIMIT:
            raise _too_long()
        if self._length + count > len(self.data):
            grown = bytearray(min(LIMIT, 2 * (self._length + count)))
            grown[: self._length] = memoryview(self.data)[: self._length]
            wipe(self.data)
            self.data = grown
        self.data[self._length : self._length + count] = memoryview(buffer)[start:end]
        self._length += count

    def on_end(self, _):
        """Drop the room that was not needed."""
        if self._length < len(self.data):
            whole = self.data[: self._length]
            wipe(self.data)
            self.data = whole

    def wipe(self):
        """Overwrite what came."""
        wipe(self.data)


class _Once(Exchange):
    def wipe(self):
        wipe(self._receive)
        wipe(self._block)


def wipe(buffer):
    """Overwrite a bytearray with zeros."""
    for i in range(len(buffer)):
        buffer[i] = 0


def json_fault():
    """Return what reads a provider's refusal; loaded when the first one comes."""
    from .json_fault import JsonFault

    return JsonFault()


def ask(make, on_head, on_end=None, fault=json_fault, body=None, **settings):
    """Operation. One request of a provider; the connection is closed after it.

    make, on_head, on_end, fault, body: as for Exchange.run. settings: for Exchange.
    Two attempts: those above have a back-off of their own.
    """
    settings.setdefault("policy", Policy(attempts=2))
    exchange = _Once(receive_size=1024, send_size=256, **settings)
    try:
        yield from exchange.run(make, body, on_head, fault=fault, on_end=on_end)
    except OSError as error:
        if settings.get("identity") and _is_alert(error):
            text = "was refused, or TLS broke off; is it active, and registered for this endpoint?"
            raise ProtocolError(text, "certificate")
        raise
    finally:
        exchange.wipe()
    yield exchange.io.close()


def _is_alert(error):
    """Whether TLS broke off: by a fatal alert (the number is mbedTLS's, where it has no texts), by
    a connection reset before the alert was read (EPIPE, ECONNRESET), or on CPython in any other
    way, for with TLS 1.3 the alert may be lost behind the closed socket."""
    # Attempt._last_words can't tell more: with TLS 1.3 the client has finished its handshake when
    # the server looks at the certificate. The server's alert and its reset are on their way while
    # we send; Linux drops what was not read when the reset comes, the alert with it. A network that
    # breaks at this moment looks the same. It has had both attempts of `ask` to get better by then,
    # and the text leaves it open.
    broken = error.errno in (-0x7780, 32, 104)
    return broken or "ALERT" in str(error) or "SSL" in type(error).__name__


def from_json(data, names, prefix=""):
    """Return Credentials of a JSON reply.

    data: bytearray. names: the four names of the fields, str with spaces between. prefix: the path
    of the object that has them. Raises: ProtocolError, whose text shows no value.
    """
    fields = JsonFields(data)
    paths = [prefix + name for name in names.split()]
    secret = fields.secret(paths[1])
    try:
        ends = fields.number(paths[3])
        if ends is None:
            ends = expiry(fields.get(paths[3]))
        return new_credentials(fields.get(paths[0]), secret, fields.secret(paths[2]), ends)
    finally:
        wipe(secret or b"")


def new_credentials(access_key_id, secret, token, ends):
    """Return Credentials of a reply's parts. Raises: ProtocolError naming what is not right."""
    for name, value in (
        ("access key id", access_key_id),
        ("secret access key", secret),
        ("session token", token),
    ):
        if not value:
            raise ProtocolError("the reply has no " + name)
    if len(access_key_id) > 128 or len(secret) > 256:
        raise ProtocolError("the reply's access key or secret is too long")
    if isinstance(token, bytearray):
        token = bytes(token)
    try:
        return Credentials(access_key_id, secret, token, ends)
    except CredentialsError as error:
        raise ProtocolError("the reply's %s %s" % (error.field, error.message))


def expiry(text):
    """Return the Unix time of "2018-01-18T09:18:06Z", int; fractions and "+00:00" may be there.

    Raises: ProtocolError for anything else: without an end, credentials would be used for ever.
    """
    text = text or ""
    zone = text[19:]
    if zone[:1] == ".":
        zone = zone[1:].lstrip("0123456789")
    if zone not in ("Z", "+00:00") or text[4:5] + text[7:8] + text[13:14] + text[16:17] != "--::":
        raise ProtocolError("the reply's expiration is not a time in UTC")
    try:
        return to_seconds(text[:19].replace("-", "").replace(":", "") + "Z")
    except RequestError:
        raise ProtocolError("the reply's expiration is not a time in UTC")


def check_text(value, field, longest=2048):
    """Return a setting as str. Raises: RequestError unless it is text, not empty, not too long."""
    if not isinstance(value, str) or not 0 < len(to_bytes(value, field)) <= longest:
        raise RequestError(field, "must be text of 1 to %d bytes" % longest)
    return value


def _too_long():
    return ProtocolError("the reply is longer than %d bytes" % LIMIT, "limit")
