"""device.toml: what one device is to know. Its secrets go to the board in files, and nowhere else.

[wifi]                              # boards with Wi-Fi; becomes boot.py and wifi.json
ssid = "home"
password = "..."

[config]                            # becomes config.json, the example's configuration
endpoint = "https://s3.eu-central-1.amazonaws.com"
...
[config.credentials]
access_key_id = "AKIA..."
secret_access_key = "..."

[files]                             # more files: name on the board = path on this machine
"ca.der" = "AmazonRootCA1.der"

[provision]                         # files whose content goes into the board's SecretStore
certificate = "device.pem.crt"      # as cert; with private_key, for IotProvider; they go as DER
private_key = "private.pem.key"     # as key
scoped_keys = "scoped.keys"         # as scoped: what tools/provision.py scoped-key made
config = "device.json"              # as config: whatever your program keeps there
"""

import base64
import json
import os
import re
import stat

import tomllib

from tools import provision
from tools.flashing.programs import FlashError

SECTIONS = {"wifi", "config", "files", "provision"}
# boot.py: the network comes up before main.py runs. The two words are read from a file.
BOOT = """\
# Written by tools/flash.py: brings the network up. ssid and password are in wifi.json.
import json
with open("wifi.json") as file:
    wifi = json.load(file)
ssid, password = wifi["ssid"], wifi["password"]
%s
"""


class Device:
    """A parsed device.toml. ca_file: str or None, the TLS root's name on the board."""

    def __init__(self, path, board):
        """path: of the file, or None for nothing to write.    board: as tools.boards.load()."""
        self._board = board
        self._folder = path.parent if path else None
        self._sections = _read(path) if path else {}
        self.ca_file = self._sections.get("config", {}).get("ca_file")
        self._kept = self._paths()
        private = [self._kept[name] for name in ("key", "scoped", "config") if name in self._kept]
        self.warnings = list(filter(None, map(_too_open, [path, *private] if path else [])))

    def _paths(self):
        """Return {name in the board's store: pathlib.Path}. Raises: FlashError."""
        given = self._sections.get("provision", {})
        strange = sorted(set(given) - set(provision.NAMES.values()))
        if strange:
            raise FlashError(
                "[provision] has %s; there are %s"
                % (strange[0], ", ".join(provision.NAMES.values()))
            )
        names = {option: name for name, option in provision.NAMES.items()}
        return {names[option]: self._folder / local for option, local in given.items()}

    def stored(self):
        """Return {name: bytes} for the board's SecretStore. Raises: FlashError."""
        try:
            return provision.read(self._kept)
        except provision.Failed as error:
            raise FlashError("[provision] %s" % error) from None

    def files(self, example):
        """Return {name on the board: bytes}: configuration, network and further files.

        example: name of the example whose config.json it is, or None.    Raises: FlashError.
        """
        found = {}
        if example and "config" in self._sections:
            found["config.json"] = json.dumps(self._sections["config"], indent=1).encode()
        wifi = self._sections.get("wifi")
        if wifi:
            if self._board["network"]["kind"] != "wlan":
                raise FlashError("[wifi]: %s has none; take it out" % self._board["name"])
            found["wifi.json"] = json.dumps(wifi).encode()
            found["boot.py"] = (BOOT % self._board["network"]["start"].strip()).encode()
        for name, local in self._sections.get("files", {}).items():
            try:
                data = (self._folder / local).read_bytes()
            except OSError as error:
                raise FlashError("[files] %s: %s" % (name, error)) from None
            found[name] = der(data) if name == self.ca_file else data
        return found

    def check(self, example, known):
        """Raise FlashError unless the example can work with it. known: its settings (set)."""
        config = self._sections.get("config")
        if config is None:
            raise FlashError("--example %s needs a [config] in device.toml" % example)
        strange = sorted(set(config) - known)
        if strange:
            raise FlashError("[config] has %s, which %s does not know" % (strange[0], example))
        if self.ca_file and self.ca_file not in self._sections.get("files", {}):
            raise FlashError(
                '[config] names ca_file %s: say where it is, [files] "%s" = "path"'
                % (self.ca_file, self.ca_file)
            )


def der(data):
    """Return a certificate (bytes) as DER. Raises: FlashError unless it is one, and only one.

    The mbedTLS of RP2 boards reads no PEM (MicroPython 1.25 has it left out); every port reads DER.
    """
    if b"-----BEGIN" not in data:
        return data
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", data, re.S)
    if len(blocks) != 1:
        raise FlashError(
            "ca_file: %d certificates are in it; name a file with the one root that the server's "
            "chain ends in" % len(blocks)
        )
    return base64.b64decode(blocks[0])


def _read(path):
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FlashError("--config: %s" % error) from None
    except tomllib.TOMLDecodeError as error:
        raise FlashError("%s is not TOML: %s" % (path, error)) from None
    strange = sorted(set(sections) - SECTIONS)
    if strange:
        raise FlashError("%s: no section [%s] is known" % (path, strange[0]))
    wifi = sections.get("wifi")
    if wifi is not None and set(wifi) != {"ssid", "password"}:
        raise FlashError("[wifi] needs ssid and password, and nothing else")
    return sections


def _too_open(path):
    """Return a warning (str) if others can read the file that holds secrets, or None."""
    if os.name != "posix" or not path.exists():  # what is not there is told elsewhere
        return None
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return "%s holds secrets and others can read it: chmod 600 %s" % (path, path)
    return None
