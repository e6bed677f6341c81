"""A request whose signature was found right: who signed it, what was signed, and what was not."""

from .verify_auth import decoded


class Verified:
    """What is proven of a request. Made by `Claim.prove`.

    The body is not, before the object that body() returns says so. Route on `path`, not on
    `target`, and believe only the headers that header() gives.
    """

    def __init__(self, claim, key, owns_key=False):
        """owns_key: the SigningKey was made for this request, and ends with its body."""
        self._claim = claim
        self._auth = claim.auth
        self.key = key  # a SigningKey: the chunks of the body are checked with it
        self.owns_key = owns_key
        self.by_query = claim.auth.by_query
        self.expires = claim.auth.expires
        self.session_token = claim.auth.session_token
        self.payload = claim.payload
        self.content_length = claim.content_length

    # Who.

    @property
    def access_key_id(self):
        """Whose key signed it, str."""
        return self._auth.access_key_id.decode()

    @property
    def credential_scope(self):
        """date/region/service/aws4_request, str."""
        return self._auth.scope.decode()

    @property
    def region(self):
        """Region of the scope, str."""
        return self.credential_scope.split("/")[1]

    @property
    def service(self):
        """Service of the scope, str."""
        return self.credential_scope.split("/")[2]

    @property
    def amz_date(self):
        """When it was signed, str YYYYMMDDTHHMMSSZ."""
        return self._auth.amz_date.decode()

    @property
    def signature(self):
        """The signature, str, 64 hex digits."""
        return self._auth.signature.decode()

    # What was signed.

    @property
    def method(self):
        """HTTP method, str."""
        return self._claim.method

    @property
    def target(self):
        """The request target as it came, str."""
        return self._claim.target

    @property
    def path(self):
        """The path as it was signed, str, in wire form: normalised where the service does that.

        Two targets with one signature have one path here.
        """
        path = self._claim.canonical_uri
        return (decoded(path) if self._claim.verifier.double_encode else path).decode()

    @property
    def canonical_query_string(self):
        """The canonical query string, str: sorted, each part encoded in the one canonical way."""
        return self._claim.canonical_query_string.decode()

    @property
    def query(self):
        """The query's [(name, value)], bytes, decoded, sorted, without X-Amz-* of the signature."""
        pairs = []
        for pair in self._claim.canonical_query_string.split(b"&"):
            name, _, value = pair.partition(b"=")
            if pair and not (self.by_query and name.startswith(b"X-Amz-")):
                pairs.append((decoded(name), decoded(value)))
        return pairs

    @property
    def signed_headers(self):
        """Names of the signed headers, str, sorted, with `;` between."""
        return self._auth.signed_headers.decode()

    def header(self, name):
        """Return the value of a *signed* header, bytes, or None. name: str, in any case.

        Values of a repeated one are joined with `,`, white space in them as it was signed.
        """
        name = name.lower().encode()
        for other, value in self._claim.signed_pairs:
            if other == name:
                return value
        return None

    @property
    def headers(self):
        """All headers as they came, signed or not: [(lower-case name, value)], bytes."""
        return self._claim.head.headers

    @property
    def payload_hash(self):
        """What was signed for the body, str: 64 hex digits or a sentinel."""
        return self._claim.payload_hash.decode()

    @property
    def decoded_length(self):
        """Bytes of content, int, or None where nobody says: less than content_length in chunks."""
        if self.payload in ("hash", "empty", "unsigned"):
            return self.content_length
        value = self.header("x-amz-decoded-content-length")
        good = value is not None and value.isdigit() and len(value) <= 15
        return int(value) if good else None

    # What was not.

    @property
    def unsigned_headers(self):
        """Names of the headers that are there but not signed, [str]: anybody may have put them."""
        names = []
        for name, _ in self._claim.head.headers:
            if name != b"authorization" and name not in self._auth.signed:
                names.append(name.decode())
        return names

    @property
    def body_signed(self):
        """Whether the signature covers the body, bool."""
        return not self.payload.startswith("unsigned")

    @property
    def unsigned(self):
        """All that was not signed, [str]: names of headers, and "body"."""
        return self.unsigned_headers + ([] if self.body_signed else ["body"])

    def body(self, sink=None, hold=None):
        """Return what checks the body as it comes: feed(view) with each piece, then finish().

        sink: function, called with each piece of content, a memoryview that is good for the call;
        of an aws-chunked body without its framing. hold: bytearray, to keep content in until it is
        proven: a signed chunk, or the whole body; more than fits is refused.
        Without hold, content is passed on as it comes and proven later; so is an unsigned body,
        which nothing proves.
        """
        if self.payload in ("hash", "empty", "unsigned"):
            from .verify_body import WholeBody as Body
        else:
            from .verify_chunks import ChunkedBody as Body
        return Body(self, sink, hold)

    def refusal(self, rule, detail=None):
        """Return the VerifyError of a rule."""
        return self._auth.refusal(rule, detail)

    @property
    def limits(self):
        """The verifier's Limits."""
        return self._claim.verifier.limits

    def __repr__(self):
        return "<Verified %s of %s>" % (self.method, self.access_key_id)
