"""What the tests of firmware/ share: run an example with a configuration, read its lines."""

import json
from pathlib import Path

from e2e_tools import compiled, compiled_library

# On the emulated board the network is to be started, and the clock was never set.
START = """
import sys
from _network import test_host
test_host()
import example
sys.exit(example.main(sys.argv[1]))
"""
FIRMWARE = Path(__file__).resolve().parents[1] / "firmware"


class Example:
    """firmware/<name>/main.py. config: what example configurations have in common, for `server`."""

    def __init__(self, name, server, ntp):
        self.source = FIRMWARE / name / "main.py"
        self.example = FIRMWARE / name / "config.example.json"
        self.config = {
            "endpoint": server.https_url,
            "region": server.region,
            "bucket": name.replace("_", "-"),
            "credentials": {
                "access_key_id": server.access_key_id,
                "secret_access_key": server.secret_access_key,
            },
            "ntp_servers": ["%s:%d" % (ntp.address, ntp.port)],
            "addressing": "path",
        }

    def run(self, target, config, cwd=None, heap=None):
        """Run it with a configuration, a dict or text; return the Result.

        As on a board, the library is bytecode there, and so is the program.
        """
        files = {}
        if target.name == "rp2040":
            config = self._for_board(config, files)
        files["config.json"] = config if isinstance(config, str) else json.dumps(config)
        if target.name == "cpython":
            files["main.py"] = self.source.read_bytes()
            return target.run("main.py", ["config.json"], files, cwd=cwd, heap=heap)
        files.update(compiled_library(), **{"example.mpy": compiled(self.source, "main.py")})
        files["start.py"] = START
        return target.run("start.py", ["config.json"], files, cwd=cwd, heap=heap)

    def _for_board(self, config, files):
        """Return the configuration as the emulated board needs it.

        Every name is the test servers' machine there, and its mbedTLS reads roots as DER only.
        """
        config = json.loads(json.dumps(config).replace("127.0.0.1", "localhost"))
        if "ca_file" in config:
            files["ca.der"] = Path(config["ca_file"]).with_name("ca.der").read_bytes()
            config["ca_file"] = "ca.der"
        return config

    def unknown_settings(self):
        """Return what config.example.json has and main.py does not know (list of str)."""
        source = self.source.read_text(encoding="utf-8")
        return [
            name
            for name in json.loads(self.example.read_text(encoding="utf-8"))
            if '"%s"' % name not in source
        ]


def said(result, kind):
    """Return what stands in the lines of a kind (list of str)."""
    return [line[10:] for line in result.text.splitlines() if line[:9].strip() == kind]


def assert_good(result):
    """It ended well; its words if not."""
    assert result.code == 0, result.text + result.stderr.decode()


def assert_fails(result, words):
    """It says what went wrong in one line, last, and its status says so too."""
    assert result.code == 1, result.text + result.stderr.decode()
    last = result.text.splitlines()[-1]
    assert last.startswith("failed    " + words), result.text
    assert b"Traceback" not in result.stderr
