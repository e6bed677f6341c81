"""Who this device is in a TLS handshake: its X.509 certificate and private key.

Both are read when a connection is made and forgotten with it. They are shown to no server but those
of the exchange that they were given to, and only if the server asks.
"""

import sys

from ..errors import RequestError

_MICROPYTHON = sys.implementation.name == "micropython"


class ClientIdentity:
    """A certificate (or a chain, the device's own first) and the private key that belongs to it.

    Each is a path (str), the content (bytes, PEM or DER), or a function that returns the content,
    such as a SecretStore's. The rp2 port's TLS reads DER only, where a file is one certificate.
    """

    def __init__(self, certificate, private_key):
        """Nothing is read yet. Raises: RequestError naming the field."""
        self._certificate = _source(certificate, "certificate")
        self._private_key = _source(private_key, "private_key")

    def load_into(self, context):
        """Give both to a TLS context. Raises: RequestError (certificate, private_key).

        Cost: mbedTLS parses both into some 3 KB of its own memory, freed with the context.
        """
        certificate = _content(self._certificate, "certificate")
        private_key = _content(self._private_key, "private_key")
        if not _MICROPYTHON:
            from .identity_files import load  # CPython takes files only

            load(context, certificate, private_key)
            return
        try:
            context.load_cert_chain(certificate, private_key)
        except (ValueError, OSError) as error:
            text = "or its private key can't be used (%s); give PEM or DER" % error
            raise RequestError("certificate", text)

    def __repr__(self):
        return "<ClientIdentity>"


def _source(value, field):
    if callable(value) or isinstance(value, (str, bytes, bytearray)):
        return value
    raise RequestError(field, "must be a path, bytes or a function that returns bytes")


def _content(source, field):
    """Return the content as bytes: MicroPython's TLS takes no bytearray."""
    if callable(source):
        source = source()
    elif isinstance(source, str):
        try:
            with open(source, "rb") as file:
                source = file.read()
        except OSError as error:
            raise RequestError(field, "can't be read (%s)" % error)
    if not source:
        raise RequestError(field, "is not there; provision the device")
    return bytes(source)
