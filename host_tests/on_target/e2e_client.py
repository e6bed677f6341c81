"""An S3 client on a target: commands on stdin, one answer a line on stdout, all of it JSON.

The first line holds the settings: endpoint, bucket, region, service, access_key_id,
secret_access_key, and as wanted session_token, ca_file, insecure_http, addressing, resolve. Each
further line is a command {"do": NAME, ...}; NAME is a method below. Keys and bodies travel as hex,
so that no JSON parser, terminal or locale stands between a test and its bytes. Settings that the
library refuses give one answer, the error.
"""

import gc
import sys
from binascii import hexlify, unhexlify
from hashlib import sha256

from _answers import serve  # the first one of ours: it sets the collector up

from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.net import http, shell


def to_hex(data):
    return hexlify(data if isinstance(data, bytes) else data.encode()).decode()


def key_of(command):
    return unhexlify(command["key"])


class Resolver:
    """Stands in for `socket` in the shell: finds every name at 127.0.0.1.

    A machine has no DNS entry for "<bucket>.s3.localhost"; the name that TLS verifies and that Host
    carries stays what it is.
    """

    def __init__(self, real):
        self._real = real
        self.SOCK_STREAM = real.SOCK_STREAM

    def getaddrinfo(self, _, port, *rest):
        return self._real.getaddrinfo("127.0.0.1", port, *rest)


class Probe:
    """Peak of the live heap, seen from inside an upload: collect, then look. None on CPython."""

    def __init__(self):
        self.peak = 0
        self.calls = 0

    def __call__(self, _done, _total):
        self.calls += 1
        if hasattr(gc, "mem_alloc") and self.calls % 16 == 1:
            gc.collect()
            self.peak = max(self.peak, gc.mem_alloc())


class Digest:
    """A place for a response's body that keeps its hash and length."""

    def __init__(self):
        self.hash = sha256()
        self.length = 0

    def write(self, data):
        self.hash.update(data)
        self.length += len(data)


class Client:
    def __init__(self, settings):
        token = settings.get("session_token")
        keys = Credentials(settings["access_key_id"], settings["secret_access_key"], token)
        self.signer = Signer(keys, settings["region"], settings.get("service", "s3"), SystemClock())
        if settings.get("resolve"):
            shell.socket = Resolver(shell.socket)
        self.http = http.Http(timeout=60, ca_file=settings.get("ca_file"))
        self.s3 = S3(
            self.signer,
            settings["endpoint"],
            settings["bucket"],
            addressing=settings.get("addressing", "auto"),
            insecure_http=settings.get("insecure_http", False),
        )

    def put(self, command):
        body = command["file"] if "file" in command else unhexlify(command["body"])
        probe = Probe()
        response = self.http.run(self.s3.put_object(key_of(command), body, progress=probe))
        return {"etag": response.etag, "peak": probe.peak, "calls": probe.calls}

    def get(self, command):
        response = self.http.run(self.s3.get_object(key_of(command)))
        return {"body": to_hex(response.body), "etag": response.etag}

    def digest(self, command):
        into = Digest()
        self.http.run(self.s3.get_object(key_of(command), into=into))
        return {"sha256": to_hex(into.hash.digest()), "length": into.length}

    def head(self, command):
        response = self.http.run(self.s3.head_object(key_of(command)))
        return {"length": int(response.headers["content-length"]), "etag": response.etag}

    def delete(self, command):
        return {"status": self.http.run(self.s3.delete_object(key_of(command))).status}

    def list(self, command):
        """Written page by page: with keys of 1,024 bytes the whole answer would not fit."""
        listing = self.s3.list_objects_v2(
            prefix=command.get("prefix", ""), page_size=command.get("page_size", 100)
        )
        sys.stdout.write('{"pages": [')
        separator = ""
        while not listing.finished:
            sys.stdout.write(separator + "[")
            separator = ""
            for entry in self.http.run(listing.next_page()):
                sys.stdout.write(separator + '"' + to_hex(entry.key) + '"')
                separator = ", "
            sys.stdout.write("]")
            separator = ", "
        sys.stdout.write("]}\n")


serve(Client, lambda client, command: getattr(client, command["do"])(command))
