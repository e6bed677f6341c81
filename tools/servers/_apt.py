"""Debian programs that the test servers need, asked of the machine's own apt (no address in here).

Programs are unpacked into .cache, not installed: installing chrony would start a daemon that sets
the machine's clock, and unpacking needs no root. Only what has to be installed is installed.
"""

import os
import shutil
import subprocess

_ENV = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")


class MissingPackage(RuntimeError):
    """Something is not on this machine and could not be put there; str() says what to run."""


def _quiet(command, cwd=None):
    done = subprocess.run(
        command,
        cwd=cwd,
        env=_ENV,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, (done.stdout + done.stderr)[-2000:]


def _refresh():
    """`apt-get update`, which a fresh machine needs before it knows any package (root only)."""
    return os.geteuid() == 0 and _quiet(["apt-get", "update", "-qq"])[0]


def install(package):
    """Install a Debian package; MissingPackage with the command to run when we may not."""
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    if os.geteuid() == 0:
        ok, output = _quiet(command)
        if not ok and _refresh():
            ok, output = _quiet(command)
        if ok:
            return
        raise MissingPackage("installing %s failed:\n%s" % (package, output))
    raise MissingPackage("%s is needed: run `sudo apt-get install %s`" % (package, package))


def unpack(package, into):
    """Download a Debian package and unpack it below `into` (a Path), touching nothing else."""
    if not shutil.which("apt-get"):
        raise MissingPackage("%s is not installed and there is no apt-get to fetch it" % package)
    into.mkdir(parents=True, exist_ok=True)
    ok, output = _quiet(["apt-get", "download", package], cwd=into)
    if not ok and _refresh():
        ok, output = _quiet(["apt-get", "download", package], cwd=into)
    archives = sorted(into.glob(package + "_*.deb"))
    if not ok or not archives:
        raise MissingPackage(
            "%s could not be downloaded: run `sudo apt-get update && sudo apt-get install %s`\n%s"
            % (package, package, output)
        )
    ok, output = _quiet(["dpkg-deb", "-x", archives[-1], into])
    archives[-1].unlink()
    if not ok:
        raise MissingPackage("%s could not be unpacked:\n%s" % (package, output))
