"""Signature in the query: presigned URLs.

Source: AWS S3 API reference, "Authenticating Requests: Using Query Parameters"; AWS IoT developer
guide, "MQTT over the WebSocket protocol".
"""

from .canonical import canonical_query_string, query_pairs
from .encode import uri_encode
from .errors import RequestError
from .header_auth import HEADER_AUTH
from .layout import AMZ_DATE, SCOPE_DATE, SIGNATURE

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
_ALGORITHM = b"X-Amz-Algorithm=AWS4-HMAC-SHA256"
_CREDENTIAL = b"&X-Amz-Credential="
_DATE = b"&X-Amz-Date="
_SIGNATURE = b"&X-Amz-Signature=" + SIGNATURE
_UNSIGNED = b"UNSIGNED-PAYLOAD"


class QueryAuth:
    """Signature in the `X-Amz-Signature` query parameter."""

    in_query = True

    def __init__(self, signer, expires):
        """expires: int seconds, 1 to 604,800, or None for no X-Amz-Expires (IoT's MQTT)."""
        if expires is not None:
            if isinstance(expires, bool) or not isinstance(expires, int):
                raise RequestError("expires", "must be a whole number of seconds")
            if not 1 <= expires <= MAX_EXPIRES:
                raise RequestError("expires", "must be 1 to 604800 seconds (7 days)")
        self.expires = expires
        # S3 takes the payload of a presigned URL for unsigned; other services hash the body.
        self.default_hash = _UNSIGNED if signer.is_s3 else HEADER_AUTH.default_hash

    def signs_body(self, prepared, payload_hash):
        """Return whether `x-amz-content-sha256` is added: S3 needs it to heed a given hash."""
        return prepared.signer.is_s3 and payload_hash not in (None, self.default_hash)

    def signed_headers(self, prepared):
        """Return a new list of the headers that signing adds to the canonical ones: none."""
        return []

    def write_query(self, prepared, buffers, signed_headers):
        """Append the canonical query to a list of buffers, its two slots as items of their own.

        Return the last buffer.
        """
        pairs = query_pairs(prepared.request.query)
        for name, _ in pairs:
            if name.lower() in _OWN:
                raise RequestError("url", "has %s, which presigning adds" % name.decode())
        first, middle, last = self._own(prepared, signed_headers)
        token = prepared.session_token
        if token is not None and not prepared.signer.token_after_signing:
            pairs.append((b"X-Amz-Security-Token", uri_encode(token)))
        if pairs:
            first, middle, last = _sorted_in(pairs, first, middle, last)
        buffers[-1] += first
        last = bytearray(last)
        buffers += (SCOPE_DATE, middle, AMZ_DATE, last)
        return last

    def _own(self, prepared, signed_headers):
        """Return the parameters that signing adds, in order but for a token, cut likewise."""
        first = _ALGORITHM + _CREDENTIAL + uri_encode(prepared.access_key_id) + b"%2F"
        middle = prepared.signer.scope_tail.replace(b"/", b"%2F") + _DATE
        if signed_headers != b"host":
            signed_headers = uri_encode(signed_headers)
        last = b"&X-Amz-SignedHeaders=" + signed_headers
        if self.expires is not None:
            last = b"&X-Amz-Expires=%d%s" % (self.expires, last)
        return first, middle, last

    def write_target(self, prepared, text, signed_headers):
        """Append the request target: the caller's query first, the signature last.

        Return where amz_date, day and signature stand.
        """
        first, middle, last = self._own(prepared, signed_headers)
        text += prepared.request.target()
        text += b"&" if prepared.request.query else b"?"
        text += first
        text += SCOPE_DATE
        day_at = len(text) - 8
        text += middle
        text += AMZ_DATE
        date_at = len(text) - 16
        text += last
        token = prepared.session_token
        if token is not None:
            token = b"&X-Amz-Security-Token=" + uri_encode(token)
            if not prepared.signer.token_after_signing:
                text += token
                token = None
        text += _SIGNATURE
        signature_at = len(text) - 64
        if token:
            text += token
        return date_at, day_at, signature_at


def _sorted_in(pairs, first, middle, last):
    """Return the canonical query of own parameters and others, cut at day and amz_date."""
    for pair in b"".join((first, SCOPE_DATE, middle, AMZ_DATE, last)).split(b"&"):
        name, _, value = pair.partition(b"=")
        pairs.append((name, value))
    text = canonical_query_string(pairs)
    # Algorithm sorts before them, so there is an `&`; and no name of the caller's has one.
    day = text.find(b"%2F", text.find(_CREDENTIAL)) + 3
    date = text.find(_DATE, day) + len(_DATE)
    return text[:day], text[day + 8 : date], text[date + 16 :]


def iot_mqtt_url(credentials, region, endpoint, amz_date=None, clock=None):
    """Return the URL, str, that opens MQTT over WebSocket on AWS IoT Core.

    endpoint: str, "<account>-ats.iot.<region>.amazonaws.com", with ":port" if it is not 443.
    amz_date or clock: when it is signed; open it within five minutes.
    The session token goes behind the signature, unsigned: IoT Core wants it so.
    """
    from .signer import Signer

    signer = Signer(credentials, region, "iotdevicegateway", clock, token_after_signing=True)
    return signer.presign("GET", "wss://" + endpoint + "/mqtt", None, amz_date=amz_date)
