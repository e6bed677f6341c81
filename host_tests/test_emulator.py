"""The emulated board itself: time that repeats, power that fails, packets that get lost.

What it takes for granted is checked here too: the boot ROM's arithmetic, the PPP peer, mpremote.
"""

import hashlib
import io
import math
import os
import shutil
import struct
import sys

import pytest

from host_tests import emulator_tools as tools
from tools._fetch import FetchError, Progress
from tools.emulator import firmware, inputs
from tools.emulator.emulator import Emulator

pytestmark = pytest.mark.targets("rp2040")


@pytest.fixture(scope="module")
def board(target):
    """One board for all tests that leave it as it was."""
    with Emulator(fast_flash=True, seed=7) as emulator:
        yield emulator


# ---- mpremote, as a person uses it


def test_mpremote_copies_mounts_and_runs(board, tmp_path):
    data = os.urandom(5000)
    (tmp_path / "data.bin").write_bytes(data)
    (tmp_path / "show.py").write_text("print('sum', sum(open('/data.bin', 'rb').read()))")
    (tmp_path / "mounted.py").write_text("print('mounted', len(open('data.bin', 'rb').read()))")
    tools.mpremote(board, "cp", tmp_path / "data.bin", ":data.bin")
    assert tools.mpremote(board, "run", tmp_path / "show.py").strip() == "sum %d" % sum(data)
    told = tools.mpremote(board, "mount", tmp_path, "exec", "import mounted")
    assert told.strip().endswith("mounted 5000")
    assert hashlib.sha256(data).hexdigest() in tools.mpremote(board, "sha256sum", ":data.bin")
    back = tmp_path / "back.bin"
    tools.mpremote(board, "cp", ":data.bin", back, "+", "rm", ":data.bin")
    assert back.read_bytes() == data


def test_the_library_is_frozen_in(board):
    code = "import sigv4_mp; print(sigv4_mp.__version__, sigv4_mp.__file__)"
    version, file = tools.mpremote(board, "exec", code).split()
    assert file == "sigv4_mp/__init__.py"
    assert '"%s"' % version in (tools.ROOT / "lib/sigv4_mp/version.py").read_text()


# ---- what the boot ROM computes


def test_floating_point_is_right(board):
    values = [0.5, 1.0, 3.14159, -2.75, 1e-3, 12345.678, 1e10]
    code = (
        "import math, struct\n"
        "out = []\n"
        "for x in %r:\n"
        "    out += [x + 1, x - 3, x * 7, x / 3, math.sqrt(abs(x)), math.sin(x), math.cos(x),\n"
        "        math.exp(min(x, 9)), math.log(abs(x)), math.atan2(x, 2), float(int(x)), x < 1]\n"
        "print(','.join('%%.6g' %% x for x in out))\n"
    )
    found = [float(text) for text in tools.mpremote(board, "exec", code % values).split(",")]
    wanted = []
    for x in (struct.unpack("f", struct.pack("f", value))[0] for value in values):
        wanted += [x + 1, x - 3, x * 7, x / 3, math.sqrt(abs(x)), math.sin(x), math.cos(x)]
        wanted += [math.exp(min(x, 9)), math.log(abs(x)), math.atan2(x, 2), float(int(x)), x < 1]
    # 30-bit floats: the last digits of six may differ, and those of sin(1e10) mean nothing
    for got, real in zip(found, wanted):
        assert math.isclose(got, real, rel_tol=2e-5, abs_tol=1e-4), (got, real)


def test_random_bytes_are_not_all_the_same(board):
    code = "import os; print(os.urandom(16).hex(), os.urandom(16).hex())"
    first, second = tools.mpremote(board, "exec", code).split()
    assert first != second and len(set(bytes.fromhex(first))) > 4


# ---- time


def test_the_same_program_takes_the_same_cycles(target, tmp_path):
    """Exactly, from power-on to the prompt after main.py; another seed, other random bytes.

    And the same as with each instruction done by rp2040js: tools/emulator/fast_core.mjs only makes
    it faster. So main.py is a bit of everything: hashes, long and floating-point numbers, strings.
    """
    store = tmp_path / "flash.bin"
    program = (
        "import json, os, time\n"
        "from sigv4_mp import Credentials, Signer\n"
        "signer = Signer(Credentials('AKIDEXAMPLE', 'secret'), 'us-east-1', 's3')\n"
        "for i in range(20):\n"
        "    signer.sign('GET', 'https://h.example/%d' % i, amz_date='20260101T000000Z')\n"
        "x, f = 3**400, 1.5\n"
        "for i in range(60):\n"
        "    x, f = (x * x * 7 - i) % (3**401 + 2), f * 1.0001 - 0.3\n"
        "back = json.loads(json.dumps({str(i): [-i, i / 7] for i in range(99)}))\n"
        "print(os.urandom(8).hex(), time.ticks_us(), x, f, len(back))\n"
    )
    (tmp_path / "main.py").write_text(program)
    with Emulator(store=store, fast_flash=True) as emulator:
        tools.mpremote(emulator, "cp", tmp_path / "main.py", ":main.py")
    runs = []
    for seed, reference in ((1, False), (1, True), (2, False)):
        copy = tmp_path / "copy.bin"
        shutil.copy(store, copy)
        options = {"seed": seed, "virtual_time": True, "reference_core": reference}
        with Emulator(store=copy, **options) as emulator:
            said = tools.printed(emulator)
            runs.append((emulator.events("prompt")[0]["cycles"], said))
    assert runs[0] == runs[1]
    assert runs[2] != runs[0]
    assert runs[0][0] > 10_000_000


# ---- power


def test_machine_reset_boots_again(target):
    with Emulator(fast_flash=True) as emulator:
        tools.mpremote(emulator, "exec", "open('kept', 'w').write('yes')")
        tools.mpremote(emulator, "exec", "--no-follow", "import machine; machine.reset()")
        tools.wait_for(emulator, "prompt", 2)
        assert [event["event"] for event in emulator.events("reset")] == ["reset"]
        assert tools.mpremote(emulator, "exec", "print(open('kept').read())").strip() == "yes"


REPLACE = """
import os
f = open("state.new", "w")
f.write("n" * 3000)
f.close()
os.rename("state.new", "state")
"""


def test_power_cuts_leave_the_old_file_or_the_new_one(target, tmp_path):
    """The power fails in the middle of each flash operation of a replacement, one after another."""
    store = tmp_path / "flash.bin"
    with Emulator(store=store, fast_flash=True) as emulator:
        tools.mpremote(emulator, "exec", "open('state', 'w').write('o' * 3000)")
        before = emulator.command()["flash"]
        tools.mpremote(emulator, "exec", REPLACE)
        after = emulator.command()["flash"]
        count = sum(after.values()) - sum(before.values())
        tools.mpremote(emulator, "exec", "open('state', 'w').write('o' * 3000)")
        outcomes = []
        for at in range(1, count + 1, max(1, count // 6)):
            boots = emulator.command(cut_in=at)["boots"]
            tools.mpremote(emulator, "exec", REPLACE, gone=True)
            tools.wait_for(emulator, "prompt", boots + 1)
            read = "s = open('state').read(); print(len(s), s[0], len(set(s)))"
            outcomes.append(tools.mpremote(emulator, "exec", read).split())
            tools.mpremote(emulator, "exec", "open('state', 'w').write('o' * 3000)")
    assert all(length == "3000" and kinds == "1" for length, _, kinds in outcomes), outcomes
    assert {letter for _, letter, _ in outcomes} >= {"o"}
    assert len(outcomes) >= 4


def test_power_cut_at_start_is_an_option(target, tmp_path):
    store = tmp_path / "flash.bin"
    # The first boot formats the flash: it is cut in its second operation, and mended by the next.
    with Emulator(store=store, power_cut=2, fast_flash=True) as emulator:
        assert len(emulator.events("power-cut")) == 1 and len(emulator.events("power-on")) == 2
        assert (
            tools.mpremote(emulator, "exec", "open('x', 'w').write('1'); print('ok')").strip()
            == "ok"
        )


# ---- the network


def test_udp_reaches_the_host_and_comes_back(target):
    with tools.udp_echo() as port, Emulator() as emulator:
        code = (
            "import emulated_net, socket; emulated_net.up()\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)\n"
            "s.sendto(b'abc' * 300, ('10.0.2.2', %d)); print(s.recv(2000) == b'abc' * 300)\n"
            "name = socket.getaddrinfo('any.name.example', %d)[0][-1]\n"
            "s.sendto(b'x', name); print(s.recvfrom(10))\n"
        )
        told = tools.mpremote(emulator, "exec", code % (port, port)).splitlines()
    assert told[0] == "True" and told[1].startswith("(b'x', ('10.0.2.2', %d))" % port)


@pytest.mark.parametrize("loss", [0, 0.05])
def test_tcp_is_whole_whatever_gets_lost(target, loss):
    """16 KB there and back; with packets lost both ends have to send again."""
    with tools.tcp_echo() as port, Emulator(loss=loss, latency_ms=2, seed=1) as emulator:
        told = tools.mpremote(emulator, "exec", tools.ECHO_16K % port)
        stats = emulator.command()["network"]
    assert told.strip().splitlines()[-1] == "echoed True"
    assert (stats["lost"] > 0) == (loss > 0)
    assert stats["connections"] == 1


def test_a_link_that_goes_down_is_noticed_and_comes_back(target):
    with tools.udp_echo() as port, Emulator() as emulator:
        code = (
            "import emulated_net, socket; emulated_net.up()\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)\n"
            "def ask():\n"
            "    try:\n"
            "        s.sendto(b'x', ('10.0.2.2', %d)); return s.recv(9)\n"
            "    except OSError as error:\n"
            "        return error.errno\n"
            "print('first', ask())\n" % port
        )
        assert "first b'x'" in tools.mpremote(emulator, "exec", code)
        emulator.command(link={"down": True})
        assert "down 110" in tools.mpremote(emulator, "resume", "exec", "print('down', ask())")
        emulator.command(link={"down": False})
        assert "up b'x'" in tools.mpremote(emulator, "resume", "exec", "print('up', ask())")


def test_a_connection_to_a_port_where_nobody_listens_is_refused(target):
    code = (
        "import emulated_net, socket; emulated_net.up()\n"
        "try:\n"
        "    socket.socket().connect(('10.0.2.2', %d))\n"
        "except OSError as error:\n"
        "    print('errno', error.errno)\n"
    )
    with Emulator() as emulator:
        assert "errno 10" in tools.mpremote(emulator, "exec", code % tools.free_port())


# ---- how it is made


def test_nothing_here_names_a_registry():
    for path in (tools.ROOT / "tools" / "emulator").rglob("*.json"):
        assert "://" not in path.read_text() and "resolved" not in path.read_text(), path


def test_another_library_is_another_firmware(tmp_path, monkeypatch):
    before = firmware.fingerprint(), firmware.fingerprint("bare")
    assert before[0] != before[1] == firmware.fingerprint("bare")
    shutil.copytree(tools.ROOT / "lib", tmp_path / "lib")
    shutil.copytree(firmware.BOARD, tmp_path / "board")
    shutil.copy(tools.ROOT / "manifest.py", tmp_path)
    monkeypatch.setattr(firmware, "ROOT", tmp_path)
    monkeypatch.setattr(firmware, "BOARD", tmp_path / "board")
    monkeypatch.setattr(firmware, "SELF", tmp_path / "manifest.py")
    monkeypatch.setattr(inputs, "ROOT", tmp_path)
    same = firmware.fingerprint(), firmware.fingerprint("bare")
    with open(tmp_path / "lib" / "sigv4_mp" / "version.py", "a") as file:
        file.write("# changed\n")
    after = firmware.fingerprint(), firmware.fingerprint("bare")
    assert after[0] != same[0] and after[1] == same[1]


def test_without_root_the_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(inputs.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(inputs.shutil, "which", lambda name: None)
    with pytest.raises(FetchError, match="apt-get install .*gcc-arm-none-eabi .*libnewlib"):
        inputs.toolchain(Progress("test", stream=io.StringIO()))


def test_a_build_that_fails_shows_the_end_of_its_log(tmp_path):
    words = [sys.executable, "-c", "print('[ 10%] fine'); raise SystemExit('no such header')"]
    seen = []
    with pytest.raises(FetchError, match="no such header"):
        inputs.stream(words, tmp_path / "build.log", seen.append)
    assert seen[0].startswith("[ 10%]")
