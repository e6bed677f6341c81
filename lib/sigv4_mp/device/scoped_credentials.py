"""Credentials that are a ready signing key: the device never holds the secret."""

from ..encode import to_bytes
from ..errors import CredentialsError
from ..keys import SigningKey, check_session_token


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
