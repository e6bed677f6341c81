"""Cognito identity pools: temporary credentials for a device without any, or for a signed-in user.

Source: Amazon Cognito federated identities API reference, GetId, GetCredentialsForIdentity. Neither
is signed. Whoever knows the pool's id gets what its unauthenticated role may do, if it has one.
"""

import json

from ..device.json_fields import JsonFields
from ..errors import ProtocolError
from ..net.fetch import Reply, Unsigned, ask, check_text, from_json

_NAMES = "AccessKeyId SecretKey SessionToken Expiration"


class CognitoProvider:
    """Fetches for one identity of a pool. identity_id: str, or None until the first fetch."""

    name = "cognito"

    def __init__(
        self, region, identity_pool_id, logins=None, identity_id=None, endpoint=None, **settings
    ):
        """region, identity_pool_id: str. logins: None; a dict {provider: token}; or a function that
        returns one, called for each fetch. identity_id: str, what an earlier fetch was given: keep
        it, else a device is a new identity at each start. endpoint: str, "https://host[:port]".
        settings: for Exchange. Raises: RequestError.
        """
        self.identity_id = identity_id
        self._pool = check_text(identity_pool_id, "identity_pool_id", 128)
        self._logins = logins
        self._url = (endpoint or "https://cognito-identity." + region + ".amazonaws.com") + "/"
        self._settings = settings

    def fetch(self):
        """Operation. Return Credentials. Raises: ServiceError ("NotAuthorizedException"), ..."""
        logins = self._logins() if callable(self._logins) else self._logins
        values = {"Logins": logins} if logins else {}
        if self.identity_id is None:
            reply = yield from self._ask("GetId", dict(values, IdentityPoolId=self._pool))
            self.identity_id = JsonFields(reply.data).get("IdentityId")
            if not self.identity_id:
                raise ProtocolError("the reply has no IdentityId")
        values["IdentityId"] = self.identity_id
        reply = yield from self._ask("GetCredentialsForIdentity", values)
        try:
            return from_json(reply.data, _NAMES, "Credentials/")
        finally:
            reply.wipe()

    def _ask(self, action, values):
        reply = Reply()
        headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AWSCognitoIdentityService." + action),
        ]
        request = Unsigned("POST", self._url, headers, json.dumps(values).encode())
        yield from ask(lambda: request, reply.on_head, reply.on_end, body=request, **self._settings)
        return reply
