"""Throw-away certificates for the test servers: a CA, a good leaf, and leaves that must be refused.

`write(directory, key)` makes them all; as a program: `python ca.py DIRECTORY [--key rsa]`.
Needs `cryptography` (it is in the environments that requirements/ describes). Nothing here is ever
committed; the keys live as long as the directory.
"""

import argparse
import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "s3.localhost", "*.s3.localhost", "127.0.0.1")
_DAY = datetime.timedelta(days=1)


def new_key(kind):
    """Return a private key: "ec" is P-256, "rsa" is RSA 2048 (what Amazon Root CA 1 signs with)."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _san(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(is_ca):
    flags = dict.fromkeys(
        ("content_commitment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_encipherment=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        decipher_only=False,
        **flags,
    )


def _builder(subject, issuer, public_key, starts, ends):
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
    )


class Authority:
    """A certificate authority that exists only in memory.

    key: "ec" or "rsa", for the authority and its leaves.    name: its common name.
    """

    def __init__(self, key="ec", name="sigv4_mp throw-away CA"):
        self.kind, self.name, self.key = key, name, new_key(key)
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        builder = _builder(name, name, self.key.public_key(), self.now - _DAY, self.now + 30 * _DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self.certificate = builder.add_extension(_usage(True), True).sign(self.key, hashes.SHA256())

    def leaf(self, names=NAMES, starts=-1, days=8, client=False, forged=False):
        """Return (certificate, private key) for `names` (DNS names, wildcards, IP addresses).

        starts: first valid day, counted from now; days: how long. Negative: in the past.
        forged: names this authority as its issuer, but is signed by its own key.
        """
        key = new_key(self.kind)
        begin = self.now + starts * _DAY
        builder = _builder(names[0], self.name, key.public_key(), begin, begin + days * _DAY)
        use = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        for extension, critical in (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(False), True),
            (x509.ExtendedKeyUsage([use]), False),
            (x509.SubjectAlternativeName([_san(name) for name in names]), False),
        ):
            builder = builder.add_extension(extension, critical)
        return builder.sign(key if forged else self.key, hashes.SHA256()), key


def _pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def write(directory, key="ec", names=NAMES):
    """Write ca.pem, ca.der, other-ca.pem and <leaf>.pem with <leaf>-key.pem into `directory`.

    Leaves: server (good), client (good, for mutual TLS), wrong-name, expired, future, forged.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    authority = Authority(key)
    encoding = serialization.Encoding
    (directory / "ca.pem").write_bytes(authority.certificate.public_bytes(encoding.PEM))
    (directory / "ca.der").write_bytes(authority.certificate.public_bytes(encoding.DER))
    other = Authority(key, "sigv4_mp other CA")
    (directory / "other-ca.pem").write_bytes(other.certificate.public_bytes(encoding.PEM))
    for leaf, options in {
        "server": {"names": names},
        "client": {"names": ("device-1",), "client": True},
        "wrong-name": {"names": ("elsewhere.example",)},
        "expired": {"names": names, "starts": -20, "days": 10},
        "future": {"names": names, "starts": 10, "days": 10},
        "forged": {"names": names, "forged": True},
    }.items():
        certificate, private = authority.leaf(**options)
        (directory / (leaf + ".pem")).write_bytes(certificate.public_bytes(encoding.PEM))
        (directory / (leaf + "-key.pem")).write_bytes(_pem(private))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--key", choices=("ec", "rsa"), default="ec")
    parser.add_argument("--name", action="append", default=[], help="one more name of the server")
    given = parser.parse_args()
    write(given.directory, given.key, NAMES + tuple(given.name))
