"""Certificates and private keys of every usual kind and encoding go into each target's own TLS."""

import os
import tempfile

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption

from tools.servers import ca

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
FORMATS = {
    "pkcs8": serialization.PrivateFormat.PKCS8,
    "own": serialization.PrivateFormat.TraditionalOpenSSL,  # SEC 1, PKCS #1
}


@pytest.fixture(scope="module", params=["ec", "rsa"])
def pairs(request, tmp_path_factory):
    """Return the words for identity_load.py."""
    folder = tmp_path_factory.mktemp("identity-" + request.param)
    certificate, key = ca.Authority(request.param).leaf(names=("device-1",), client=True)
    words = []
    for encoding, suffix in ((PEM, "pem"), (DER, "der")):
        cert = folder / ("cert." + suffix)
        cert.write_bytes(certificate.public_bytes(encoding))
        for name, form in FORMATS.items():
            path = folder / ("%s-key.%s" % (name, suffix))
            path.write_bytes(key.private_bytes(encoding, form, NoEncryption()))
            words += ["good", cert, path]
    locked = folder / "locked-key.pem"
    locked.write_bytes(key.private_bytes(PEM, FORMATS["pkcs8"], BestAvailableEncryption(b"x")))
    (folder / "noise").write_bytes(bytes(range(200)))
    for private in (locked, folder / "noise", cert):
        words += ["bad", folder / "cert.pem", private]
    return words + ["bad", folder / "noise", folder / "pkcs8-key.pem"]


@pytest.mark.targets("cpython", "unix", "unix32")
def test_every_kind(target, pairs):
    before = set(os.listdir(tempfile.gettempdir()))
    target.run("identity_load.py", pairs).check()
    left = set(os.listdir(tempfile.gettempdir())) - before
    assert not [name for name in left if name.startswith("identity-")]


@pytest.mark.targets("cpython")
def test_a_key_that_is_not_the_certificates(target, tmp_path):
    """OpenSSL finds out at once; mbedTLS leaves it to the server."""
    ca.write(tmp_path)
    words = ["bad", tmp_path / "client.pem", tmp_path / "server-key.pem"]
    target.run("identity_load.py", words).check()
