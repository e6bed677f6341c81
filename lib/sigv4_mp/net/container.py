"""Containers and AWS IoT Greengrass: credentials from a URI beside the program, with a token.

Source: AWS SDKs and tools reference guide, "Container credential provider"; which plain-HTTP hosts
are allowed: botocore 1.44's ContainerMetadataFetcher, by way of its own source.
"""

from ..errors import CredentialsError, RequestError
from .endpoint import split
from .fetch import Reply, Unsigned, ask, check_text, from_json
from .identity import _content

_NAMES = "AccessKeyId SecretAccessKey Token Expiration"
_PLAIN = ("169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]")


class ContainerProvider:
    """Fetches from a full URI, with an authorization token if there is one."""

    name = "container"

    def __init__(self, full_uri, token=None, **settings):
        """full_uri: str; plain HTTP only to this machine and to the addresses that AWS uses.

        token: None; a path (str), read for each fetch; bytes; or a function that returns bytes.
        settings: for Exchange. Raises: RequestError (full_uri).
        """
        scheme, host, _ = split(check_text(full_uri, "full_uri"))
        if scheme != "https" and not (scheme == "http" and _is_near(host)):
            text = "may be plain HTTP only to this machine, and to %s" % ", ".join(_PLAIN[:3])
            raise RequestError("full_uri", text)
        self._uri = full_uri
        self._token = token
        self._settings = dict(settings, insecure_http=True)

    @classmethod
    def from_environment(cls, getenv, **settings):
        """Return the one that AWS_CONTAINER_* describe. getenv: a function like os.getenv.

        Raises: CredentialsError (provider) if they describe none.
        """
        uri = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        if relative:
            uri = "http://169.254.170.2" + relative
        if not uri:
            raise CredentialsError("provider", "no AWS_CONTAINER_CREDENTIALS_FULL_URI is set")
        token = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")  # it wins, as in the SDKs
        if not token:
            token = (getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN") or "").encode() or None
        return cls(uri, token, **settings)

    def fetch(self):
        """Operation. Return Credentials. Raises: ServiceError, ProtocolError, OSError."""
        token = self._token
        if token is not None:
            token = _content(token, "authorization_token").rstrip(b"\r\n")
        request = Unsigned("GET", self._uri, authorization=token)
        reply = Reply()
        try:
            yield from ask(lambda: request, reply.on_head, reply.on_end, **self._settings)
            return from_json(reply.data, _NAMES)
        finally:
            reply.wipe()


def _is_near(host):
    """Whether plain HTTP to this host (str, IPv6 in brackets) leaves no machine but AWS's own."""
    if host in _PLAIN:
        return True
    parts = host.split(".")
    numbers = [part for part in parts if part.encode().isdigit() and len(part) < 4]
    if len(parts) != 4 or len(numbers) != 4 or parts[0] != "127":
        return False
    return max([int(part) for part in parts]) < 256
