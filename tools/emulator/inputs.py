"""What the emulated board is made of, fetched into .cache/emulator: toolchain, sources, rp2040js.

Sources are Debian's own packages, by name and version from the mirror that this machine's apt uses;
rp2040js comes through npm and its lock file. Only the toolchain is installed into the system, for
Debian's is one that expects to be there; as root by itself, else the command is said.
"""

import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

from tools import _debian, _install
from tools._fetch import (
    ROOT,
    FetchError,
    Progress,
    cache_dir,
    check_sha256,
    lock,
    new_dir,
    run,
    scratch,
)
from tools.servers import _apt

HERE = pathlib.Path(__file__).resolve().parent
PINS = json.loads((HERE / "pins.json").read_text(encoding="utf-8"))
# program (or file that the cross compiler must find): Debian package
PROGRAMS = {
    "gcc": "gcc",
    "make": "make",
    "cmake": "cmake",
    "dpkg-source": "dpkg-dev",
    "patch": "patch",
    "xz": "xz-utils",
    "bzip2": "bzip2",
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
}
CROSS_FILES = {
    "nosys.specs": "libnewlib-arm-none-eabi",
    "libstdc++.a": "libstdc++-arm-none-eabi-newlib",
}


def home():
    """Return the folder in the cache that everything here lives in (pathlib.Path)."""
    return cache_dir() / "emulator"


def missing():
    """Return the Debian packages (list of str) that the build needs and this machine lacks."""
    lacking = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if "gcc-arm-none-eabi" in lacking:
        return lacking + list(CROSS_FILES.values())
    for name, package in CROSS_FILES.items():
        # For a file it does not know, gcc gives the bare name back.
        found = run(["arm-none-eabi-gcc", "-print-file-name=" + name]).strip()
        if not os.path.isabs(found):
            lacking.append(package)
    return lacking


def toolchain(progress):
    """Make sure that the compilers are installed. Raises: FetchError saying what to run."""
    wanted = missing()
    if not wanted:
        return
    if os.geteuid() != 0:
        raise FetchError(
            "building its firmware needs: sudo apt-get install --no-install-recommends %s"
            % " ".join(wanted)
        )
    with lock("apt"):
        for package in missing():
            # In the system, not in .cache: a cross compiler finds its parts by absolute paths.
            progress.warn("installing Debian's %s into the system, to build the firmware" % package)
            try:
                _apt.install(package)
            except _apt.MissingPackage as error:
                raise FetchError(str(error)) from error


@functools.lru_cache(None)
def compiler():
    """Return the cross compiler's version as it says it (str): other code comes from another."""
    return run(["arm-none-eabi-gcc", "--version"]).splitlines()[0]


def _source(apt, name, folder, progress):
    """Download a Debian source package, and unpack it with Debian's patches into folder/name."""
    version, sha256 = PINS["sources"][name]
    shown = run(["apt-cache", *apt.options, "showsrc", name])
    available = [line.split()[1] for line in shown.splitlines() if line.startswith("Version:")]
    pinned = version in available
    if not pinned:
        if not available:
            raise FetchError("the mirror has no source package %s" % name)
        progress.warn(
            "the source of %s %s is no longer on the mirror; taking %s, verified by the suite only"
            % (name, version, available[0])
        )
        version = available[0]
    work = apt.state / "src" / name
    work.mkdir(parents=True)
    words = ["source", "--download-only", "%s=%s" % (name, version)]
    run(["apt-get", *apt.options, *words], cwd=work)
    (dsc,) = work.glob("*.dsc")
    if pinned:
        check_sha256(dsc, sha256)  # it holds the hashes of the archives, which dpkg-source checks
    run(["dpkg-source", "--no-check", "-x", dsc, folder / name])


def sources():
    """Return the folder that holds micropython, mbedtls, lwip, pico-sdk, tinyusb, each unpacked."""
    target = home() / ("sources-" + _key({**PINS["sources"], **PINS["packages"]}))
    progress = Progress("sources", 1 + len(PINS["sources"]) + len(PINS["packages"]))
    with lock("emulator-sources", lambda: progress.warn("waiting for another process")):
        if target.exists():
            return target
        with new_dir(target) as folder, scratch() as state:
            progress.step("reading the package index of Debian %s" % PINS["suite"])
            apt = _debian.Apt(state, PINS["suite"], _debian.host_arch(), sources=True)
            for name, (version, _) in PINS["sources"].items():
                progress.step("%s %s (source)" % (name, version))
                _source(apt, name, folder, progress)
            for name, (version, sha256) in PINS["packages"].items():
                progress.step("%s %s" % (name, version))
                deb, _ = apt.download(name, version, sha256, progress)
                _debian.unpack(deb, state / "unpacked")
                plain = name.removesuffix("-source")
                shutil.move(state / "unpacked" / "usr/src" / plain, folder / plain)
        progress.finish("unpacked")
    return target


def rp2040js():
    """Return the folder (Path) whose node_modules holds rp2040js; npm installs it if needed."""
    lock_file = HERE / "package-lock.json"
    target = home() / ("node-" + _key(lock_file.read_text(encoding="utf-8")))
    progress = Progress("rp2040js", 1)
    with lock("emulator-node", lambda: progress.warn("waiting for another process")):
        if not target.exists():
            progress.step("npm ci")
            with new_dir(target) as folder:
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(HERE / name, folder)
                run([*_install.node()[1], "ci", "--silent", "--ignore-scripts"], cwd=folder)
    return target


def node():
    """Return the path of a Node that is new enough (str)."""
    return _install.node()[0]


def _key(value):
    return _fingerprint(json.dumps(value, sort_keys=True).encode())


def _fingerprint(*parts):

    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(b"%d:" % len(part) + part)
    return hasher.hexdigest()[:16]


def fingerprint(texts, files):
    """Return 16 hex digits over some texts and the names and contents of files below ROOT."""
    parts = [text.encode() for text in texts]
    for path in sorted(files):
        parts += [path.relative_to(ROOT).as_posix().encode(), path.read_bytes()]
    return _fingerprint(*parts)


def say_failure(log, what):
    """Return a FetchError with the end of a log that tells why something failed."""
    tail = log.read_text(errors="replace").splitlines()[-15:]
    return FetchError("%s failed; %s ends with:\n%s" % (what, log, "\n".join(tail)))


def stream(command, log, on_line, **options):
    """Run a command with its output in `log`; on_line(str) sees each line. Raises: FetchError."""
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        with process:
            for line in process.stdout:
                file.write(line)
                on_line(line)
    if process.returncode:
        raise say_failure(log, os.path.basename(os.fspath(command[0])))
