"""Credentials: what a Signer asks for signing keys."""

from ..amzdate import to_seconds
from ..errors import CredentialsError, CredentialsExpired
from ..keys import (
    SigningKeyCache,
    check_access_key_id,
    check_secret_access_key,
    check_session_token,
)

LEAST = 60
"""Seconds for which credentials must still hold when a request is signed, to be there in time."""


class Credentials:
    """An access key id, its secret, and the session token of temporary credentials.

    All str or bytes. The secret is kept in a bytearray of its own, which wipe() clears.
    expires_at: int, Unix seconds when they end, or None. Nothing is signed that they don't outlive.
    Raises: CredentialsError naming the field; its value is never shown.
    """

    steady = True  # the key of a day, region and service stays the same until it is wiped

    def __init__(self, access_key_id, secret_access_key, session_token=None, expires_at=None):
        self.access_key_id = check_access_key_id(access_key_id)
        self.session_token = check_session_token(session_token)
        if expires_at is not None and not isinstance(expires_at, int):
            raise CredentialsError("expires_at", "must be Unix seconds, an int")
        self.expires_at = expires_at
        self._secret = check_secret_access_key(secret_access_key)
        self._keys = SigningKeyCache()

    def check_deadline(self, amz_date, lifetime=None):
        """Raise CredentialsExpired unless those with an end outlive a request of amz_date.

        lifetime: int seconds that a presigned URL is to hold; None: it is sent at once, and has
        LEAST seconds to arrive.
        """
        left = self.expires_at - to_seconds(amz_date)
        if left < (LEAST if lifetime is None else lifetime):
            text = "is %d s away; get new credentials, or presign for less" % left
            raise CredentialsExpired("expires_at", text)

    def drop_secret(self):
        """Overwrite the secret; the keys derived so far stay and go on signing, today."""
        if self._secret is not None:
            for i in range(len(self._secret)):
                self._secret[i] = 0
            self._secret = None

    def signing_key(self, scope_date, region, service):
        """Return the SigningKey of a day, region and service (bytes each).

        Cost: 4 HMAC-SHA256 the first time; then nothing, until the day changes.
        """
        if self._secret is None:
            key = self._keys.find(self.access_key_id, scope_date, region, service)
            if key:
                return key
            raise CredentialsError("secret_access_key", "was wiped; load the credentials again")
        return self._keys.get(self.access_key_id, self._secret, scope_date, region, service)

    def wipe(self):
        """Overwrite the secret and every key derived from it. Nothing can be signed after it."""
        self._keys.wipe()
        self.drop_secret()
        self.session_token = None

    def __repr__(self):
        return "<Credentials %s>" % self.access_key_id.decode()
