"""STS: roles and sessions for temporary credentials, as providers of TemporaryCredentials.

    source = Credentials(...)                       # or TemporaryCredentials of another provider
    role = AssumeRole(source, clock, "eu-west-1", "arn:aws:iam::123456789012:role/up", "device-7")
    credentials = TemporaryCredentials(role, clock)

Source: AWS STS API reference, AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken.
"""

from ..encode import uri_encode
from ..errors import ProtocolError, RequestError
from ..net.fetch import Reply, Unsigned, ask, check_text, expiry, new_credentials, wipe
from ..net.identity import _content
from ..signer import Signer

_FORM = (("content-type", "application/x-www-form-urlencoded"),)
_DAY_AND_A_HALF = 129600


class _Sts:
    """One action of STS. Subclasses say which, and with what parameters."""

    action = None
    longest = 43200

    def __init__(self, region, duration, endpoint, settings):
        if isinstance(duration, bool) or not isinstance(duration, int):
            raise RequestError("duration", "must be a whole number of seconds")
        if not 900 <= duration <= self.longest:
            raise RequestError("duration", "must be 900 to %d seconds" % self.longest)
        suffix = ".amazonaws.com.cn" if region[:3] == "cn-" else ".amazonaws.com"
        self._url = (endpoint or "https://sts." + region + suffix) + "/"
        self._parameters = [("DurationSeconds", str(duration))]
        self._settings = settings

    def fetch(self):
        """Operation. Return Credentials. Raises: ServiceError ("AccessDenied"), ProtocolError,
        OSError, and what the credentials that sign it raise."""
        reply = Reply()
        form = _form([("Action", self.action), ("Version", "2011-06-15")] + self._more())
        body = Unsigned("POST", self._url, _FORM, form)
        try:
            yield from ask(
                lambda: self._request(form, body),
                reply.on_head,
                reply.on_end,
                _fault,
                body,
                **self._settings,
            )
            return _credentials(reply.data, self.action.encode() + b"Response")
        finally:
            reply.wipe()

    def _more(self):
        return self._parameters


class _Signed(_Sts):
    def __init__(self, credentials, clock, region, duration, endpoint, settings):
        super().__init__(region, duration, endpoint, dict(settings, credentials=credentials))
        self._signer = Signer(credentials, region, "sts", clock)

    def _request(self, form, _):
        return self._signer.sign("POST", self._url, _FORM, form)


class AssumeRole(_Signed):
    """A role of this or another account, for credentials that may assume it."""

    name = "assume-role"
    action = "AssumeRole"

    def __init__(
        self,
        credentials,
        clock,
        region,
        role_arn,
        session_name,
        duration=3600,
        external_id=None,
        policy=None,
        endpoint=None,
        **settings,
    ):
        """credentials, clock: what the request is signed with; temporary ones are renewed in time.

        region: str, of STS. role_arn, session_name: str. duration: int seconds, 900 to 43,200 (a
        role assumed by a role: 3,600). external_id: str. policy: str, JSON that narrows the session
        further. endpoint: str, "https://host[:port]". settings: for Exchange. Raises: RequestError.
        """
        super().__init__(credentials, clock, region, duration, endpoint, settings)
        self._parameters.append(("RoleArn", check_text(role_arn, "role_arn")))
        self._parameters.append(("RoleSessionName", check_text(session_name, "session_name", 64)))
        for name, value in (("ExternalId", external_id), ("Policy", policy)):
            if value is not None:
                self._parameters.append((name, check_text(value, name)))


class GetSessionToken(_Signed):
    """A session of an IAM user's own long-term key: with all its rights, but an end."""

    name = "session-token"
    action = "GetSessionToken"
    longest = _DAY_AND_A_HALF

    def __init__(self, credentials, clock, region, duration=43200, endpoint=None, **settings):
        """Arguments as for AssumeRole. duration: int seconds, 900 to 129,600."""
        super().__init__(credentials, clock, region, duration, endpoint, settings)


class AssumeRoleWithWebIdentity(_Sts):
    """A role for whoever has a token of an OpenID Connect provider; the request is not signed."""

    name = "web-identity"
    action = "AssumeRoleWithWebIdentity"

    def __init__(
        self, region, role_arn, session_name, token, duration=3600, endpoint=None, **settings
    ):
        """token: a path (str), read anew each time; bytes; or a function that returns bytes.

        The others as for AssumeRole.
        """
        super().__init__(region, duration, endpoint, settings)
        self._parameters.append(("RoleArn", check_text(role_arn, "role_arn")))
        self._parameters.append(("RoleSessionName", check_text(session_name, "session_name", 64)))
        self._token = token

    def _more(self):
        token = _content(self._token, "web_identity_token").strip()
        return self._parameters + [("WebIdentityToken", token)]

    def _request(self, _, body):
        return body


def _credentials(data, root):
    """Return Credentials of an answer, a bytearray. Raises: ProtocolError.

    Not by an XML parser, which would make a str of the secret: the answer is STS's own, over TLS,
    its element holds four texts, and what does not look just like that is refused.
    """
    if data.find(b"</" + root + b">") < 0:
        raise ProtocolError("the answer of STS is cut short")
    start, end = _inside(data, 0, len(data), b"Credentials")
    spans = []
    for name in (b"AccessKeyId", b"SecretAccessKey", b"SessionToken", b"Expiration"):
        spans.append(_inside(data, start, end, name))
    secret, token = [data[span[0] : span[1]] for span in spans[1:3]]
    access_key_id, ends = [_text(data, span) for span in (spans[0], spans[3])]
    try:
        return new_credentials(access_key_id, secret, token, expiry(ends))
    finally:
        wipe(secret)


def _inside(data, start, end, name):
    """Return (start, end) of the one element of that name between start and end."""
    opening, closing = b"<" + name + b">", b"</" + name + b">"
    at = data.find(opening, start, end) + len(opening)
    stop = data.find(closing, at, end)
    if at < len(opening) or stop < 0 or data.find(opening, at, end) >= 0:
        raise ProtocolError("the answer of STS has not just one " + name.decode())
    if name != b"Credentials":
        for byte in b"<&":
            if data.find(bytes((byte,)), at, stop) >= 0:
                raise ProtocolError("the answer of STS has an odd " + name.decode())
    return at, stop


def _text(data, span):
    try:
        return bytes(data[span[0] : span[1]]).decode()
    except UnicodeError:
        raise ProtocolError("the answer of STS is not UTF-8")


def _fault():
    """Return what reads an error; its XML parser is loaded when the first one comes."""
    from .fault import Fault

    return Fault()


def _form(pairs):
    return b"&".join([name.encode() + b"=" + uri_encode(value) for name, value in pairs])
