"""Signing keys: derived from a secret, good for one UTC day, region and service.

Source: AWS SigV4 guide, "Calculate the signature".
"""

from binascii import hexlify

from .digest import HmacKey
from .encode import to_bytes
from .errors import CredentialsError, RequestError

_CACHED = 8  # keys of other regions and services; a signing key is some 300 bytes of RAM


def derive_signing_key(secret_access_key, scope_date, region, service):
    """Return the SigV4 signing key.

    secret_access_key: bytes-like, 1..n. scope_date: bytes[8], UTC YYYYMMDD. region, service: bytes.
    Returns: bytes[32], raw; valid for that UTC day, region and service.
    Raises: RequestError if scope_date is not 8 digits, or region or service can't be one.
    Cost: 4 HMAC-SHA256.    Source: AWS SigV4 guide, "Derive a signing key".
    """
    scope_date = check_scope_date(scope_date)
    key = bytearray(b"AWS4")
    key.extend(secret_access_key)
    for part in (scope_date, check_name(region, "region"), check_name(service, "service")):
        key = _hmac_once(key, part)
    return _hmac_once(key, b"aws4_request")


def _hmac_once(key, message):
    hmac = HmacKey(key)
    digest = hmac.digest(message)
    hmac.wipe()
    if isinstance(key, bytearray):  # it held the secret
        for i in range(len(key)):
            key[i] = 0
    return digest


def check_scope_date(scope_date):
    """Return scope_date as bytes[8]. Raises: RequestError unless it is 8 digits."""
    scope_date = to_bytes(scope_date, "scope_date")
    if len(scope_date) != 8 or not scope_date.isdigit():
        raise RequestError("scope_date", "must be 8 digits, UTC YYYYMMDD")
    return scope_date


def check_name(value, field):
    """Return a region or service as bytes. Raises: RequestError naming field."""
    value = to_bytes(value, field)
    if not value:
        raise RequestError(field, "is empty; give the one that the endpoint belongs to")
    for byte in value:
        # A letter, digit, "-", "_" or ".": anything else would change the credential scope's shape.
        if not (0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x5A or byte in b"-_."):
            raise RequestError(field, "may hold only letters, digits, '-', '_' and '.'")
    return value


def check_access_key_id(value):
    """Return an access key id as bytes. Raises: CredentialsError."""
    value = _credential(value, "access_key_id")
    for byte in value:
        if not 0x20 < byte < 0x7F or byte in b'/,="':
            raise CredentialsError("access_key_id", "holds a byte that no Authorization can carry")
    return value


def check_session_token(value):
    """Return a session token as bytes, or None for None. No limit on its length."""
    if value is None:
        return None
    value = _credential(value, "session_token")
    for byte in value:
        if not 0x20 < byte < 0x7F:
            raise CredentialsError("session_token", "must be printable ASCII; copy it again")
    return value


def check_secret_access_key(value):
    """Return a secret as a new bytearray, which its owner can wipe. Raises: CredentialsError."""
    if isinstance(value, (bytearray, memoryview)):
        return _check(bytearray(value), "secret_access_key")  # no bytes of it are left behind
    return bytearray(_credential(value, "secret_access_key"))


def _credential(value, field):
    try:
        value = to_bytes(value, field)
    except RequestError as error:
        raise CredentialsError(field, error.message)
    return _check(value, field)


def _check(value, field):
    if not value:
        raise CredentialsError(field, "is empty; set it")
    for byte in value:
        if byte <= 0x20 or byte == 0x7F:
            raise CredentialsError(field, "holds white space or a control byte; copy it again")
    return value


class SigningKey:
    """A derived key with its HMAC pads, and what it is good for.

    `access_key_id`, `scope_date`, `region`, `service`: bytes. It can sign for that day, region and
    service only; it does not give the secret away.
    `scope_line`: bytes, its credential scope between line ends, as a string to sign has it; None
    once the key is wiped.
    """

    def __init__(self, access_key_id, scope_date, region, service, signing_key):
        """signing_key: bytes-like[32], raw, as derive_signing_key returns it.

        Raises: CredentialsError, RequestError naming the field. Cost: the pads; no hash is run.
        """
        self.access_key_id = check_access_key_id(access_key_id)
        self.scope_date = check_scope_date(scope_date)
        self.region = check_name(region, "region")
        self.service = check_name(service, "service")
        if not isinstance(signing_key, (bytes, bytearray)) or len(signing_key) != 32:
            raise CredentialsError("signing_key", "must be 32 raw bytes, not hex or base64")
        self._hmac = HmacKey(signing_key)
        names = (self.scope_date, self.region, self.service)
        self.scope_line = b"\n%s/%s/%s/aws4_request\n" % names

    @classmethod
    def derive(cls, access_key_id, secret_access_key, scope_date, region, service):
        """Return the SigningKey of a secret (bytes-like). Cost: 4 HMAC-SHA256, then the pads."""
        region = check_name(region, "region")
        service = check_name(service, "service")
        key = derive_signing_key(secret_access_key, scope_date, region, service)
        return cls(access_key_id, scope_date, region, service, key)

    def signature(self, string_to_sign):
        """Return the signature, bytes[64] hex. Raises: CredentialsError after wipe().

        Cost: 2 SHA-256 runs (4 blocks for a usual string to sign).
        """
        return self.signature_of((string_to_sign,))

    def signature_of(self, pieces):
        """Return the signature of a string to sign that lies in pieces. As signature()."""
        if self._hmac is None:
            raise CredentialsError("signing_key", "was wiped; load the credentials again")
        return hexlify(self._hmac.digest_of(pieces))

    def wipe(self):
        """Overwrite the key's pads. Signing with it then raises CredentialsError."""
        if self._hmac is not None:
            self._hmac.wipe()
            self._hmac = self.scope_line = None

    def __repr__(self):
        scope = (self.scope_date + b"/" + self.region + b"/" + self.service).decode()
        return "<SigningKey %s for %s>" % (self.access_key_id.decode(), scope)


class SigningKeyCache:
    """One signing key for each (region, service), replaced when day or access key changes."""

    def __init__(self):
        self._keys = []

    def get(self, access_key_id, secret_access_key, scope_date, region, service):
        """Return the SigningKey, derived only if need be. All bytes(-like), checked by the caller.

        Cost: a hit compares four short strings and allocates nothing.
        """
        key = self.find(access_key_id, scope_date, region, service)
        if key:
            return key
        key = SigningKey.derive(access_key_id, secret_access_key, scope_date, region, service)
        if len(self._keys) >= _CACHED:
            self._drop(self._keys[0])
        self._keys.append(key)
        return key

    def find(self, access_key_id, scope_date, region, service):
        """Return the SigningKey, or None; one of another day or access key is dropped."""
        for key in self._keys:
            if key.region == region and key.service == service:
                if key.scope_date == scope_date and key.access_key_id == access_key_id:
                    return key
                self._drop(key)
                break
        return None

    def _drop(self, key):
        self._keys.remove(key)
        key.wipe()

    def wipe(self):
        """Wipe and forget every key."""
        while self._keys:
            self._drop(self._keys[-1])
