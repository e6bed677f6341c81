"""AWS IoT's credential provider as the tests need it: mutual TLS, one path, real STS credentials.

    with Ministack() as ministack, IotCredentials(ministack) as provider:
        provider.endpoint          # "localhost:PORT"
        provider.ca_file           # whose certificate it shows
        provider.identity("good")  # paths of a client's certificate and key
        provider.script(b"HTTP/1.1 500 ...")      # what the next requests get instead

It runs in this process, on threads. Client certificates: good; der (the same kind, as DER files);
revoked (on the CRL: refused within TLS); inactive (accepted by TLS, refused by HTTP, as AWS does);
stranger (of another CA). The real service's manners that are copied: SNI must be the endpoint's
name, the path holds the role alias, an unknown alias or thing is 403, and its error bodies.
"""

import datetime
import http.server
import json
import os
import re
import socket
import ssl
import tempfile
import threading
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tools.servers import ca

ALIAS = "uploader"
THING = "device-1"
_LINGER_S = 30


class IotCredentials:
    """A context manager. fetches: int, requests that got credentials. seen: list of dicts, one for
    each request (path, headers, subject, sni). lifetime: seconds of what it hands out.
    short: list of seconds that the next sessions really live, whatever is said of their end.
    shared_ca: show MiniStack's certificate, for boards that can hold but one CA, as DER.
    hold: threading.Event; clear it to make every answer wait until it is set.
    patience_s: seconds that it waits for a client's next bytes; an emulated board is slow.
    """

    def __init__(
        self, ministack, lifetime=3600, maximum_version=None, shared_ca=False, patience_s=60
    ):
        self._ministack = ministack
        self.lifetime = lifetime
        self.patience_s = patience_s
        self.short = []  # seconds that the next sessions really live, whatever their reply says
        self.fetches = 0
        self.refused = 0  # handshakes
        self.seen = []
        self.hold = threading.Event()
        self.hold.set()
        self._script = []
        self._maximum = maximum_version
        self._shared = shared_ca
        self._lock = threading.Lock()

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="iot-credentials-")
        self.home = Path(self._folder.name)
        self._certificates()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._server.context = self._context()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def endpoint(self):
        """host:port, str."""
        return "localhost:%d" % self._server.server_port

    @property
    def ca_file(self):
        """Path of the CA of its own certificate, PEM."""
        return self._ministack.ca_file if self._shared else os.fspath(self.home / "ca.pem")

    def identity(self, name):
        """Return the paths (certificate, private key) of a client."""
        suffix = ".der" if name == "der" else ".pem"
        stem = os.fspath(self.home / name)
        return stem + suffix, stem + "-key" + suffix

    def script(self, *answers):
        """Have the next requests answered so: bytes, sent as they are; None: as usual."""
        self._script.extend(answers)

    def _certificates(self):
        authority, other = ca.Authority(name="devices CA"), ca.Authority(name="another CA")
        pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
        for name, of in (("ca", authority), ("other-ca", other)):
            (self.home / (name + ".pem")).write_bytes(of.certificate.public_bytes(pem))
        for name in ("server", "good", "der", "revoked", "inactive", "stranger"):
            of = other if name == "stranger" else authority
            client = name != "server"
            names = (THING if name in ("good", "der") else name,) if client else ca.NAMES
            certificate, key = of.leaf(names=names, client=client)
            encoding = der if name == "der" else pem
            cert_path = self.identity(name)[0]
            Path(cert_path).write_bytes(certificate.public_bytes(encoding))
            private = key.private_bytes(
                encoding,
                serialization.PrivateFormat.TraditionalOpenSSL
                if name == "der"
                else serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            Path(self.identity(name)[1]).write_bytes(private)
            if name == "revoked":
                self._revoke(authority, certificate)

    def _revoke(self, authority, certificate):
        gone = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
        builder = builder.last_update(authority.now - datetime.timedelta(days=1))
        builder = builder.next_update(authority.now + datetime.timedelta(days=30))
        builder = builder.add_revoked_certificate(
            gone.revocation_date(authority.now - datetime.timedelta(hours=1)).build()
        )
        crl = builder.sign(authority.key, hashes.SHA256())
        (self.home / "crl.pem").write_bytes(crl.public_bytes(serialization.Encoding.PEM))

    def _context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        home = Path(self._ministack.tls_dir) if self._shared else self.home
        context.load_cert_chain(home / "server.pem", home / "server-key.pem")
        context.load_verify_locations(self.home / "ca.pem")
        context.load_verify_locations(self.home / "crl.pem")
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        context.verify_mode = ssl.CERT_REQUIRED
        if self._maximum:
            context.maximum_version = self._maximum

        def on_name(connection, name, _):
            connection.sni = name

        context.sni_callback = on_name
        return context

    def answer(self, seen):
        """Return (status, body) of a request."""
        path, headers = seen["path"], seen["headers"]
        if seen["subject"] == "inactive":
            return 403, {"message": "Invalid certificate"}
        if seen["sni"] != "localhost":
            return 400, {"message": "Invalid SNI"}
        if path != "/role-aliases/%s/credentials" % ALIAS:
            return 403, {"message": "Access Denied"}
        if headers.get("x-amzn-iot-thingname", seen["subject"]) != seen["subject"]:
            return 403, {"message": "Invalid thing name passed"}
        self.fetches += 1
        return 200, {"credentials": self.credentials()}

    def credentials(self):
        """Return new ones of MiniStack's STS, as the real service's reply has them."""
        seconds = self.short.pop(0) if self.short else self.lifetime
        xml = self._ministack.as_root(
            "sts",
            "AssumeRole",
            RoleArn=self._ministack.role_arn,
            RoleSessionName=THING,
            DurationSeconds=str(seconds),
        )
        found = {}
        for ours, theirs in (
            ("accessKeyId", "AccessKeyId"),
            ("secretAccessKey", "SecretAccessKey"),
            ("sessionToken", "SessionToken"),
        ):
            found[ours] = re.search("<%s>([^<]*)</%s>" % (theirs, theirs), xml).group(1)
        ends = time.gmtime(time.time() + self.lifetime)
        found["expiration"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", ends)
        return found

    def next_answer(self, seen):
        """Return the bytes that a request is answered with."""
        self.hold.wait(self.patience_s)
        with self._lock:
            self.seen.append(seen)
            scripted = self._script.pop(0) if self._script else None
            if scripted is not None:
                return scripted
            status, body = self.answer(seen)
        text = json.dumps(body).encode()
        head = "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        return (head % (status, len(text))).encode() + text


def _linger(connection):
    """Wait until the client has hung up: closed with its bytes unread, TCP would throw away the
    alert that says why."""
    plain = socket.socket  # the methods below TLS
    connection.settimeout(_LINGER_S)
    plain.shutdown(connection, socket.SHUT_WR)
    while plain.recv(connection, 4096):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def finish_request(self, request, client_address):
        # The handshake happens on the connection's own thread: one that stalls holds nobody up.
        request.settimeout(self.owner.patience_s)
        options = {"server_side": True, "do_handshake_on_connect": False}
        try:
            with self.context.wrap_socket(request, **options) as connection:
                try:
                    connection.do_handshake()
                except ssl.SSLError:
                    _linger(connection)
                    raise
                super().finish_request(connection, client_address)
        except (ssl.SSLError, OSError):
            self.owner.refused += 1

    def handle_error(self, request, client_address):
        pass

    def shutdown_request(self, request):
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.close_request(request)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        certificate = self.connection.getpeercert()
        subject = dict(pair for part in certificate["subject"] for pair in part)["commonName"]
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = {"path": self.path, "headers": headers, "subject": subject}
        seen["sni"] = getattr(self.connection, "sni", None)
        self.wfile.write(self.server.owner.next_answer(seen))
        self.close_connection = True

    def log_message(self, *_):
        pass
