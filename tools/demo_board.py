"""The device's part of `make demo BOARD=rp2040`: a firmware that boots, and uploads by itself.

The emulated Pico (tools/emulator/) gets boot.py, firmware/s3_upload/main.py, the configuration and
the file on its flash, by mpremote, as a real board would. Then its power goes off and on.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tools.emulator import firmware
from tools.emulator.emulator import Emulator

ROOT = Path(__file__).resolve().parents[1]
MAIN = ROOT / "firmware" / "s3_upload" / "main.py"
BOOT = "import emulated_net\n\nemulated_net.up()\n"
HOST = "10.0.2.2"  # this machine's loopback, as the board sees it
PROMPT = b">>> "


def config(given, swift, clocks):
    """Return the demo's configuration (dict) as this board needs it."""
    return dict(
        given,
        # Every name is the host there; this one is in the server's certificate.
        endpoint="https://%s:%d" % (swift.storage_domain, int(swift.https_url.rpartition(":")[2])),
        # Its second takes three to eight of ours: clocks that it asks one after another, chrony's
        # and then the server's, seem to be apart. So it asks one.
        ntp_servers=["%s:%d" % (HOST, clocks[0].port)],
        ntp_agreeing=1,
        ntp_cross_check=False,
        ca_file="ca.der",
    )


def mpremote(emulator, *words):
    """Run mpremote on the board; return what it printed. Raises: SystemExit with its words."""
    command = [sys.executable, "-m", "mpremote", "connect", emulator.address, *map(str, words)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("mpremote %s failed:\n%s%s" % (words[0], done.stdout, done.stderr))
    return done.stdout


def fill_flash(emulator, folder, swift, console):
    """Put boot.py, main.py, config.json, ca.der and measurements.bin onto the board's flash."""
    (folder / "boot.py").write_text(BOOT)
    files = [folder / "boot.py", MAIN, folder / "config.json", Path(swift.tls_dir) / "ca.der"]
    for path in files:
        console.print("  mpremote  cp " + path.name)
        mpremote(emulator, "cp", path, ":" + path.name)
    name = "measurements.bin"
    size = (folder / name).stat().st_size
    console.print("  mpremote  mount, and copy %s, %d KB" % (name, size >> 10))
    with console.status("copying"):
        mpremote(emulator, "mount", folder, "exec", COPY % (name, name))


def board_lines(emulator):
    """Yield the lines that the board prints from power-on until its prompt (str)."""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=600) as connection:
        text = b""
        while not text.endswith(PROMPT):
            data = connection.recv(4096)
            if not data:
                raise SystemExit("the board is gone: " + emulator.log_tail())
            *lines, text = (text + data).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace").rstrip("\r")


def watch(emulator, console):
    """Show what the board prints. Return (its lines by kind, emulated seconds until "stored")."""
    lines, seconds = {}, None
    for line in board_lines(emulator):
        console.print("  pico  ", line, markup=False, style="dim", soft_wrap=True)
        kind, text = line[:9].strip(), line[10:]
        lines.setdefault(kind, []).append(text)
        if kind == "stored":
            seconds = emulator.command()["nanos"] / 1e9
    if seconds is None:
        raise SystemExit("the board gave up; the last lines above say why")
    return lines, seconds


# Much faster than `mpremote cp`, which sends 256 bytes at a time and waits.
COPY = """
block = bytearray(4096)
with open("/remote/%s", "rb") as source, open("/%s", "wb") as target:
    while True:
        count = source.readinto(block)
        if not count:
            break
        target.write(memoryview(block)[:count])
"""
HEAP = """
import gc, sys
gc.collect(); boot = gc.mem_free()
import sigv4_mp
from sigv4_mp import Credentials, Signer, TrustedClock
from sigv4_mp.net import clock
from sigv4_mp.net.http import Http
from sigv4_mp.services.s3 import S3
gc.collect(); print(boot, gc.mem_free())
"""


def heap_numbers(emulator, lines):
    """Return {"boot", "imported", "lowest"}: bytes of heap that were free then."""
    boot, imported = map(int, mpremote(emulator, "exec", HEAP).split())
    words = lines["heap"][-1].split()  # "N of M bytes at most"
    return {"boot": boot, "imported": imported, "lowest": int(words[2]) - int(words[0])}


def run(folder, given, swift, clocks, console):
    """Play the board's part. Return (lines by kind, emulated seconds, heap numbers, its name)."""
    image = firmware.build()
    (folder / "config.json").write_text(json.dumps(config(given, swift, clocks)))
    with Emulator(image=image, store=folder / "flash.bin") as emulator:
        fill_flash(emulator, folder, swift, console)
        console.print("\n  power off, power on\n")
        emulator.command(cut=True)
        lines, seconds = watch(emulator, console)
        heap = heap_numbers(emulator, lines)
    name = "MicroPython %s on an emulated RP2040 (264 KB of RAM), firmware %d bytes" % (
        firmware.version(),
        os.path.getsize(image),
    )
    return lines, seconds, heap, name
