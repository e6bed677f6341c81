"""What is run on the board, as MicroPython source: short, no secret, one line of JSON back."""

import json

from tools._fetch import cache_dir
from tools.flashing.programs import FlashError

_MARK = "sigv4_mp:"

# Says what the board is. A board without a file system says 0 bytes free.
IDENTIFY = """
import sys, os, json
i = sys.implementation
try:
    s = os.statvfs("/")
    free = s[0] * s[3]
except OSError:
    free = 0
print("%s" + json.dumps({
    "machine": getattr(i, "_machine", ""), "version": list(i.version)[:3],
    "mpy": getattr(i, "_mpy", 0), "platform": sys.platform, "free": free}))
"""

# SHA-256 of each of the named files that is there, and every file below the named folders.
HASHES = """
import os, json, hashlib, binascii
out = {}
block = memoryview(bytearray(1024))
def one(path):
    try:
        with open(path, "rb") as file:
            h = hashlib.sha256()
            while True:
                n = file.readinto(block)
                if not n:
                    break
                h.update(block[:n])
        out[path] = binascii.hexlify(h.digest()).decode()
    except OSError:
        pass
def walk(path):
    try:
        names = list(os.ilistdir(path))
    except OSError:
        return
    for entry in names:
        if entry[1] == 0x4000:
            walk(path + "/" + entry[0])
        else:
            one(path + "/" + entry[0])
for path in %(files)r:
    one(path)
for path in %(folders)r:
    walk(path)
print("%(mark)s" + json.dumps(out))
"""

REMOVE = """
import os
for path in %(files)r:
    try:
        os.remove(path)
    except OSError:
        pass
print("%(mark)strue")
"""

# What RECORD of steps.py says.
RECORD = """
import json
try:
    with open(%(path)r) as file:
        print("%(mark)s" + file.read())
except OSError:
    print("%(mark)s{}")
"""

# Where the library comes from, and which version it is.
LIBRARY = """
import sys, json
sys.path[:] = [p for p in sys.path if p]
from sigv4_mp import version
print("%s" + json.dumps({"version": version.__version__, "file": getattr(version, "__file__", "")}))
"""

SET_CLOCK = """
import json, time
try:
    from machine import RTC
    RTC().datetime(%(datetime)r)
    print("%(mark)s" + json.dumps(list(time.gmtime()[:6])))
except ImportError:
    print("%(mark)snull")
"""

SELFTEST = """
import json, gc
if hasattr(gc, "threshold"):
    gc.threshold(4096)
from sigv4_mp import selftest
print("%(mark)s" + json.dumps(selftest.run(%(budget)d, %(ca_file)r, strict=True)))
"""


MAKE_FOLDERS = """
import os
for path in %(folders)r:
    try:
        os.mkdir(path)
    except OSError:
        pass
print("%(mark)strue")
"""


def ask(programs, port, code, fresh=False, **values):
    """Run code on the board; return (the value it gives back, the lines it printed before).

    fresh: after a soft reset, which runs boot.py; else in what is running, interrupted.
    In a dry run (None, []).    Raises: FlashError when no answer comes.
    """
    text = code % dict(values, mark=_MARK) if values else code % _MARK
    # A dry run shows the script's path: it is named after what it asks.
    name = next((name for name, value in globals().items() if value is code), "other")
    script = cache_dir() / "flash" / "ask" / (name.lower() + ".py")
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(text.lstrip(), encoding="utf-8")
    out = programs.remote(port, *([] if fresh else ["resume"]), "run", script)
    if programs.dry_run:
        return None, []
    lines = out.replace("\r", "").splitlines()
    for index, line in enumerate(lines):
        if line.startswith(_MARK):
            return json.loads(line[len(_MARK) :]), lines[:index]
    raise FlashError("the board gave no answer; press RESET and try again:\n%s" % out[-400:])


def hashes(programs, port, files=(), folders=()):
    """Return {path: SHA-256 hex} of the files named, and of all below the folders, on the board."""
    return ask(programs, port, HASHES, files=list(files), folders=list(folders))[0] or {}
