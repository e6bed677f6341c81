"""The receiving side: is this request signed, by whom, and what of it?

Floor 0: it does no I/O and knows no time. It shares the canonical forms with the signer and fails
closed: no trusted time, no answer; what can't be checked is refused.

    verifier = Verifier(keys, "us-east-1", "s3", clock)
    request = verifier.verify(head)        # VerifyError: answer error.status, error.code
    body = request.body(sink)
    body.feed(view)                        # as it comes; request.content_length bytes
    body.finish()                          # VerifyError: forget what the sink was given
"""

from .amzdate import from_seconds, to_seconds
from .digest import sha256_hex
from .encode import lower_names
from .errors import ClockNotSet, ClockUncertain
from .keys import check_name
from .verify_auth import Authentication
from .verify_claim import Claim
from .verify_error import VerifyError
from .verify_head import Limits, body_length, read_head
from .verify_key import KeyLookup

_S3 = (b"s3", b"s3-object-lambda", b"s3-outposts", b"s3express")  # as in signer.py


class Verifier:
    """Verifies requests for one service, by the keys that the application knows.

    keys: function of an access key id (bytes). Returns None for an unknown one; or an object like
        `Credentials` or `ScopedCredentials`, which keeps its derived keys; or a SigningKey; or a
        secret (str or bytes-like, derived anew each time).
    region: str or bytes, or a list of those that are accepted. service: str or bytes.
    clock: None, or has now() -> (earliest, latest) in Unix ms, as `TrustedClock` does, or
        require(service) -> amz_date. Both raise ClockError, which passes through: answer 503.
    normalize_path, double_encode: None means by service: off for S3, on for all others.
    tolerance: int seconds that a request's date may be off; None: 900 for S3, 300 for others.
    hosts: None, or the Host headers that are accepted, with their port if it is not the default.
        Without it a request that was signed for another server with these keys is accepted.
    require_signed: names of headers that must be signed if they are there, besides host, x-amz-*,
        content-type and content-md5. may_be_unsigned: names of these two that need not be.
    unsigned_payload: take bodies that no signature covers. transfer_encoding: take `chunked`, which
        your HTTP server must undo. token_after_signing: the session token may be unsigned (IoT).
    exact_path: refuse a path that normalisation would change. raw_target: take UTF-8 and spaces in
        the target. tell_unknown: say so when the access key is unknown.
    replay: None, or a ReplayCache. limits: a Limits.
    Raises: RequestError naming the argument.
    """

    def __init__(
        self,
        keys,
        region,
        service,
        clock=None,
        normalize_path=None,
        double_encode=None,
        tolerance=None,
        hosts=None,
        require_signed=(),
        may_be_unsigned=(),
        unsigned_payload=False,
        transfer_encoding=False,
        token_after_signing=False,
        exact_path=False,
        raw_target=False,
        tell_unknown=False,
        replay=None,
        limits=Limits,
    ):
        self.lookup = KeyLookup(keys, tell_unknown)
        regions = (region,) if isinstance(region, (str, bytes)) else region
        self.regions = [check_name(name, "region") for name in regions]
        self.service = check_name(service, "service")
        self.clock = clock
        self.is_s3 = self.service in _S3
        self.normalize_path = not self.is_s3 if normalize_path is None else normalize_path
        self.double_encode = not self.is_s3 if double_encode is None else double_encode
        self.tolerance = (900 if self.is_s3 else 300) if tolerance is None else tolerance
        self.hosts = None if hosts is None else lower_names(hosts, "hosts")
        self.require_signed = lower_names(require_signed, "require_signed")
        self.may_be_unsigned = lower_names(may_be_unsigned, "may_be_unsigned")
        self.unsigned_payload = unsigned_payload
        self.transfer_encoding = transfer_encoding
        self.token_after_signing = token_after_signing
        self.exact_path = exact_path
        self.raw_target = raw_target
        self.replay = replay
        self.limits = limits

    def read(self, head, amz_date=None):
        """Return the Claim that a request makes. Nothing is proven yet, no key was looked up.

        head: bytes-like, from the method to the empty line; or a `verify_head.Head`.
        amz_date: str or bytes, the time now; None asks the clock.
        Raises: VerifyError; ClockError.
        """
        head = read_head(head, self)
        host = head.one(b"host")
        if not host:
            raise self.refusal("host")
        if self.hosts is not None and host.lower() not in self.hosts:
            raise self.refusal("wrong-host", host)
        length = body_length(head, self)
        auth = Authentication(head, self)
        auth.check_scope()
        auth.check_covered(head)
        claim = Claim(self, head, auth, length)
        claim.seconds = self._now(amz_date)
        self._check_time(claim)
        return claim

    def verify(self, head, payload=None, payload_hash=None, amz_date=None):
        """Return a Verified request: read() and prove() in one.

        payload: bytes-like, the whole body where you have it; it is checked as well. Without it,
        check it by request.body(). payload_hash: as for Claim.prove().
        Raises: VerifyError; ClockError; CredentialsError; RequestError where the body is needed.
        """
        claim = self.read(head, amz_date)
        if payload is not None and claim.needs_body and payload_hash is None:
            payload_hash = sha256_hex(payload)
        request = claim.prove(payload_hash)
        if payload is not None:
            body = request.body()
            body.feed(payload)
            body.finish()
        return request

    def _now(self, amz_date):
        """Return (earliest, latest), Unix seconds."""
        clock = self.clock
        if amz_date is None and clock is None:
            raise ClockNotSet("give the Verifier a clock, or pass amz_date")
        if amz_date is None and hasattr(clock, "now"):
            earliest, latest = clock.now()
            earliest, latest = earliest // 1000, (latest + 999) // 1000
            if latest - earliest > self.tolerance:
                raise ClockUncertain(
                    "is known to %d s only; ask time servers" % (latest - earliest)
                )
            return earliest, latest
        now = to_seconds(clock.require(self.service) if amz_date is None else amz_date)
        return now, now

    def _check_time(self, claim):
        """Refuse a date that may be out of tolerance, wherever in its interval the time is."""
        earliest, latest = claim.seconds
        at = to_seconds(claim.auth.amz_date)
        expires = claim.auth.expires
        if expires is not None:
            claim.valid_until = at + expires
            if at - earliest > self.tolerance:
                raise self._late("not-yet", claim, earliest)
            if latest > claim.valid_until:
                raise self._late("expired", claim, latest)
        else:
            claim.valid_until = at + self.tolerance
            if at - earliest > self.tolerance:
                raise self._late("skew", claim, earliest)
            if latest > claim.valid_until:
                raise self._late("skew", claim, latest)

    def _late(self, rule, claim, now):
        """Return the VerifyError. Its words are those from which clients mend their clocks."""
        date = claim.amz_date
        future = date > from_seconds(now).decode()
        limit = from_seconds(now + (self.tolerance if future else -self.tolerance)).decode()
        server_time = from_seconds(now).decode()
        if rule == "expired":
            detail = "%s + %d s, now %s" % (date, claim.auth.expires, server_time)
        elif future:
            detail = "Signature not yet current: %s is still later than %s (%s + %d min.)"
            detail %= date, limit, server_time, self.tolerance // 60
        else:
            detail = "Signature expired: %s is now earlier than %s (%s - %d min.)"
            detail %= date, limit, server_time, self.tolerance // 60
        return VerifyError(rule, self.is_s3, detail, claim.auth.by_query, server_time)

    def refusal(self, rule, detail=None, by_query=False):
        """Return the VerifyError of a rule (verify_rules.py), to be raised."""
        return VerifyError(rule, self.is_s3, detail, by_query)
