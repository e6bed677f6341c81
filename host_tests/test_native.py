"""tools/native.py: the library with native code signs as published, on every chip we can run it on.

test_flash.py and test_flash_board.py have `--ship native`.
"""

import json
import subprocess
import sys

import pytest

from host_tests import aws_suite, sign_lines
from tools import boards, native
from tools.flashing import files
from tools.flashing.programs import FlashError

ARCHS = {"unix": "x64", "unix32": "x86", "rp2040": "armv6m"}
UNSENDABLE = {"get-utf8", "get-vanilla-utf8-query", "normalize-path/get-space"}
SOURCE = """\
def f():
    pass


class A:
    def g(self):
        pass

    @property
    def f(self):
        pass
"""


def test_the_decorator_is_put_where_it_is_named():
    """In place of a blank line if there is one, so that other functions keep their line numbers."""
    lines = native.marked(SOURCE, ["A.f"]).splitlines()
    assert lines[7:9] == ["    @micropython.native", "    @property"]
    assert len(lines) == len(SOURCE.splitlines())
    assert native.marked(SOURCE, ["f"]) == "@micropython.native\n" + SOURCE
    lines = native.marked(SOURCE, ["f", "A.f", "A.g"]).splitlines()
    assert [at for at, line in enumerate(lines) if "native" in line] == [0, 6, 9]
    with pytest.raises(FlashError, match=r"no A\.h, h in the source"):
        native.marked(SOURCE, ["A.h", "f", "h"])


def test_line_numbers_stay():
    for module, functions in native.HOT.items():
        text = (native.ROOT / "lib" / "sigv4_mp" / (module + ".py")).read_text(encoding="utf-8")
        made = native.marked(text, functions.split())
        assert len(made.splitlines()) == len(text.splitlines()), module


def test_the_boards_know_the_same_chips():
    assert tuple(native.NUMBERS) == boards.ARCHS
    used = {boards.load(name)["board"].get("native_arch") for name in boards.names()}
    assert used == {"armv6m", "armv7emsp", "xtensawin", "rv32imc", None}


@pytest.mark.parametrize("arch", native.NUMBERS)
def test_only_hot_modules_have_native_code(arch):
    """A .mpy's third byte has the chip's number, 0 for bytecode that runs on any."""
    made, plain = native.library(arch), files.library("mpy")
    assert set(made) == set(plain)
    for name, data in made.items():
        if name[:-4] in native.HOT:
            assert (data[:2], data[2] >> 2 & 15) == (b"M\x06", native.NUMBERS[arch]), name
        else:
            assert data == plain[name] and data[2] >> 2 == 0, name


@pytest.mark.parametrize(
    ("arch", "theirs", "words"),
    [
        ("armv6m", 4 << 10 | 0x306, None),
        ("armv6m", 7 << 10 | 0x306, None),  # an RP2350 runs an RP2040's
        ("armv7emsp", 4 << 10 | 0x306, "is armv7emsp, this MicroPython takes armv6m"),
        ("xtensawin", 11 << 10 | 0x306, "is xtensawin, this MicroPython takes rv32imc"),
        ("xtensawin", 0x306, "this MicroPython takes none"),
        ("armv6m", 4 << 10 | 0x206, "of version 6.3, this MicroPython takes 6.2"),
    ],
)
def test_what_a_board_takes(arch, theirs, words):
    if words is None:
        native.check(arch, {"mpy": theirs})
    else:
        with pytest.raises(FlashError, match=words):
            native.check(arch, {"mpy": theirs})


def test_the_command_line(tmp_path, capsys):
    assert native.main(["--arch", "x64", "--out", str(tmp_path)]) == 0
    made = native.library("x64")
    there = {p.relative_to(tmp_path / "sigv4_mp").as_posix(): p for p in tmp_path.rglob("*.mpy")}
    assert {name: path.read_bytes() for name, path in there.items()} == made
    assert "%d modules, %d bytes" % (len(made), sum(map(len, made.values()))) in (
        capsys.readouterr().out
    )
    with pytest.raises(SystemExit):
        native.main(["--arch", "z80", "--out", str(tmp_path)])
    assert "xtensawin" in capsys.readouterr().err


def test_help_needs_no_environment():
    words = [sys.executable, "-S", native.ROOT / "tools" / "native.py", "--help"]
    assert "--arch" in subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.mark.targets(*ARCHS)
def test_it_signs_as_published(target):
    """All published cases, one sealing checked, and what another chip's code is answered."""
    suite = aws_suite.load()
    shipped = native.library(ARCHS[target.name])
    strange = "armv7emsp" if target.name == "rp2040" else "armv6m"
    given = {"shipped/sigv4_mp/" + name: data for name, data in shipped.items()}
    given["shipped/sign.py"] = (native.ROOT / "tools" / "sign.py").read_bytes()
    given["elsewhere/of_another.mpy"] = native.library(strange)["digest.mpy"]
    data = sign_lines.encode([case.line for case in suite.values()])
    words = ["of_another"]
    heap = sign_lines.HEAP
    done = target.run("native_library.py", words, files=given, stdin=data, heap=heap).check()
    takes = next(line for line in done.text.splitlines() if line.startswith("takes "))
    native.check(ARCHS[target.name], {"mpy": int(takes.split()[1])})
    answers = [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]
    assert len(answers) == len(suite) == 34
    for (name, case), got in zip(suite.items(), answers):
        assert got["canonical_request"] == case.canonical_request
        assert got["string_to_sign"] == case.string_to_sign
        assert got["authorization"] == case.authorization
        assert (got["head"] is None) == (name in UNSENDABLE)
