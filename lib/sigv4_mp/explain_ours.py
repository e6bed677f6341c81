"""What we signed and sent, as `explain` wants it. It never holds the secret."""

from .encode import to_bytes
from .errors import RequestError


class Canonical:
    """A canonical request's parts, bytes. headers: list of (name, value), in its order."""

    def __init__(self, text):
        """Raises: ValueError if it has too few lines to be one."""
        lines = text.split(b"\n")
        if len(lines) < 5 or b":" not in lines[3] and len(lines) < 6:
            raise ValueError("not a canonical request")
        self.method, self.path, self.query = lines[:3]
        self.signed_headers, self.payload_hash = lines[-2:]
        self.headers = []
        for line in lines[3:-2]:
            if line:  # a paste may have lost the empty one, or have two
                name, _, value = line.partition(b":")
                self.headers.append((name, value))

    def header(self, name):
        """Return a header's value, bytes, or None."""
        for other, value in self.headers:
            if other == name:
                return value
        return None


def presigned(canonical):
    """Return whether the signature travels in the query."""
    return b"X-Amz-Credential=" in canonical.query


class Ours:
    """What was signed, and what is known of what was sent.

    canonical_request, string_to_sign: bytes. signature, access_key_id, session_token: bytes or
    None. sent: [(lower-case name, value)] bytes, the headers that were sent, or None. canonical:
    the canonical request's parts.
    """

    def __init__(
        self,
        canonical_request,
        string_to_sign=None,
        signature=None,
        access_key_id=None,
        session_token=None,
        sent=None,
    ):
        """Each str or bytes; sent: (name, value) pairs. Raises: RequestError naming the field."""
        self.canonical_request = _lines(canonical_request, "canonical_request")
        self.string_to_sign = _lines(string_to_sign or b"", "string_to_sign")
        self.signature = _maybe(signature, "signature")
        self.access_key_id = _maybe(access_key_id, "access_key_id")
        self.session_token = _maybe(session_token, "session_token")
        self.sent = None
        if sent is not None:
            self.sent = [
                (to_bytes(name, "sent").lower(), to_bytes(value, "sent").strip())
                for name, value in sent
            ]
        try:
            self.canonical = Canonical(self.canonical_request)
        except ValueError:
            raise RequestError("canonical_request", "has too few lines to be one")
        self._take_credential()

    def _take_credential(self):
        """Find the access key id where it was not given, and the token among what was signed."""
        credential = self.parameter(b"X-Amz-Credential").replace(b"%2F", b"/")
        for name, value in self.sent or ():
            if name == b"authorization":
                credential = value.partition(b"Credential=")[2].partition(b",")[0]
        if self.access_key_id is None and credential:
            self.access_key_id = credential.partition(b"/")[0]
        if self.session_token is None:
            token = self.canonical.header(b"x-amz-security-token")
            self.session_token = token or self.parameter(b"X-Amz-Security-Token") or None

    def parameter(self, name):
        """Return the value of a query parameter as it was signed, encoded, bytes; b"" without."""
        for pair in self.canonical.query.split(b"&"):
            if pair.startswith(name + b"="):
                return pair[len(name) + 1 :]
        return b""

    @property
    def amz_date(self):
        """When it was signed, bytes[16], or b""."""
        lines = self.string_to_sign.split(b"\n")
        if len(lines) > 1:
            return lines[1]
        return self.canonical.header(b"x-amz-date") or self.parameter(b"X-Amz-Date")

    @property
    def scope(self):
        """[date, region, service, b"aws4_request"], or []."""
        lines = self.string_to_sign.split(b"\n")
        pieces = lines[2].split(b"/") if len(lines) > 2 else []
        return pieces if len(pieces) == 4 else []

    @property
    def known(self):
        """What must stand in no text, tuple of bytes or None."""
        return (self.session_token, self.signature)


def of(ours):
    """Return an Ours of an Ours, a SealedRequest (not stale) or a PreparedRequest.

    Raises: TamperError for a stale SealedRequest. Cost: a copy of the canonical request.
    """
    if isinstance(ours, Ours):
        return ours
    if hasattr(ours, "write_canonical_request"):
        pieces = []
        ours.write_canonical_request(pieces.append)
        text = b"".join([bytes(piece) for piece in pieces])
        key, token = ours.access_key_id, ours.session_token
        return Ours(text, ours.string_to_sign(), ours.signature, key, token)
    sent = None if ours.unsendable else ours.headers
    token, text = ours.session_token, ours.canonical_request
    return Ours(text, ours.string_to_sign, ours.signature, None, token, sent)


def _maybe(value, field):
    return None if value is None else to_bytes(value, field)


def _lines(value, field):
    """Return a text of several lines as bytes; a paste may bring line ends of its own."""
    return to_bytes(value, field).replace(b"\r\n", b"\n").strip(b"\n")
