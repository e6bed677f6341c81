"""A signed request: what is sent, where it goes, and what it commits to."""

from .encode import uri_encode
from .errors import TamperError

_check = None  # check.check, once it was needed


class SealedRequest:
    """The outcome of one sealing. It reads its `PreparedRequest`, which holds one head.

    Sealing that request again makes this object stale: each use then raises TamperError, so that a
    head can't go out under another one's name.
    """

    def __init__(self, prepared, signature):
        """signature: bytes, the object that prepared has: it tells this sealing from any other."""
        self._prepared = prepared
        self._signature = signature

    def _source(self):
        if self._prepared.signature is not self._signature:
            raise TamperError("head", "was sealed again since; send the newest SealedRequest")
        return self._prepared

    @property
    def content_length(self):
        """How many bytes of body will be sent, int, or None where nobody said."""
        return self._source().content_length()

    @property
    def method(self):
        """HTTP method, str."""
        return self._prepared.request.method.decode()

    @property
    def scheme(self):
        """ "https" or "http" ("wss", "ws" for presigned URLs), str."""
        return self._prepared.request.scheme

    @property
    def host(self):
        """Host to connect to, str, no port, no brackets."""
        return self._prepared.request.host

    @property
    def port(self):
        """Port to connect to, int."""
        return self._prepared.request.port

    @property
    def session_token(self):
        """The session token that goes with it, bytes, or None. Never show it."""
        return self._prepared.session_token

    @property
    def clock(self):
        """The Signer's clock, or None."""
        return self._prepared.signer.clock

    @property
    def unsendable(self):
        """None, or why the target can't stand in a request line, str; then there is no head."""
        return self._prepared.request.unsendable

    @property
    def head(self):
        """The request head, bytes, from the method to the empty line: a copy of what is sent."""
        return bytes(self.head_view())

    def head_view(self):
        """Return the head's own buffer, to be sent as it is. No copy; do not change it."""
        return self._source().head()

    @property
    def amz_date(self):
        """When it was signed, str YYYYMMDDTHHMMSSZ."""
        return self._source().amz_date().decode()

    @property
    def signature(self):
        """The signature, str, 64 hex digits."""
        self._source()
        return self._signature.decode()

    @property
    def payload_hash(self):
        """What was signed for the body, str: 64 hex digits or a sentinel."""
        return self._source().payload_hash().decode()

    @property
    def signed_headers(self):
        """Names of the signed headers, str, sorted, with `;` between."""
        return self._source().signed_headers().decode()

    @property
    def credential_scope(self):
        """date/region/service/aws4_request, str."""
        return self._source().credential_scope().decode()

    @property
    def canonical_request(self):
        """The canonical request, bytes: step 1 of the AWS guide."""
        pieces = []
        self._source().write_canonical_request(pieces.append)
        return b"".join(pieces)

    @property
    def string_to_sign(self):
        """The string to sign, bytes: step 3 of the AWS guide."""
        return self._source().string_to_sign()

    @property
    def authorization(self):
        """The Authorization header's value, str; None for a presigned request."""
        for name, value in self.added_headers:
            if name == "Authorization":
                return value
        return None

    @property
    def added_headers(self):
        """What signing added to the caller's headers: [(name, value)], str."""
        lines = self._source().added().decode().split("\r\n")[1:]
        return [pair for pair in _pairs(lines) if pair[0] != "Content-Length"]

    def check(self):
        """Raise unless the head is, byte for byte, what was sealed, and what was signed.

        A transport calls it before the first byte is sent. Past the time that the service tolerates
        (the signer's clock knows it) the request is refused as well: seal it anew.
        Raises: TamperError; ClockError. Cost: about a prepare().
        """
        source = self._source()
        clock = source.signer.clock
        if hasattr(clock, "check_fresh"):
            clock.check_fresh(source.amz_date(), source.signer.service)
        global _check
        if _check is None:  # asking import each time takes 110 us on the RP2040
            from .check import check as _check  # those who only make headers don't pay for it
        _check(source)

    def signing_key(self):
        """Return the SigningKey that signed it: the chunks of its body are signed with it too."""
        return self._source().key

    @property
    def headers(self):
        """All headers of the head: [(name, value)], str, for an HTTP client of your own."""
        return _pairs(self.head.decode().split("\r\n")[1:-2])

    @property
    def target(self):
        """The request target as it is sent, str: path and query."""
        return self._source().target().decode()

    @property
    def url(self):
        """The whole URL, str; of a presigned request it holds the signature."""
        request = self._source().request
        return request.scheme + "://" + request.host_header.decode() + self.target

    def __repr__(self):
        request = self._prepared.request
        return "<SealedRequest %s %s%s>" % (
            request.method.decode(),
            request.host_header.decode(),
            uri_encode(request.path, True).decode(),
        )


def _pairs(lines):
    pairs = [line.split(": ", 1) for line in lines]
    return [(name, value.lstrip(" ")) for name, value in pairs]
