"""What a host has: credentials in the environment and in ~/.aws/credentials. Not for boards.

Source: AWS SDKs and tools reference guide, "Environment variables", "Shared config and credentials
files". Only static profiles: no role_arn, no SSO, no credential_process.
"""

import os

from ..device.credentials import Credentials
from ..errors import CredentialsError
from .fetch import expiry

_LONGEST = 65536  # bytes of a credentials file


class EnvironmentProvider:
    """AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION."""

    name = "environment"

    def __init__(self, getenv=None):
        """getenv: a function like os.getenv, the default."""
        self._getenv = getenv or os.getenv

    def fetch(self):
        """Operation. Return Credentials. Raises: CredentialsError naming what is not set."""
        get = self._getenv
        access_key_id = get("AWS_ACCESS_KEY_ID")
        secret = get("AWS_SECRET_ACCESS_KEY")
        if not access_key_id or not secret:
            text = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set"
            raise CredentialsError("provider", text)
        ends = get("AWS_CREDENTIAL_EXPIRATION")
        token = get("AWS_SESSION_TOKEN") or None
        return Credentials(access_key_id, secret, token, expiry(ends) if ends else None)
        yield


class ConfigFileProvider:
    """A profile of the file that AWS's command line and SDKs share."""

    name = "config-file"

    def __init__(self, profile=None, path=None, getenv=None):
        """profile, path: str; None: AWS_PROFILE or "default", AWS_SHARED_CREDENTIALS_FILE or
        ~/.aws/credentials. getenv: a function like os.getenv, the default."""
        getenv = getenv or os.getenv
        self._profile = profile or getenv("AWS_PROFILE") or "default"
        path = path or getenv("AWS_SHARED_CREDENTIALS_FILE")
        self._path = path or (getenv("HOME") or "") + "/.aws/credentials"

    def fetch(self):
        """Operation. Return Credentials. Raises: CredentialsError without file, profile or key."""
        try:
            with open(self._path, "rb") as file:
                data = file.read(_LONGEST + 1)
        except OSError as error:
            raise CredentialsError("provider", "%s can't be read (%s)" % (self._path, error))
        if len(data) > _LONGEST:
            raise CredentialsError("provider", self._path + " is too long")
        found = _section(data, self._profile.encode())
        if found is None:
            text = "%s has no profile %s" % (self._path, self._profile)
            raise CredentialsError("provider", text)
        for name in (b"aws_access_key_id", b"aws_secret_access_key"):
            if not found.get(name):
                text = "profile %s has no %s" % (self._profile, name.decode())
                raise CredentialsError("provider", text)
        return Credentials(
            found[b"aws_access_key_id"],
            found[b"aws_secret_access_key"],
            found.get(b"aws_session_token") or None,
        )
        yield


def _section(data, wanted):
    """Return {name: value}, bytes, of a section of an INI file, or None. The last value counts."""
    found = None
    inside = False
    for line in data.replace(b"\r", b"\n").split(b"\n"):
        text = line.strip()
        if text[:1] == b"[" and text[-1:] == b"]":
            name = text[1:-1].strip()
            inside = name == wanted or name.split() == [b"profile", wanted]
            if inside and found is None:
                found = {}
        elif inside and text[:1] not in (b"", b"#", b";") and line[:1] not in b" \t":
            name, _, value = text.partition(b"=")
            found[name.strip().lower()] = value.strip()
    return found
