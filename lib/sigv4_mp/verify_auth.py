"""What a request says of its own signature: in its Authorization header, or in its query.

Nothing here is proven. Source: AWS SigV4 guide, "Authentication methods"; S3 API reference,
"Authenticating Requests".
"""

from binascii import unhexlify

from .amzdate import check_amz_date
from .canonical import query_pairs
from .encode import VISIBLE, only
from .errors import RequestError

MAX_EXPIRES = 604800
"""Seconds that a presigned URL may be good for: seven days."""

# Parameters are told apart by case, and AWS writes them in one way only.
_QUERY = {
    b"x-amz-algorithm": b"X-Amz-Algorithm",
    b"x-amz-credential": b"X-Amz-Credential",
    b"x-amz-date": b"X-Amz-Date",
    b"x-amz-expires": b"X-Amz-Expires",
    b"x-amz-security-token": b"X-Amz-Security-Token",
    b"x-amz-signature": b"X-Amz-Signature",
    b"x-amz-signedheaders": b"X-Amz-SignedHeaders",
}
_OPTIONAL = (b"x-amz-expires", b"x-amz-security-token")
_FIELDS = (b"Credential", b"SignedHeaders", b"Signature")
_SIGNED_NAME = b"abcdefghijklmnopqrstuvwxyz0123456789-_.~!#$%&'*+^`|"
_HEX = b"0123456789abcdef"
# Signed where they are sent, whatever the client thinks: what is in the body hangs on them.
_BODY_HEADERS = (b"content-type", b"content-md5")


class Authentication:
    """What was claimed, bytes: access_key_id, scope (date/region/service/aws4_request), amz_date,
    signature, signed (list of names), session_token or None.

    expires: int seconds, or None. by_query: bool. pairs: the canonical query's pairs, without the
    signature.
    """

    def __init__(self, head, verifier):
        """Raises: VerifyError for anything but one whole authentication."""
        self.verifier = verifier
        self.expires = None
        cut = head.target.find(b"?")
        self.pairs = self._pairs(b"" if cut < 0 else head.target[cut + 1 :])
        found = {}
        for name, value in self.pairs:
            lower = name.lower()
            if lower in _QUERY:
                if lower in found:
                    raise verifier.refusal("duplicate", name)
                found[lower] = name, value
        value = head.one(b"authorization")
        self.by_query = value is None
        if value is not None:
            if found:
                raise verifier.refusal("two-auths")
            self._read_header(value, head)
        elif found:
            self._read_query(found, head)
        else:
            raise verifier.refusal("no-auth")

    def refusal(self, rule, detail=None):
        """Return the VerifyError, worded for where the signature stands."""
        return self.verifier.refusal(rule, detail, self.by_query)

    def _pairs(self, query):
        verifier = self.verifier
        if query.count(b"&") >= verifier.limits.query_pairs:
            raise verifier.refusal("limit", "query")
        try:
            return query_pairs(query)
        except RequestError:
            raise verifier.refusal("target", "query")

    # Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...
    # The space behind the comma is not always there.
    def _read_header(self, value, head):
        algorithm, _, rest = value.partition(b" ")
        if algorithm != b"AWS4-HMAC-SHA256":
            raise self.refusal("algorithm")
        found = {}
        for part in rest.split(b",", 3):
            name, _, text = part.strip(b" ").partition(b"=")
            if name not in _FIELDS or name in found:
                raise self.refusal("authorization")
            found[name] = text
        if len(found) != 3:
            raise self.refusal("authorization", "incomplete")
        self._take(found[b"Credential"], found[b"SignedHeaders"], found[b"Signature"])
        self.session_token = head.one(b"x-amz-security-token")
        date = head.one(b"x-amz-date")
        if date is None:
            self._take_http_date(head)
        else:
            self._take_date(date)

    def _take_http_date(self, head):
        """RFC 9110's Date, which the SigV4 guide takes in place of x-amz-date."""
        from .verify_date import amz_date_of  # hardly a client sends it

        date = head.one(b"date")
        if date is None or b"date" not in self.signed:
            raise self.refusal("date")
        self._take_date(amz_date_of(date))

    def _take_date(self, date):
        try:
            self.amz_date = check_amz_date(date)
        except RequestError:
            raise self.refusal("date")

    def _read_query(self, found, head):
        values = {}
        for lower in _QUERY:
            if lower in found:
                name, value = found[lower]
                if name != _QUERY[lower]:
                    raise self.refusal("authorization", name)
                values[lower] = decoded(value)
            elif lower not in _OPTIONAL:
                raise self.refusal("authorization", "incomplete")
        if values[b"x-amz-algorithm"] != b"AWS4-HMAC-SHA256":
            raise self.refusal("algorithm")
        self._take(
            values[b"x-amz-credential"],
            values[b"x-amz-signedheaders"],
            values[b"x-amz-signature"],
        )
        self._take_date(values[b"x-amz-date"])
        if head.one(b"x-amz-date") not in (None, self.amz_date):
            raise self.refusal("duplicate", "x-amz-date")
        self._take_expires(values.get(b"x-amz-expires"))
        self._take_query_token(values.get(b"x-amz-security-token"), head)
        self.pairs.remove(found[b"x-amz-signature"])

    def _take_expires(self, value):
        if value is None:
            if self.verifier.is_s3:
                raise self.refusal("expires")
            return
        if not value.isdigit() or len(value) > 6 or not 1 <= int(value) <= MAX_EXPIRES:
            raise self.refusal("expires")
        self.expires = int(value)

    def _take_query_token(self, value, head):
        self.session_token = head.one(b"x-amz-security-token")
        if value is not None:
            if self.session_token is not None:
                raise self.refusal("duplicate", "x-amz-security-token")
            self.session_token = value
            if self.verifier.token_after_signing:
                self.pairs = [pair for pair in self.pairs if pair[0] != b"X-Amz-Security-Token"]

    def _take(self, credential, signed, signature):
        limits = self.verifier.limits
        if len(credential) > limits.credential or len(signature) != 64:
            raise self.refusal("authorization", "credential or signature")
        if not only(signature, _HEX) or not only(credential, VISIBLE):
            raise self.refusal("authorization", "credential or signature")
        parts = credential.split(b"/")
        if len(parts) != 5 or not parts[0]:
            raise self.refusal("authorization", "credential")
        self.access_key_id = parts[0]
        self.scope = credential[len(parts[0]) + 1 :]
        self.signature = signature
        if signed.count(b";") >= limits.signed_headers:
            raise self.refusal("limit", "signed headers")
        self.signed_headers = signed
        self.signed = signed.split(b";")
        before = b""
        for name in self.signed:  # each once, in order: else the canonical form is another
            if name <= before or not only(name, _SIGNED_NAME):
                raise self.refusal("authorization", "signed headers")
            before = name

    def check_scope(self):
        """Refuse a credential scope that is not the verifier's, or not of the request's day."""
        verifier = self.verifier
        date, region, service, end = self.scope.split(b"/")
        if date != self.amz_date[:8]:
            raise self.refusal("scope-date")
        if region not in verifier.regions:
            raise self.refusal("scope-region", region)
        if service != verifier.service:
            raise self.refusal("scope-service", service)
        if end != b"aws4_request":
            raise self.refusal("scope-end")

    def check_covered(self, head):
        """Refuse a request that leaves a header unsigned which must not be."""
        verifier = self.verifier
        signed = self.signed
        for name, _ in head.headers:
            if name not in signed and self._must_be_signed(name, verifier):
                raise self.refusal("unsigned-header", name)

    def _must_be_signed(self, name, verifier):
        if name == b"x-amz-security-token" and verifier.token_after_signing:
            return False
        if name == b"host" or name.startswith(b"x-amz-"):
            return True
        if name in verifier.may_be_unsigned:
            return False
        return name in _BODY_HEADERS or name in verifier.require_signed


def decoded(value):
    """Return percent-encoded bytes decoded. value: in canonical form, so each `%` starts a %XY."""
    if b"%" not in value:
        return value
    parts = value.split(b"%")
    out = bytearray(parts[0])
    for part in parts[1:]:
        out.extend(unhexlify(part[:2]))
        out.extend(part[2:])
    return bytes(out)
