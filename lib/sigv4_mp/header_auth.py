"""Signature in the `Authorization` header.

Source: AWS SigV4 guide, "Add the signature to the request".
"""

from .digest import EMPTY_SHA256
from .layout import AMZ_DATE, SCOPE_DATE, SIGNATURE

_DATE = b"\r\nX-Amz-Date: " + AMZ_DATE
_TOKEN = b"\r\nX-Amz-Security-Token: "
_CREDENTIAL = b"\r\nAuthorization: AWS4-HMAC-SHA256 Credential="
_SCOPE_DATE = b"/" + SCOPE_DATE
_SIGNATURE = b", Signature=" + SIGNATURE


class HeaderAuth:
    """Signature in the `Authorization` header."""

    default_hash = EMPTY_SHA256.encode()
    in_query = False
    expires = None  # what a clock may be asked about is the service's tolerance alone

    def signs_body(self, prepared, payload_hash):
        """Return whether `x-amz-content-sha256` is added where the signer leaves it open."""
        return prepared.signer.is_s3

    def signed_headers(self, prepared):
        """Return a new list of the (lower-case name, value) pairs that signing adds."""
        pairs = [(b"x-amz-date", AMZ_DATE)]
        if prepared.session_token is not None and not prepared.signer.token_after_signing:
            pairs.append((b"x-amz-security-token", prepared.session_token))
        return pairs

    def write_lines(self, prepared, text, signed_headers):
        """Append what signing adds to the head. Return where amz_date, day and signature stand."""
        text += _DATE
        date_at = len(text) - 16
        if prepared.session_token is not None:
            text += _TOKEN
            text += prepared.session_token
        text += _CREDENTIAL
        text += prepared.access_key_id
        text += _SCOPE_DATE
        day_at = len(text) - 8
        text += prepared.signer.scope_tail
        text += b", SignedHeaders="
        text += signed_headers
        text += _SIGNATURE
        return date_at, day_at, len(text) - 64


HEADER_AUTH = HeaderAuth()
"""The one there needs to be: it holds nothing."""
