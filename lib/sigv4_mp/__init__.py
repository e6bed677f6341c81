"""sigv4_mp: AWS Signature Version 4 for microcontrollers. See README.md.

Names are loaded when they are first used: what an application does not use costs it no RAM.
"""

from .version import __version__

_HOME = {
    "Signer": "signer",
    "UNSIGNED_PAYLOAD": "digest",
    "EMPTY_SHA256": "digest",
    "Credentials": "device.credentials",
    "ScopedCredentials": "device.scoped_credentials",
    "TemporaryCredentials": "net.temporary",
    "IotProvider": "net.iot",
    "ClientIdentity": "net.identity",
    "ScopedKeys": "device.scoped",
    "SecretStore": "device.secret_store",
    "FixedClock": "device.clock",
    "SystemClock": "device.clock",
    "TrustedClock": "device.trusted",
    "Verifier": "verify",
    "VerifyError": "verify_error",
    "ReplayCache": "replay",
    "S3": "services.s3",
    "Aws": "services.aws",
    "Spool": "services.spool",
    "SpoolFull": "services.spool",
    "Uploader": "services.telemetry",
    "http": "net.http",
    "SigV4Error": "errors",
    "RequestError": "errors",
    "ClockError": "errors",
    "ClockNotSet": "errors",
    "ClockUncertain": "errors",
    "ClockRollback": "errors",
    "ClockDisagreement": "errors",
    "CredentialsError": "errors",
    "CredentialsExpired": "errors",
    "TamperError": "errors",
    "ProtocolError": "errors",
    "ServiceError": "errors",
}


def __getattr__(name):
    if name.startswith("_"):  # what interpreters probe for; importing it would be wasted
        raise AttributeError(name)
    home = _HOME.get(name, name)
    try:
        # A non-empty fromlist makes __import__ return the inner module.
        value = __import__(__name__ + "." + home, globals(), None, (name,), 0)
    except ImportError:
        if name in _HOME:
            raise
        raise AttributeError(name)
    if name in _HOME and not home.endswith("." + name):
        value = getattr(value, name)
    globals()[name] = value
    return value
