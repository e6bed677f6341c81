"""The signer: who signs, for which region and service, by which rules.

Floor 0: it does no I/O and knows no time. `credentials` and `clock` are objects of the floor above,
of which it asks one thing each.
"""

from .amzdate import check_amz_date
from .encode import lower_names
from .errors import ClockNotSet
from .header_auth import HEADER_AUTH
from .keys import check_name
from .payload import check_payload, check_payload_hash
from .prepared import PreparedRequest
from .request import Request

# Services that take the path as it is: no normalisation, encoded once (AWS SDKs' own list).
_S3 = (b"s3", b"s3-object-lambda", b"s3-outposts", b"s3express")


class Signer:
    """Signs requests of one set of credentials for one region and service.

    credentials: has access_key_id and session_token (bytes, or None), and
        signing_key(scope_date, region, service) -> SigningKey; see `device.credentials`.
    region, service: str or bytes, as in the credential scope ("us-east-1", "s3").
    clock: None, or has require(service) -> amz_date, and raises ClockError; see `device.clock`.
    normalize_path, double_encode: None means by service: off for S3, on for all others.
    sign_body: add and sign x-amz-content-sha256; None means by service: on for S3.
    token_after_signing: send the session token, but leave it out of the signature (IoT's MQTT).
    sign_only: None, or the names of the headers to sign besides host and x-amz-*, where a proxy
        before an unknown server may change others.
    Raises: RequestError naming the field.
    """

    def __init__(
        self,
        credentials,
        region,
        service,
        clock=None,
        normalize_path=None,
        double_encode=None,
        sign_body=None,
        token_after_signing=False,
        sign_only=None,
    ):
        self.credentials = credentials
        self.region = check_name(region, "region")
        self.service = check_name(service, "service")
        self._settle()
        self.clock = clock
        self.is_s3 = self.service in _S3
        self.normalize_path = not self.is_s3 if normalize_path is None else normalize_path
        self.double_encode = not self.is_s3 if double_encode is None else double_encode
        self.sign_body = sign_body
        self.token_after_signing = token_after_signing
        self.sign_only = None if sign_only is None else lower_names(sign_only, "sign_only")

    def _settle(self):
        """Work out what follows from region and service."""
        self.scope_tail = b"/%s/%s/aws4_request" % (self.region, self.service)
        self._key = self._steady = None  # the last signing key, and whose it is

    def prepare(
        self,
        method,
        url,
        headers=(),
        query=(),
        sign_headers=(),
        payload_hash=None,
        content_length=None,
        unsendable_ok=False,
    ):
        """Return a PreparedRequest, signature in the Authorization header, to be sealed often.

        method: "GET", …    url: "https://host[:port]/path?query" in wire form, encoded already.
        headers: (name, value) pairs, or a dict; str or bytes. All are signed, save those that
            proxies rewrite (`canonical.HOP_HEADERS`); sign_headers names such ones to sign anyway.
        query: (name, value) pairs, *not* encoded, added to the URL's own.
        payload_hash, content_length: what seal() will be given, if known already: it saves work.
        unsendable_ok: take a target that can't stand in a request line, to show how it is signed.
        Raises: RequestError, before anything is hashed.
        """
        request = Request(method, url, headers, query, unsendable_ok)
        if payload_hash is not None:
            payload_hash = check_payload_hash(payload_hash)
        return PreparedRequest(
            self, request, HEADER_AUTH, sign_headers, payload_hash, content_length, True
        )

    def prepare_presigned(
        self,
        method,
        url,
        expires,
        headers=(),
        query=(),
        sign_headers=(),
        payload_hash=None,
        unsendable_ok=False,
    ):
        """Return a PreparedRequest, signature in the query. Arguments as for prepare().

        expires: int seconds, 1 to 604,800 (7 days); None leaves X-Amz-Expires out.
        headers: whoever uses the URL must send these, and x-amz-content-sha256 if it is signed.
        """
        from .presign import QueryAuth  # only those who presign pay for it

        auth = QueryAuth(self, expires)
        request = Request(method, url, headers, query, unsendable_ok)
        if payload_hash is not None:
            payload_hash = check_payload_hash(payload_hash)
        return PreparedRequest(self, request, auth, sign_headers, payload_hash)

    def sign(
        self,
        method,
        url,
        headers=(),
        payload=None,
        payload_hash=None,
        content_length=None,
        amz_date=None,
        query=(),
        sign_headers=(),
    ):
        """Return a SealedRequest: prepare() and seal() in one. Arguments as for those two."""
        length = content_length if payload is None else len(check_payload(payload))
        if length is None and payload_hash is None:
            length = 0
        request = Request(method, url, headers, query)
        if payload_hash is not None:  # once: seal() knows the object again
            if type(payload_hash) is str:  # what is not ASCII is refused anyway: 70 us less
                payload_hash = payload_hash.encode("utf-8", "surrogatepass")
            payload_hash = check_payload_hash(payload_hash)
        prepared = PreparedRequest(self, request, HEADER_AUTH, sign_headers, payload_hash, length)
        return prepared.seal(payload, payload_hash, content_length, amz_date)

    def presign(
        self,
        method,
        url,
        expires,
        headers=(),
        query=(),
        payload_hash=None,
        amz_date=None,
        sign_headers=(),
    ):
        """Return a presigned URL, str. Arguments as for prepare_presigned() and seal().

        payload_hash: None means UNSIGNED-PAYLOAD for S3, the empty body for other services.
        """
        prepared = self.prepare_presigned(
            method, url, expires, headers, query, sign_headers, payload_hash
        )
        return prepared.seal(payload_hash=payload_hash, amz_date=amz_date).url

    def in_region(self, region):
        """Return a Signer like this one, sharing its credentials and clock, for another region."""
        copy = self._but("region", check_name(region, "region"))
        copy._settle()
        return copy

    def signing_only(self, names):
        """Return a Signer like this one with another sign_only (names, an iterable of str)."""
        return self._but("sign_only", lower_names(names, "sign_only"))

    def _but(self, changed, value):
        """Return a copy, of the same class: what a subclass added stays."""
        copy = object.__new__(type(self))
        for name in self.__dict__:
            setattr(copy, name, value if name == changed else self.__dict__[name])
        return copy

    def date_of(self, amz_date, expires=None):
        """Return amz_date checked, bytes[16]; None asks the clock. Raises: ClockError.

        expires: of a presigned URL, int seconds, for clocks that know how far they may be off.
        """
        if amz_date is None:
            if self.clock is None:
                raise ClockNotSet("give the Signer a clock, or pass amz_date")
            if expires is not None and hasattr(self.clock, "require_presigned"):
                amz_date = self.clock.require_presigned(self.service, expires)
            else:
                amz_date = self.clock.require(self.service)
        return check_amz_date(amz_date)

    def signing_key(self, amz_date, lifetime=None):
        """Return the SigningKey of amz_date, bytes[16].

        lifetime: int seconds that a presigned URL or form asks for; None: for what is sent at once.
        Raises: CredentialsExpired where the credentials end before that; CredentialsError.
        """
        credentials = self.credentials
        key = self._key
        if (
            key
            and credentials is self._steady
            and credentials.expires_at is None
            and key.scope_line
            and amz_date.startswith(key.scope_date)
        ):
            return key  # 40 us on the RP2040; asking takes 200
        if getattr(credentials, "expires_at", None) is not None:
            credentials.check_deadline(amz_date, lifetime)
        key = credentials.signing_key(amz_date[:8], self.region, self.service)
        self._key = key
        self._steady = credentials if getattr(credentials, "steady", False) else None
        return key

    def __repr__(self):
        return "<Signer %s/%s>" % (self.region.decode(), self.service.decode())
