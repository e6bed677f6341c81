"""tools/flash.py on the emulated board: every way to ship, through the real mpremote.

All that goes over the serial line is real here; esptool and the BOOTSEL volume are stand-ins, in
test_flash.py. The board starts with MicroPython and nothing else, as a bare board after its UF2.
"""

import hashlib
import json
import subprocess
import sys

import pytest
from rich.console import Console

from flash_stand_ins import SECRET, TOML
from tools import flash, mip_index, native, provision
from tools.emulator import firmware
from tools.emulator.emulator import Emulator
from tools.flashing import board_code, files
from tools.flashing.programs import FlashError, Programs
from tools.servers import ca

pytestmark = pytest.mark.targets("rp2040")


class Bench:
    """One board, and runs of the tool against it. seen: every command line."""

    def __init__(self, folder, ca_file, emulator):
        self.emulator = emulator
        self.config = folder / "device.toml"
        self.config.touch(mode=0o600)
        self.config.write_text(TOML % (SECRET, ca_file))
        self._out = folder / "out.txt"
        self.seen = []
        self.ever = ""  # what was ever shown: outputs and command lines

    def run(self, *words, stop_after=None):
        """Run the tool; return the exit status. stop_after: calls of mpremote, then it breaks."""
        words = ["--board", "RPI_PICO_EMULATED", "--port", self.emulator.address, *words]
        with open(self._out, "w", encoding="utf-8") as out:
            show = flash.Show(Console(file=out, highlight=False, soft_wrap=True, width=400))
            programs = Recording(show.say, self.seen, stop_after)
            status = flash.run(flash.arguments(list(map(str, words))), programs, show)
        self.said = self._out.read_text(encoding="utf-8")
        self.ever += self.said + repr(self.seen)
        return status

    def ask(self, code):
        """Run code on the board; return what it prints (str)."""
        words = [sys.executable, "-m", "mpremote", "connect", self.emulator.address, "exec", code]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    def copied(self):
        """Return how many files were copied since the list was emptied."""
        return sum(line.count("cp") for line in self.seen)


class Recording(Programs):
    """Programs that keep their command lines, and can break off."""

    def __init__(self, say, seen, stop_after):
        super().__init__(say)
        self._seen, self._left = seen, stop_after

    def run(self, words, timeout=600):
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise FlashError("the cable was pulled")
        self._seen.append([str(word) for word in words])
        return super().run(words, timeout)


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory):
    """A root certificate, as PEM."""
    folder = tmp_path_factory.mktemp("ca")
    ca.write(folder, "ec")
    return folder / "ca.pem"


def a_run_that_is_cut_leaves_nothing_secret(board):
    assert board.run("--config", board.config, "--example", "s3_upload", stop_after=6) == 1
    assert "the cable was pulled" in board.said
    assert 0 < board.copied() < 58


def and_goes_on_as_mpy(board):
    before = board.copied()
    assert board.run("--config", board.config, "--example", "s3_upload") == 0, board.said
    library = len(files.library("mpy"))
    assert board.copied() == library + 3  # each file once, over both runs; root, main, config
    assert board.copied() - before < library
    assert "self-test: passed" in board.said
    assert json.loads(board.ask("print(open('config.json').read())"))["bucket"] == "b"


def a_second_run_copies_nothing(board):
    board.seen.clear()
    assert board.run("--config", board.config, "--example", "s3_upload") == 0, board.said
    assert board.copied() == 0


def what_changed_on_the_board_is_mended(board):
    board.ask("open('/lib/sigv4_mp/signer.mpy', 'w').write('torn by a power cut')")
    board.seen.clear()
    assert board.run("--config", board.config, "--example", "s3_upload") == 0, board.said
    assert board.copied() == 1


def romfs(board):
    board.seen.clear()
    assert board.run("--ship", "romfs") == 0, board.said
    assert "from /rom/lib/sigv4_mp/version.mpy" in board.said
    left = board_code.hashes(Programs(print), board.emulator.address, folders=["/lib/sigv4_mp"])
    assert left == {}
    wanted = hashlib.sha256(files.library("mpy")["signer.mpy"]).hexdigest()
    code = (
        "import hashlib, binascii\n"
        "data = open('/rom/lib/sigv4_mp/signer.mpy', 'rb').read()\n"
        "print(binascii.hexlify(hashlib.sha256(data).digest()).decode())"
    )
    assert board.ask(code) == wanted
    board.seen.clear()
    assert board.run("--ship", "romfs") == 0, board.said
    assert not [line for line in board.seen if "deploy" in line]


def a_romfs_hides_what_is_copied(board):
    assert board.run("--ship", "mpy") == 1
    assert "a ROMFS comes before /lib" in board.said
    assert board.run("--ship", "romfs") == 0, board.said  # what was copied is gone again


def frozen_is_refused_where_it_is_not(board):
    """This firmware has none of its own; what is in the ROMFS is not taken for it."""
    assert board.run("--ship", "frozen") == 1
    assert "imports sigv4_mp from /rom/lib/sigv4_mp" in board.said
    assert "nothing is frozen into this firmware" in board.said


def the_clock_is_utc(board):
    board.ask("from machine import RTC; RTC().datetime((2021, 1, 1, 4, 0, 0, 0, 0))")
    board.run("--ship", "frozen")  # it sets the clock, and stops at the library
    year = board.ask("import time; print(time.gmtime()[0])")
    assert int(year) >= 2026


def another_board_is_refused(board):
    board.seen.clear()
    words = ["--board", "ESP32_GENERIC", "--port", board.emulator.address]
    status = flash.run(flash.arguments(words), Recording(print, board.seen, None))
    assert status == 1
    assert board.copied() == 0


def no_secret_was_in_any_command_line_or_output(board):
    assert "self-test: passed" in board.ever and "mpremote" in board.ever
    assert "MARKED" not in board.ever


def test_all_the_ways_on_one_board(target, tmp_path, ca_file):
    """From bare to ROMFS. One test, because each step finds the board as the one before left it.

    (As tests of their own, they could end up in different processes of pytest-xdist.)
    """
    image = firmware.build("bare")
    store = tmp_path / "flash.bin"
    with Emulator(image=image, store=store, ppp=False, fast_flash=True) as emulator:
        board = Bench(tmp_path, ca_file, emulator)
        for step in (
            a_run_that_is_cut_leaves_nothing_secret,
            and_goes_on_as_mpy,
            a_second_run_copies_nothing,
            what_changed_on_the_board_is_mended,
            romfs,
            a_romfs_hides_what_is_copied,
            frozen_is_refused_where_it_is_not,
            the_clock_is_utc,
            another_board_is_refused,
            no_secret_was_in_any_command_line_or_output,
        ):
            print(step.__name__)
            step(board)


@pytest.mark.soak  # two minutes; test_flash.py has the steps, test_native.py the library here
def test_native_code(target, tmp_path, ca_file):
    """It takes the place of bytecode, and the self-test passes with it."""
    store = tmp_path / "flash.bin"
    with Emulator(
        image=firmware.build("bare"), store=store, ppp=False, fast_flash=True
    ) as emulator:
        board = Bench(tmp_path, ca_file, emulator)
        for ship in ("mpy", "native"):
            assert board.run("--ship", ship) == 0, board.said
        assert "self-test: passed" in board.said
        head = board.ask("print(open('/lib/sigv4_mp/prepared.mpy', 'rb').read(3)[2])")
        assert int(head) >> 2 == native.NUMBERS["armv6m"]


def test_frozen(target, tmp_path, ca_file):
    """With the library in the firmware nothing is copied, and the self-test passes."""
    with Emulator(store=tmp_path / "flash.bin", ppp=False, fast_flash=True) as emulator:
        bench = Bench(tmp_path, ca_file, emulator)
        assert bench.run("--ship", "frozen") == 0, bench.said
        assert bench.copied() == 0
        assert "from sigv4_mp/version.py" in bench.said
        assert bench.run("--ship", "mpy") == 1  # it would never be imported
        assert "it is frozen into this firmware" in bench.said


def test_certificate_and_key_are_provisioned(target, tmp_path, ca_file):
    """A program on the board then reads them where IotProvider's example does, as DER."""
    ca.write(tmp_path / "tls", "ec")
    certificate, key = tmp_path / "tls" / "client.pem", tmp_path / "tls" / "client-key.pem"
    section = '[provision]\ncertificate = "%s"\nprivate_key = "%s"\n' % (certificate, key)
    words = ("--ship", "frozen", "--config", tmp_path / "device.toml")
    code = (
        "import hashlib\n"
        "from sigv4_mp.device.secret_store import open_store\n"
        "read = lambda name: hashlib.sha256(open_store().reader(name)()).digest().hex()\n"
        "print(read('cert'), read('key'))"
    )
    with Emulator(store=tmp_path / "flash.bin", ppp=False, fast_flash=True) as emulator:
        bench = Bench(tmp_path, ca_file, emulator)
        bench.config.write_text(bench.config.read_text() + section)
        assert bench.run(*words) == 0, bench.said
        found = bench.ask(code).split()
        assert bench.said.count("and read back") == 2
        assert key.read_text().splitlines()[1] not in repr(bench.seen) + bench.said
        bench.seen.clear()
        assert bench.run(*words) == 0, bench.said
        assert bench.said.count("it is there") == 2
        assert len([line for line in bench.seen if line[-1].endswith("/provision.py")]) == 1
    wanted = [provision.der(path.read_bytes()) for path in (certificate, key)]
    assert found == [hashlib.sha256(data).hexdigest() for data in wanted]


def test_mip_installs_from_a_checkout(target, tmp_path, ca_file):
    """`mpremote mip install` of our package.json; the board then signs as AWS documents."""
    image = firmware.build("bare")
    with Emulator(image=image, ppp=False, fast_flash=True) as emulator:
        bench = Bench(tmp_path, ca_file, emulator)
        words = [sys.executable, "-m", "mpremote", "connect", emulator.address]
        index = mip_index.ROOT / "package.json"
        subprocess.run([*words, "mip", "install", index], capture_output=True, check=True)
        code = (
            "from sigv4_mp import Credentials, Signer\n"
            "keys = Credentials('AKIAIOSFODNN7EXAMPLE',"
            " 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')\n"
            "url = 'https://examplebucket.s3.amazonaws.com/test.txt'\n"
            "s = Signer(keys, 'us-east-1', 's3')\n"
            "print(s.presign('GET', url, 86400, amz_date='20130524T000000Z')[-64:])"
        )
        published = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        assert bench.ask(code) == published
