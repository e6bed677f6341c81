"""Signature in the query: presigned URLs.

Source: AWS S3 API reference, "Authenticating Requests: Using Query Parameters"; AWS IoT developer
guide, "MQTT over the WebSocket protocol".
"""

from .canonical import query_pairs
from .digest import EMPTY_SHA256
from .encode import uri_encode
from .errors import RequestError
from .layout import AMZ_DATE, SCOPE_DATE

MAX_EXPIRES = 604800
"""Seconds: seven days, AWS's limit; temporary credentials end a URL earlier."""

_OWN = (
    b"x-amz-algorithm",
    b"x-amz-credential",
    b"x-amz-date",
    b"x-amz-expires",
    b"x-amz-security-token",
    b"x-amz-signature",
    b"x-amz-signedheaders",
)


class QueryAuth:
    """Signature in the `X-Amz-Signature` query parameter."""

    slots_in_query = True

    def __init__(self, signer, expires):
        """expires: int seconds, 1 to 604,800, or None for no X-Amz-Expires (IoT's MQTT)."""
        if expires is not None:
            if isinstance(expires, bool) or not isinstance(expires, int):
                raise RequestError("expires", "must be a whole number of seconds")
            if not 1 <= expires <= MAX_EXPIRES:
                raise RequestError("expires", "must be 1 to 604800 seconds (7 days)")
        self.expires = expires
        # S3 takes the payload of a presigned URL for unsigned; other services hash the body.
        self.default_hash = b"UNSIGNED-PAYLOAD" if signer.is_s3 else EMPTY_SHA256.encode()

    def signs_body(self, prepared, payload_hash):
        """Return whether `x-amz-content-sha256` is added: S3 needs it to heed a given hash."""
        return prepared.signer.is_s3 and payload_hash not in (None, self.default_hash)

    def signed_headers(self, prepared):
        """Return the headers that signing adds to the canonical ones: none."""
        return ()

    def added_headers(self, prepared, amz_date, scope_date, signature):
        """Return the headers that signing adds to the head: none."""
        return []

    def query(self, prepared):
        """Return the encoded pairs that signing adds to the canonical query, with slots."""
        for name, _ in query_pairs(prepared.request.query):
            if name.lower() in _OWN:
                raise RequestError("url", "has %s, which presigning adds" % name.decode())
        return self._pairs(prepared, AMZ_DATE, SCOPE_DATE)

    def _pairs(self, prepared, amz_date, scope_date):
        tail = prepared.scope_tail.replace(b"/", b"%2F")
        credential = uri_encode(prepared.access_key_id) + b"%2F" + scope_date + tail
        pairs = [
            (b"X-Amz-Algorithm", b"AWS4-HMAC-SHA256"),
            (b"X-Amz-Credential", credential),
            (b"X-Amz-Date", amz_date),
        ]
        if self.expires is not None:
            pairs.append((b"X-Amz-Expires", str(self.expires).encode()))
        pairs.append((b"X-Amz-SignedHeaders", uri_encode(prepared.signed_headers)))
        if prepared.session_token is not None and not prepared.signer.token_after_signing:
            pairs.append((b"X-Amz-Security-Token", uri_encode(prepared.session_token)))
        return pairs

    def target(self, prepared, amz_date, scope_date, signature):
        """Return the request target, bytes: the caller's query first, the signature last."""
        pairs = self._pairs(prepared, amz_date, scope_date)
        pairs.append((b"X-Amz-Signature", signature))
        if prepared.session_token is not None and prepared.signer.token_after_signing:
            pairs.append((b"X-Amz-Security-Token", uri_encode(prepared.session_token)))
        target = prepared.request.target()
        query = b"&".join([name + b"=" + value for name, value in pairs])
        return target + (b"&" if prepared.request.query else b"?") + query


def iot_mqtt_url(credentials, region, endpoint, amz_date=None, clock=None):
    """Return the URL, str, that opens MQTT over WebSocket on AWS IoT Core.

    endpoint: str, "<account>-ats.iot.<region>.amazonaws.com", with ":port" if it is not 443.
    amz_date or clock: when it is signed; open it within five minutes.
    The session token goes behind the signature, unsigned: IoT Core wants it so.
    """
    from .signer import Signer

    signer = Signer(credentials, region, "iotdevicegateway", clock, token_after_signing=True)
    return signer.presign("GET", "wss://" + endpoint + "/mqtt", None, amz_date=amz_date)
