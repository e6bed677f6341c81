"""Credentials: what a Signer asks for signing keys."""

from ..encode import to_bytes
from ..errors import CredentialsError
from ..keys import (
    SigningKey,
    SigningKeyCache,
    check_access_key_id,
    check_secret_access_key,
    check_session_token,
)


class Credentials:
    """An access key id, its secret, and the session token of temporary credentials.

    All str or bytes. The secret is kept in a bytearray of its own, which wipe() clears.
    Raises: CredentialsError naming the field; its value is never shown.
    """

    def __init__(self, access_key_id, secret_access_key, session_token=None):
        self.access_key_id = check_access_key_id(access_key_id)
        self.session_token = check_session_token(session_token)
        self._secret = check_secret_access_key(secret_access_key)
        self._keys = SigningKeyCache()

    def signing_key(self, scope_date, region, service):
        """Return the SigningKey of a day, region and service (bytes each).

        Cost: 4 HMAC-SHA256 the first time; then nothing, until the day changes.
        """
        if self._secret is None:
            raise CredentialsError("secret_access_key", "was wiped; load the credentials again")
        return self._keys.get(self.access_key_id, self._secret, scope_date, region, service)

    def wipe(self):
        """Overwrite the secret and every key derived from it. Nothing can be signed after it."""
        self._keys.wipe()
        if self._secret is not None:
            for i in range(len(self._secret)):
                self._secret[i] = 0
            self._secret = None

    def __repr__(self):
        return "<Credentials %s>" % self.access_key_id.decode()


class ScopedCredentials:
    """A ready signing key instead of a secret: the device never holds the secret.

    It signs for one UTC day, region and service and refuses every other.
    signing_key: bytes[32], raw, from `keys.derive_signing_key` on another machine.
    """

    def __init__(self, access_key_id, scope_date, region, service, signing_key, session_token=None):
        self._key = SigningKey(access_key_id, scope_date, region, service, signing_key)
        self.access_key_id = self._key.access_key_id
        self.session_token = check_session_token(session_token)

    def signing_key(self, scope_date, region, service):
        """Return the SigningKey. Raises: CredentialsError naming what it is not good for."""
        key = self._key
        for field, has, wanted in (
            ("scope_date", key.scope_date, scope_date),
            ("region", key.region, region),
            ("service", key.service, service),
        ):
            wanted = to_bytes(wanted, field)
            if has != wanted:
                raise CredentialsError(
                    field,
                    "is %s, but this signing key is for %s only; provision another"
                    % (wanted.decode(), has.decode()),
                )
        return key

    def wipe(self):
        """Overwrite the signing key. Nothing can be signed after it."""
        self._key.wipe()

    def __repr__(self):
        return "<ScopedCredentials %r>" % self._key
