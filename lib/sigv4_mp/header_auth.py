"""Signature in the `Authorization` header.

Source: AWS SigV4 guide, "Add the signature to the request".
"""

from .digest import EMPTY_SHA256
from .layout import AMZ_DATE


class HeaderAuth:
    """Signature in the `Authorization` header."""

    default_hash = EMPTY_SHA256.encode()
    slots_in_query = False
    expires = None  # what a clock may be asked about is the service's tolerance alone

    def signs_body(self, prepared, payload_hash):
        """Return whether `x-amz-content-sha256` is added where the signer leaves it open."""
        return prepared.signer.is_s3

    def query(self, prepared):
        """Return the encoded pairs that signing adds to the canonical query: none."""
        return ()

    def signed_headers(self, prepared):
        """Return the (lower-case name, value) pairs that signing adds to the canonical headers."""
        pairs = [(b"x-amz-date", AMZ_DATE)]
        if prepared.session_token is not None and not prepared.signer.token_after_signing:
            pairs.append((b"x-amz-security-token", prepared.session_token))
        return pairs

    def added_headers(self, prepared, amz_date, scope_date, signature):
        """Return the (name, value) pairs that signing adds to the head; a value may be a tuple,
        to be joined."""
        pairs = [(b"X-Amz-Date", amz_date)]
        if prepared.session_token is not None:
            pairs.append((b"X-Amz-Security-Token", prepared.session_token))
        pairs.append((b"Authorization", authorization(prepared, scope_date, signature)))
        return pairs

    def target(self, prepared, amz_date, scope_date, signature):
        """Return the request target, bytes."""
        return prepared.request.target()


def authorization(prepared, scope_date, signature):
    """Return the value of the Authorization header, a tuple of bytes: what varies stands alone."""
    return (
        b"AWS4-HMAC-SHA256 Credential=",
        prepared.access_key_id,
        b"/",
        scope_date,
        prepared.scope_tail,
        b", SignedHeaders=",
        prepared.signed_headers,
        b", Signature=",
        signature,
    )


HEADER_AUTH = HeaderAuth()
"""The one there needs to be: it holds nothing."""
