"""Load pairs of certificate and key, by path and as bytes, into a real TLS context.

Arguments: "good" or "bad", certificate, private key, and so on.
"""

import sys

import _check

from sigv4_mp.errors import RequestError
from sigv4_mp.net.identity import ClientIdentity

if sys.implementation.name == "micropython":
    import tls as port
else:
    import ssl as port


def content(path):
    with open(path, "rb") as file:
        return file.read()


words = sys.argv[1:]
while words:
    kind, certificate, private_key = words[:3]
    words = words[3:]
    name = certificate.split("/")[-1] + " " + private_key.split("/")[-1]
    for identity in (
        ClientIdentity(certificate, private_key),
        ClientIdentity(content(certificate), bytearray(content(private_key))),
        ClientIdentity(lambda: content(certificate), lambda: content(private_key)),  # noqa: B023
    ):
        context = port.SSLContext(port.PROTOCOL_TLS_CLIENT)
        if kind == "good":
            _check.equal(name, identity.load_into(context), None)
        else:
            _check.raises(name, RequestError, identity.load_into, context)
_check.done()
