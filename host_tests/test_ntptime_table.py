"""The table of docs/time.md is what tools/ntptime_table.py measures."""

import re
import subprocess
import sys

from targets import ROOT

TOOL = [sys.executable, ROOT / "tools" / "ntptime_table.py"]
STANDS_FOR = """
import socket, struct

def time():
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(1)
    asker.sendto(b"\\x1b" + bytes(47), socket.getaddrinfo("pool.ntp.org", 123)[0][-1])
    %s
    asker.close()
    seconds = struct.unpack("!I", packet[40:44])[0]
    return seconds + (2**32 if seconds < 3913056000 else 0) - 2208988800
"""


def run(*arguments):
    return subprocess.run([*TOOL, *arguments], capture_output=True, text=True, check=False)


def test_the_docs_have_what_is_measured():
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("**takes it**") > 10


def test_a_module_is_measured_in_its_place(tmp_path):
    """--ntptime runs the file it names: the same manners, the same table; others, another one."""
    same, other = tmp_path / "same.py", tmp_path / "other.py"
    same.write_text(STANDS_FOR % "packet = asker.recv(48)")
    assert run("--ntptime", same).returncode == 0
    strict = "packet = asker.recv(48)\n    if packet[0] & 7 != 4: raise ValueError"
    other.write_text(STANDS_FOR % strict)
    done = run("--ntptime", other)
    assert done.returncode == 1
    assert "| a broadcast packet (mode 5) | fails |" in done.stdout


def test_the_examples_name_what_there_is():
    """Every import of docs/time.md works, and its files and the picture are there."""
    text = (ROOT / "docs" / "time.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    imports = [line for block in blocks for line in block.splitlines() if " import " in line]
    assert len(imports) >= 8
    for line in imports:
        exec(line, {})
    for name in re.findall(r"`(tools/[a-z_]+\.py)", text):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"\]\(([a-z_.]+)\)", text):
        assert (ROOT / "docs" / name).is_file(), name
