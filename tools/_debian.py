"""Debian packages without root and without touching the system: apt with a private state.

The mirror and its credentials are the machine's own (asked of apt); apt checks the suite's
signature.
"""

import os
import pathlib
import shutil
import subprocess

from tools._fetch import FetchError, check_sha256, run

KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)


def mirror():
    """Return the URI of the Debian mirror that this machine's apt is set up with (str).

    SIGV4_MP_DEBIAN_MIRROR overrides it, for a host whose apt points elsewhere (Ubuntu, say).
    """
    chosen = os.environ.get("SIGV4_MP_DEBIAN_MIRROR")
    if chosen:
        return chosen
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise FetchError(
            "needs apt-get and dpkg (a Debian machine), or a micropython of your own on PATH"
        )
    # --no-release-info: also answers where `apt-get update` never ran.
    query = [
        "apt-get",
        "indextargets",
        "--no-release-info",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
    ]
    for uri in run(query).splitlines():
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise FetchError("this machine's apt knows no Debian mirror; set SIGV4_MP_DEBIAN_MIRROR to one")


def host_arch():
    """Return Debian's name of this machine's architecture (str), e.g. amd64."""
    return run(["dpkg", "--print-architecture"]).strip()


class Apt:
    """apt with lists and cache in `state` (a folder of ours), for one suite and architecture.

    sources: also knows the suite's source packages.
    """

    def __init__(self, state, suite, arch, sources=False):
        self.state = pathlib.Path(state)
        for folder in ("lists/partial", "cache/archives/partial"):
            (self.state / folder).mkdir(parents=True)
        keyring = next((name for name in KEYRINGS if os.path.exists(name)), None)
        signed = "[signed-by=%s] " % keyring if keyring else ""
        line = "%s%s %s main\n" % (signed, mirror(), suite)
        kinds = ("deb ", "deb-src ") if sources else ("deb ",)
        (self.state / "sources.list").write_text("".join(kind + line for kind in kinds))
        settings = {
            "APT::Architecture": arch,
            "APT::Architectures": arch,
            "APT::Sandbox::User": "root",
            # By default an index that could not be fetched is a warning, exit code 0.
            "APT::Update::Error-Mode": "any",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Dir::Etc::sourcelist": self.state / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::Lists": self.state / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.state / "cache",
            # Container images switch these off; every call then parses the whole index (0.8 s).
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
        }
        self.options = ["-q"]
        for name, value in settings.items():
            self.options += ["-o", "%s=%s" % (name, value)]
        run(["apt-get", *self.options, "update"])

    def versions(self, package):
        """Return the versions of `package` that the mirror has (list of str), newest first."""
        shown = run(["apt-cache", *self.options, "show", package])
        return [line.split()[1] for line in shown.splitlines() if line.startswith("Version:")]

    def download(self, package, version, sha256, progress):
        """Fetch one package; return (path of the .deb, whether it is the pinned version).

        A pinned version that the mirror no longer has is replaced, loudly, by the suite's
        candidate: apt verified that one against the suite's signed index.
        """
        available = self.versions(package)
        pinned = version in available
        if not pinned:
            progress.warn(
                "%s %s is no longer on the mirror; taking %s, verified by the suite's index only"
                % (package, version, available[0])
            )
            version = available[0]
        folder = self.state / "deb" / package
        folder.mkdir(parents=True)
        run(["apt-get", *self.options, "download", "%s=%s" % (package, version)], cwd=folder)
        (deb,) = folder.glob("*.deb")
        if pinned:
            check_sha256(deb, sha256)
        return deb, pinned


def unpack(deb, target, member=None):
    """Unpack a .deb into the folder `target`; with `member` ("./usr/bin/x") that file only."""
    if not member:
        run(["dpkg", "-x", deb, target])
        return
    with subprocess.Popen(["dpkg", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as stream:
        done = subprocess.run(
            ["tar", "-x", "-C", str(target), member], stdin=stream.stdout, capture_output=True
        )
    if done.returncode:
        raise FetchError("%s holds no %s" % (deb, member))
