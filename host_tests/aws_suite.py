"""AWS's published signing suite, as botocore's source distribution carries it.

It is fetched by pip from whatever index pip is set up for, pinned by version and SHA-256, and kept
under `.cache/`. Each case is turned into the input of `tools/sign.py` and what must come out.
"""

import fcntl
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "aws_suite"
VERSION = "1.44.5"
SHA256 = "a988f39e3a4484def0b8010f41128f71157da0515a4804fccce4739aa8f216da"
_INSIDE = "botocore-%s/tests/unit/auth/aws4_testsuite/" % VERSION
_TOKEN = "X-Amz-Security-Token"

# The names are facts of the pinned version, here so that tests are collected without the network.
NAMES = tuple(
    """get-header-key-duplicate get-header-value-multiline get-header-value-order
    get-header-value-trim get-unreserved get-utf8 get-vanilla get-vanilla-empty-query-key
    get-vanilla-query get-vanilla-query-order-encoded get-vanilla-query-order-key
    get-vanilla-query-order-key-case get-vanilla-query-order-value get-vanilla-query-unreserved
    get-vanilla-utf8-query get-vanilla-with-session-token normalize-path/get-relative
    normalize-path/get-relative-relative normalize-path/get-slash normalize-path/get-slash-dot-slash
    normalize-path/get-slash-pointless-dot normalize-path/get-slashes normalize-path/get-space
    normalize-path/get-special-character post-header-key-case post-header-key-sort
    post-header-value-case post-sts-token/post-sts-header-after
    post-sts-token/post-sts-header-before post-vanilla post-vanilla-empty-query-value
    post-vanilla-query post-x-www-form-urlencoded
    post-x-www-form-urlencoded-parameters""".split()
)
BOTOCORE_SKIPS = (
    "normalize-path/get-space",
    "get-vanilla-query-order-key-case",
    "get-vanilla-query-order-key",
    "get-vanilla-query-order-value",
)


class Case(NamedTuple):
    """One published case: the tool's input, and the three results that AWS publishes."""

    name: str
    line: dict
    canonical_request: str
    string_to_sign: str
    authorization: str


def load():
    """Return {name: Case} of all published cases, fetching them once."""
    root = fetch()
    found = {str(path.parent.relative_to(root)) for path in root.rglob("*.req")}
    if found != set(NAMES):
        raise ValueError("the suite's cases changed: %s" % sorted(found ^ set(NAMES)))
    return {name: _case(root, name) for name in NAMES}


def fetch():
    """Return the suite's folder under `.cache/`; download and verify it if it is not there."""
    target = CACHE / VERSION
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:  # test workers start at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
                _extract(_download(scratch), Path(scratch, "suite"))
                os.rename(Path(scratch, "suite"), target)
    return target


def _download(folder):
    wanted = Path(folder, "wanted.txt")
    wanted.write_text("botocore==%s --hash=sha256:%s\n" % (VERSION, SHA256))
    print("fetching AWS's signing suite (botocore %s, 17 MB)" % VERSION, file=sys.stderr)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary"]
    command += [":all:", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([*command, "-r", str(wanted), "-d", folder], check=True)
    return Path(folder, "botocore-%s.tar.gz" % VERSION)


def _extract(archive, folder):
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.startswith(_INSIDE):
                path = folder / member.name[len(_INSIDE) :]
                if ".." in path.parts:
                    raise ValueError("unsafe path in the archive: %s" % member.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tar.extractfile(member).read())


def _case(root, name):
    stem = root / name / name.rpartition("/")[2]

    def text(suffix):
        return stem.with_suffix(suffix).read_bytes().decode().replace("\r\n", "\n")

    canonical = text(".creq")
    line = _parse(text(".req"))
    line.update(region="us-east-1", service="service", access_key_id="AKIDEXAMPLE")
    line["secret_access_key"] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    line.update(_token(name, line["headers"], canonical))
    # The signer dates and adds the token itself, and refuses a caller's own.
    own = ("x-amz-date", _TOKEN.lower())
    line["headers"] = [pair for pair in line["headers"] if pair[0].lower() not in own]
    return Case(name, line, canonical, text(".sts"), text(".authz"))


def _parse(request):
    """Return method, target, headers, body and date of a raw request (LF line ends)."""
    head, _, body = request.partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    method, _, rest = first.partition(" ")
    headers = []
    for line in lines:
        if line[0] in " \t":  # obs-fold, RFC 9112 §5.2: white space, to be replaced by spaces
            headers[-1][1] += " " + line
        else:
            headers.append(list(line.partition(":")[::2]))
    date = [value for name, value in headers if name == "X-Amz-Date"][0]
    target = rest.rpartition(" HTTP/")[0]  # it may hold spaces
    case = {"method": method, "target": target, "headers": headers, "amz_date": date}
    return dict(case, body=body) if body else case


def _token(name, headers, canonical):
    """Return what to say of the session token: sent and signed, sent unsigned, or none."""
    signed = [ln for ln in canonical.split("\n") if ln.startswith(_TOKEN.lower() + ":")]
    if signed:
        return {"session_token": signed[0].partition(":")[2]}
    if name.endswith("post-sts-header-after"):  # "added after you calculate the signature"
        return {"session_token": "AFTER+/EXAMPLE==", "token_after_signing": True}
    return {}


def path_twins(line):
    """Yield (label, line) of a case under all four path policies, signed in headers and query."""
    for normalize in (False, True):
        for double in (False, True):
            for auth in ("header", "query"):
                label = "normalize=%d double=%d %s" % (normalize, double, auth)
                twin = dict(line, normalize_path=normalize, double_encode=double, auth=auth)
                if auth == "query":
                    twin["expires"] = 3600
                yield label, twin
