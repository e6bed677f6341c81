"""AWS IoT Core's credential provider: a device certificate for temporary credentials.

    identity = ClientIdentity("/cert.pem", "/key.pem")
    provider = IotProvider("c1a2b3.credentials.iot.eu-west-1.amazonaws.com", "uploader", identity)

Source: AWS IoT Core developer guide, "Authorizing direct calls to AWS services using AWS IoT Core
credential provider". TLS on 443, SNI equal to the endpoint; the role alias says which role.
"""

from ..encode import uri_encode
from ..errors import RequestError
from .fetch import Reply, Unsigned, ask, check_text, from_json
from .identity import ClientIdentity

_NAMES = "accessKeyId secretAccessKey sessionToken expiration"


class IotProvider:
    """Fetches over mutual TLS. The shell's CA must cover the endpoint (Amazon Root CA 1 to 4)."""

    name = "iot"

    def __init__(self, endpoint, role_alias, identity, thing_name=None, **settings):
        """endpoint: str, host[:port], `aws iot describe-endpoint` gives it for
        iot:CredentialProvider. role_alias: str. identity: a ClientIdentity.
        thing_name: str, for policies with thing variables; it must be attached to the certificate.
        settings: policy and the like, for Exchange. Raises: RequestError naming the field.
        """
        if not isinstance(identity, ClientIdentity):
            raise RequestError("identity", "must be a ClientIdentity")
        if "/" in check_text(endpoint, "endpoint", 255):
            raise RequestError("endpoint", "must be host[:port], without https:// and path")
        path = "/role-aliases/" + uri_encode(check_text(role_alias, "role_alias", 128)).decode()
        headers = []
        if thing_name is not None:
            headers.append(("x-amzn-iot-thingname", check_text(thing_name, "thing_name", 128)))
        self._request = Unsigned("GET", "https://" + endpoint + path + "/credentials", headers)
        self._settings = dict(settings, identity=identity)

    def fetch(self):
        """Operation. Return Credentials.

        Raises: ServiceError (403: the policy, the role alias or the thing does not fit the
        certificate, or it is not active), ProtocolError (certificate: TLS was refused), OSError.
        """
        reply = Reply()
        try:
            yield from ask(lambda: self._request, reply.on_head, reply.on_end, **self._settings)
            return from_json(reply.data, _NAMES, "credentials/")
        finally:
            reply.wipe()
