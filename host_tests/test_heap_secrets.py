"""All memory of a MicroPython process, after wipe() and scrub(): no secret, token, key or pads.

First they must be found while they are held: a search that finds nothing proves nothing.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from e2e_tools import ON_TARGET, compiled, compiled_library
from tools.servers.iot_credentials import IotCredentials

pytestmark = [
    pytest.mark.targets("unix", "unix32"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads another process by /proc"),
]
SECRET = b"MARKED/SECRET+0123456789abcdefghijklmno"
TOKEN = b"MARKED-TOKEN+" + b"0123456789/" * 80


def memory(pid):
    """Yield (name, bytes) of each writable region of a process of ours."""
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            words = line.split()
            if "w" not in words[1]:
                continue
            start, end = (int(text, 16) for text in words[0].split("-"))
            mem.seek(start)
            yield words[5] if len(words) > 5 else "anonymous", mem.read(end - start)


def derived():
    key = b"AWS4" + SECRET
    for part in (b"20261122", b"us-east-1", b"s3", b"aws4_request"):
        key = hmac.new(key, part, hashlib.sha256).digest()
    return key


def xored(key, byte):
    return bytes(one ^ byte for one in key)


KEY = derived()
MARKS = {
    "secret": SECRET[6:30],
    "token": TOKEN[13:60],
    "signing key": KEY,
    "signing key, hex": KEY.hex().encode(),
    "inner pad": xored(KEY, 0x36),
    "outer pad": xored(KEY, 0x5C),
    "secret's inner pad": xored(b"AWS4" + SECRET[:24], 0x36),
    "secret's outer pad": xored(b"AWS4" + SECRET[:24], 0x5C),
}


def found(pid):
    """Return {mark: [names of regions]}."""
    places = {}
    for region, data in memory(pid):
        for name, mark in MARKS.items():
            if mark in data:
                places.setdefault(name, []).append(region)
    return places


@pytest.fixture(scope="module")
def iot(ministack):
    with IotCredentials(ministack) as server:
        yield server


def reply():
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    value = {"accessKeyId": "ASIAX", "secretAccessKey": SECRET.decode()}
    value.update(sessionToken=TOKEN.decode(), expiration=ends)
    body = json.dumps({"credentials": value}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def test_nothing_is_left_in_memory(target, iot):
    iot.script(reply())
    certificate, private_key = iot.identity("good")
    settings = {"iot": iot.endpoint, "ca_file": iot.ca_file, "certificate": certificate}
    settings["private_key"] = private_key
    with tempfile.TemporaryDirectory() as folder:
        source = ON_TARGET / "heap_secrets.py"
        files = dict(compiled_library(), **{"heap_secrets.mpy": compiled(source, source.name)})
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (Path(folder) / "main.py").write_text("import heap_secrets\n")
        program = subprocess.Popen(
            target.command() + ["main.py"],
            cwd=folder,
            env=dict(os.environ, MICROPYPATH=folder + ":.frozen"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            held = step(program, json.dumps(settings))
            assert held[0] == b"held"
            for name in ("secret", "token", "inner pad", "outer pad"):
                assert held[1].get(name), "%s is not even there while it is held" % name
            word, places = step(program, "")
            assert word == b"wiped"
            # What hashlib returned and the token are bytes: freed, overwritten by chance only.
            assert set(places) <= {"token", "signing key"}, places
            word, places = step(program, "")
            assert word.startswith(b"scrubbed ")
            assert int(word.split()[1]) > 2000
            assert places == {}
        finally:
            program.kill()
            program.communicate()


def step(program, line):
    """Send a line; return (the word that it answers with, what is found in its memory then)."""
    program.stdin.write(line.encode() + b"\n")
    program.stdin.flush()
    word = program.stdout.readline().strip()
    assert word, program.stderr.read().decode()
    return word, found(program.pid)
