#!/usr/bin/env python3
"""Give a device its identity: derived keys, certificate and private key, without showing them.

    provision.py scoped-key --region eu-west-1 --service s3 --days 7 --out scoped.keys
    provision.py device --port auto --certificate cert.pem --private-key key.pem \\
        --scoped-keys scoped.keys --config device.json
    provision.py forget --port auto

scoped-key takes the secret from the environment (AWS_ACCESS_KEY_ID, ...), or with --profile from
~/.aws/credentials, derives the keys of the coming UTC days and packs them. The device never sees
the secret, and what it has is worth nothing when the days are over.

device writes into the board's SecretStore (NVS on an ESP32, files elsewhere), under the names cert,
key, scoped and config, then has the board hash what it stored and compares; what it has already is
left alone. sigv4_mp must be on the board. Values go to mpremote in a file that only you can read,
for as long as it runs; never on a command line, so neither into the shell's history nor into the
list of processes.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, os.fspath(ROOT / "lib"))

from sigv4_mp.device.scoped import pack
from sigv4_mp.device.secret_store import MOST
from sigv4_mp.errors import SigV4Error
from sigv4_mp.keys import derive_signing_key
from sigv4_mp.net.chain import Chain
from sigv4_mp.net.on_host import ConfigFileProvider, EnvironmentProvider
from sigv4_mp.net.steps import drive

MOST_DAYS = 90  # a key for months is a long-lived key again
NAMES = {  # in the board's store: what the options here and device.toml call it
    "cert": "certificate",
    "key": "private_key",
    "scoped": "scoped_keys",
    "config": "config",
}
_SET = """\
from binascii import a2b_base64, hexlify
from hashlib import sha256
from sigv4_mp.device.secret_store import open_store
store = open_store(%(folder)s)
store.set("%(name)s", a2b_base64("%(value)s"))
print("stored", hexlify(sha256(store.get("%(name)s")).digest()).decode())
"""
_HELD = """\
from binascii import hexlify
from hashlib import sha256
from sigv4_mp.device.secret_store import open_store
store = open_store(%(folder)s)
for name in %(names)r:
    data = store.get(name)
    if data is not None:
        print("holds", name, hexlify(sha256(data).digest()).decode())
"""
_FORGET = """\
from sigv4_mp.device.secret_store import open_store
store = open_store(%(folder)s)
for name in %(names)r:
    store.remove(name)
print("forgotten")
"""


class Failed(Exception):
    """What went wrong, in words for whoever ran the tool."""


def credentials(profile=None):
    """Return a user's Credentials. Raises: SigV4Error naming where they were looked for."""
    chain = Chain(*([] if profile else [EnvironmentProvider()]), ConfigFileProvider(profile))
    return drive(chain.fetch(), lambda step: None)


def scoped_pack(who, region, service, days, start=None):
    """Return a pack of signing keys, bytes, for the UTC days from `start` (a date; today) on."""
    start = start or datetime.datetime.now(datetime.timezone.utc).date()
    keys = []
    for number in range(days):
        day = (start + datetime.timedelta(days=number)).strftime("%Y%m%d").encode()
        # The secret's only reader here; who.wipe() follows.
        key = derive_signing_key(who._secret, day, region.encode(), service.encode())
        keys.append((day, key))
    token = who.session_token.decode() if who.session_token else None
    return pack(who.access_key_id.decode(), region, service, keys, token)


def write_private(path, data):
    """Write a file that only its owner can read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))  # mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def without_values(lines):
    """Return the lines (list of str) of an error that quote no program that holds a value."""
    return [line for line in lines if "a2b_base64" not in line]


class Board:
    """A board behind mpremote, which runs short programs on it from a file."""

    def __init__(self, port="auto", program=None, folder=None):
        """port: what `mpremote connect` takes. program: list of words that start mpremote.

        folder: where a board without NVS keeps the values; None: its own default.
        """
        self._words = list(program or [sys.executable, "-m", "mpremote"])
        self._port = port
        self._folder = "" if folder is None else repr(folder)

    def run(self, source):
        """Run a program on the board; return what it printed, str. Raises: Failed."""
        with tempfile.TemporaryDirectory(prefix="provision-") as folder:  # mode 0700
            path = os.path.join(folder, "program.py")
            write_private(path, source.encode())
            words = [*self._words, "connect", self._port, "run", path]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            # The program holds a secret, and a traceback may quote its line.
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise Failed("mpremote: " + (without_values(lines) or ["it failed"])[-1][:300])
        return done.stdout

    def held(self, names):
        """Return {name: SHA-256 hex} of those values that the board has. Raises: Failed."""
        told = self.run(_HELD % {"folder": self._folder, "names": list(names)})
        lines = [line.split() for line in told.splitlines()]
        return {line[1]: line[2] for line in lines if len(line) == 3 and line[0] == "holds"}

    def store(self, name, value):
        """Keep a value under a name, and compare what the board then has. Raises: Failed."""
        text = base64.b64encode(value).decode()
        told = self.run(_SET % {"folder": self._folder, "name": name, "value": text})
        digest = hashlib.sha256(value).hexdigest()
        words = told.split()
        if len(words) < 2 or not hmac.compare_digest(words[-1], digest):
            raise Failed("%s was not stored as it was sent" % name)

    def forget(self, names=tuple(NAMES)):
        """Remove values; those that are not there are no error. Raises: Failed."""
        if "forgotten" not in self.run(_FORGET % {"folder": self._folder, "names": list(names)}):
            raise Failed("the board did not say that it is done")


def read(paths):
    """Return {name: bytes} to store, of {name: pathlib.Path}; certificate and key become DER.

    Raises: Failed where one is missing, too long, or half of an identity.
    """
    values = {}
    for name, path in paths.items():
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Failed("%s: %s" % (NAMES[name], error)) from None
        values[name] = der(data) if name in ("cert", "key") else data
        if not 0 < len(values[name]) <= MOST:
            raise Failed("%s must have 1 to %d bytes" % (NAMES[name], MOST))
    if ("cert" in values) != ("key" in values):
        raise Failed("certificate and private_key belong together")
    return values


def provision(board, values, say=print):
    """Store values, {name: bytes}, on a Board, save those that it has. tools/flash.py calls this.

    Returns: how many were written.    Raises: Failed.
    """
    held = board.held(sorted(values))
    written = 0
    for name in NAMES:
        if name not in values:
            continue
        words = (name, len(values[name]))
        if hmac.compare_digest(held.get(name, ""), hashlib.sha256(values[name]).hexdigest()):
            say("kept      %s, %d bytes, it is there" % words)
            continue
        board.store(name, values[name])
        say("stored    %s, %d bytes, and read back" % words)
        written += 1
    return written


def der(data):
    """Return a certificate or key as DER, bytes, if it is a single PEM block; else as it is.

    DER takes three quarters of the room, and mbedTLS on every board reads it.
    """
    if data.count(b"-----BEGIN") != 1 or b"ENCRYPTED" in data:
        return data
    lines = data[data.index(b"-----BEGIN") :].splitlines()[1:]
    body = b"".join(lines[: [line[:8] == b"-----END" for line in lines].index(True)])
    return base64.b64decode(body)


def _arguments(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = parser.add_subparsers(dest="action", required=True)
    scoped = actions.add_parser("scoped-key", help="derive and pack keys, here")
    scoped.add_argument("--region", required=True)
    scoped.add_argument("--service", required=True)
    scoped.add_argument("--days", type=int, default=7, help="1 to %d; default 7" % MOST_DAYS)
    scoped.add_argument("--start", help="YYYY-MM-DD, UTC; default today")
    scoped.add_argument("--profile", help="of ~/.aws/credentials")
    scoped.add_argument("--out", required=True, type=pathlib.Path)
    device = actions.add_parser("device", help="write certificate, key, config to a board")
    for option in ("--certificate", "--private-key", "--scoped-keys", "--config"):
        device.add_argument(option, type=pathlib.Path, metavar="FILE")
    forget = actions.add_parser("forget", help="remove all of it from a board")
    for action in (device, forget):
        action.add_argument("--port", default="auto", help="what `mpremote connect` takes")
        action.add_argument("--folder", help="of the board's file store; default /secrets")
        action.add_argument("--mpremote", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def _scoped_key(given):
    if not 1 <= given.days <= MOST_DAYS:
        raise Failed("--days must be 1 to %d" % MOST_DAYS)
    start = None
    if given.start:
        try:
            start = datetime.date.fromisoformat(given.start)
        except ValueError:
            raise Failed("--start must be YYYY-MM-DD") from None
    who = credentials(given.profile)
    try:
        data = scoped_pack(who, given.region, given.service, given.days, start)
    finally:
        who.wipe()
    write_private(given.out, data)
    print(
        "packed    %d days for %s %s into %s" % (given.days, given.region, given.service, given.out)
    )
    print(
        "it signs  as that access key, for that service, until the days are over: keep it private"
    )


def _device(given, board):
    paths = {name: getattr(given, option) for name, option in NAMES.items()}
    values = read({name: path for name, path in paths.items() if path is not None})
    if not values:
        raise Failed("nothing to write: name --certificate, --private-key, ...")
    provision(board, values)


def main(words=None):
    """Run the command line; return the exit code."""
    given = _arguments(words)
    try:
        if given.action == "scoped-key":
            _scoped_key(given)
            return 0
        program = given.mpremote.split() if given.mpremote else None
        board = Board(given.port, program, given.folder)
        if given.action == "device":
            _device(given, board)
        else:
            board.forget()
            print("forgotten " + ", ".join(NAMES))
    except (Failed, SigV4Error, OSError) as error:
        print("provision: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
