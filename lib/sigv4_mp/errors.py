"""What can go wrong, by whose fault it is.

Single inheritance throughout: MicroPython's exceptions have no more. Every message says which rule
failed and what to do next; `field` names the part of the request or of the credentials. No message
holds a secret, a session token or a signing key. `OSError` passes through the library unchanged.
"""


class SigV4Error(Exception):
    """Base of all. `field`: str or None. `message`: str, without the field's name."""

    def __init__(self, field, message):
        super().__init__(message if field is None else "%s: %s" % (field, message))
        self.field = field
        self.message = message


class RequestError(SigV4Error):
    """The caller's request can't be signed or sent as it is; nothing was hashed or sent."""


class CredentialsError(SigV4Error):
    """The credentials are malformed, wiped, or scoped to something else."""


class CredentialsExpired(CredentialsError):
    """The credentials end before the request's deadline, and no newer ones are to be had now."""


class ClockError(SigV4Error):
    """There is no time good enough to sign with."""

    def __init__(self, message):
        super().__init__("amz_date", message)


class ClockNotSet(ClockError):
    """No evidence of the time at all, or a time before this library was built."""


class ClockUncertain(ClockError):
    """The time is known, but not well enough for the service's tolerance."""


class ClockRollback(ClockError):
    """The time went backwards past a point that is known to have been reached."""


class ClockDisagreement(ClockError):
    """The sources of time contradict each other."""


class TamperError(SigV4Error):
    """What would be sent is not what was signed; nothing more is sent."""


class ProtocolError(SigV4Error):
    """The peer broke a protocol, or a limit that protects this device."""

    def __init__(self, message, field=None):
        super().__init__(field, message)


class ServiceError(SigV4Error):
    """What the service said.

    status: int, HTTP status. code: str, the service's own code ("SignatureDoesNotMatch"), or the
    status as text where it gave none. request_id: str or None, to quote to the service's support.
    """

    def __init__(self, status, code, message, request_id=None):
        super().__init__(None, "%s (HTTP %d): %s" % (code, status, message))
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
