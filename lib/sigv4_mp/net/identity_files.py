"""CPython's `ssl` reads certificate and key from files only: here they are, for a moment.

Never imported on MicroPython.
"""

import os
import ssl
import tempfile

from ..errors import RequestError


def load(context, certificate, private_key):
    """Give certificate and private key (bytes, PEM or DER) to an ssl.SSLContext.

    They stand in one file that only its owner can read, gone before this returns.
    Raises: RequestError (certificate).
    """
    handle, path = tempfile.mkstemp(prefix="identity-")  # mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(_pem(certificate, "CERTIFICATE") + b"\n")
            file.write(_pem(private_key, _kind(private_key)))
        # An empty password: without one, OpenSSL would ask at the terminal for an encrypted key's.
        context.load_cert_chain(path, password="")
    except (ssl.SSLError, ValueError) as error:
        text = "or its private key can't be used (%s); give PEM or DER" % error
        raise RequestError("certificate", text)
    finally:
        os.unlink(path)


def _pem(data, kind):
    if b"-----BEGIN" in data:
        return data
    text = ssl.DER_cert_to_PEM_cert(data)
    return text.replace("CERTIFICATE-----", kind + "-----").encode()


def _kind(key):
    """Return the PEM label of a private key in DER, by the tag of what follows its version.

    PKCS #8 (RFC 5208 §5) goes on with a SEQUENCE, SEC 1 (RFC 5915 §3) with an OCTET STRING, PKCS #1
    (RFC 8017 §A.1.2) with an INTEGER.
    """
    at = 2 + (key[1] & 0x7F if len(key) > 1 and key[1] & 0x80 else 0)
    tag = key[at + 3 : at + 4]  # behind INTEGER, 1, version
    names = {b"\x04": "EC PRIVATE KEY", b"\x02": "RSA PRIVATE KEY"}
    return names.get(tag, "PRIVATE KEY")
