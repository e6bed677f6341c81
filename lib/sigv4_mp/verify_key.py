"""The key that a request must have been signed with, or one of nobody that costs as much."""

from .errors import CredentialsError
from .keys import SigningKey, check_secret_access_key, derive_signing_key

_NOBODY = b"unknown"
_SECRET = b"nobody-has-this-secret"


class KeyLookup:
    """Finds signing keys by what the application knows.

    Where there is none, another one does the same work, and no answer tells the two apart. So the
    time that a refusal takes says nothing, as long as all keys are of one kind.
    """

    def __init__(self, keys, tell_unknown):
        """keys, tell_unknown: the Verifier's."""
        self._keys = keys
        self._unknown = "told-unknown" if tell_unknown else "unknown-key"
        self._derives = True  # whether the latest key had to be derived

    def find(self, auth):
        """Return (who, key, rule) of an Authentication.

        who: what `keys` returned, or None where the SigningKey was made for this request: wipe it.
        rule: None, or why no signature by this key can be right.
        Raises: CredentialsError for a secret that can't be one; what `keys` raises.
        """
        found = self._keys(auth.access_key_id)
        scope = auth.scope.split(b"/")[:3]
        if found is None:
            return None, self._dummy(scope), self._unknown
        if isinstance(found, (str, bytes, bytearray, memoryview)):
            self._derives = True
            return None, _derive(auth.access_key_id, found, scope), None
        self._derives = False
        key = found
        try:
            if hasattr(found, "signing_key"):
                key = found.signing_key(scope[0], scope[1], scope[2])
        except CredentialsError:  # a scoped key of another day, or wiped ones
            key = None
        if key is None or not _is_for(key, auth.access_key_id, scope):
            return None, self._dummy(scope), "no-key"
        return found, key, None

    def _dummy(self, scope):
        if self._derives:
            return _derive(_NOBODY, _SECRET, scope)
        return SigningKey(_NOBODY, scope[0], scope[1], scope[2], bytes(32))


def _is_for(key, access_key_id, scope):
    return key.access_key_id == access_key_id and [key.scope_date, key.region, key.service] == scope


def _derive(access_key_id, secret, scope):
    """Return the SigningKey of a secret (str or bytes-like), and leave no copy of the secret."""
    secret = check_secret_access_key(secret)
    key = derive_signing_key(secret, scope[0], scope[1], scope[2])
    for i in range(len(secret)):
        secret[i] = 0
    return SigningKey(access_key_id, scope[0], scope[1], scope[2], key)
