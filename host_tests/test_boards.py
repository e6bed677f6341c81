"""boards/: each file is sound, the page about them is current, and upstream's build takes them."""

import copy
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import boards

ROOT = Path(__file__).resolve().parents[1]
WANTED = {
    "ESP32_GENERIC",
    "ESP32_GENERIC_C3",
    "ESP32_GENERIC_S3",
    "RPI_PICO_W",
    "RPI_PICO2_W",
    "unix",
}


def test_all_boards_are_there():
    assert set(boards.names()) >= WANTED


@pytest.mark.parametrize("name", boards.names())
def test_a_board_is_sound(name):
    assert boards.load(name)["name"] == name
    assert boards.folder_problems(name) == []


def test_the_page_is_current():
    assert boards.main([]) == 0, "python3 tools/boards.py --write"


def test_what_reference_says_about_flash():
    """esptool's and the RP2 boot ROM's numbers, written here a second time."""
    offsets = {"ESP32_GENERIC": 0x1000, "ESP32_GENERIC_S3": 0, "ESP32_GENERIC_C3": 0}
    for name, offset in offsets.items():
        assert boards.load(name)["flash"]["offset"] == offset
    pico = boards.load("RPI_PICO_W")["flash"]
    assert (pico["family"], pico["board_id"]) == (0xE48BFF56, "RPI-RP2")
    assert boards.load("RPI_PICO2_W")["flash"]["family"] == 0xE48BFF59


def broken(section, field, value):
    """Return the problems of RPI_PICO_W with one value changed, or taken out (None)."""
    board = copy.deepcopy(boards.load("RPI_PICO_W"))
    del board["name"]
    if value is None:
        del board[section][field]
    else:
        board.setdefault(section, {})[field] = value
    return boards.problems(board)


@pytest.mark.parametrize(
    ("section", "field", "value", "words"),
    [
        ("board", "chip", None, "board.chip is missing"),
        ("board", "chp", "rp2040", "board.chp is unknown"),
        ("extra", "x", 1, "unknown section extra"),
        ("memory", "budget", "much", "memory.budget must be int"),
        ("memory", "budget", True, "memory.budget must be int"),
        ("memory", "budget", -1, "memory.budget is negative"),
        ("memory", "budget", 1 << 30, "more than the heap has"),
        ("memory", "tls_heap", "stack", "must be one of"),
        ("flash", "method", "usb", "must be one of"),
        ("flash", "offset", 0x1000, "flash.offset is unknown"),  # of esptool, not of UF2
        ("flash", "usb", ["2E8A:0005"], "is no id"),
        ("flash", "usb", [5], "must hold strings"),
        ("clock", "epoch", 1900, "must be one of"),
        ("clock", "drift_ppm_asleep", 1, "drifts less asleep"),
        ("network", "start", "import (", "is no Python"),
        ("board", "micropython", "newest", "must be a release"),
        ("board", "native_arch", "thumb", "must be one of"),
    ],
)
def test_what_the_check_finds(section, field, value, words):
    assert words in "; ".join(broken(section, field, value))


def test_what_the_check_finds_in_a_folder(tmp_path):
    shutil.copytree(ROOT / "boards" / "ESP32_GENERIC", tmp_path / "X")
    public = tmp_path / "X" / "board.json"
    public.write_text(public.read_text().replace("0x1000", "0x0"))
    assert boards.folder_problems("X", tmp_path) == [
        "board.json and board.toml differ in the flash offset"
    ]
    (tmp_path / "X" / "manifest.py").unlink()
    assert boards.folder_problems("X", tmp_path) == ["manifest.py is missing"]


def test_no_such_board_names_those_there_are():
    with pytest.raises(boards.BoardError, match="no board PICO; there are: .*RPI_PICO_W"):
        boards.load("PICO")


def test_not_toml(tmp_path):
    (tmp_path / "X").mkdir()
    (tmp_path / "X" / "board.toml").write_text("a = ")
    with pytest.raises(boards.BoardError, match="X/board.toml"):
        boards.load("X", tmp_path)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_manifest_freezes_upstream_and_us(name):
    """include() of upstream's own first, then of this project's manifest.py, which is there."""
    included = []
    here = ROOT / "boards" / name
    exec((here / "manifest.py").read_text(), {"include": included.append})
    assert included[0].startswith("$(PORT_DIR)/")
    assert (here / included[1]).resolve() == ROOT / "manifest.py"


@pytest.mark.skipif(not shutil.which("cmake"), reason="no cmake here; CI has one")
@pytest.mark.parametrize("name", sorted(WANTED - {"unix"}))
def test_cmake_takes_upstream_s_board_and_our_manifest(name, tmp_path):
    """As the ports' CMakeLists.txt include it; upstream's board is a stand-in that says so."""
    upstream = tmp_path / "boards" / name
    upstream.mkdir(parents=True)
    (upstream / "mpconfigboard.cmake").write_text(
        "set(FROM_UPSTREAM yes)\nset(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)\n"
    )
    ours = ROOT / "boards" / name
    script = tmp_path / "try.cmake"
    script.write_text(
        "set(MICROPY_PORT_DIR %s)\nset(MICROPY_BOARD_DIR %s)\n"
        "include(${MICROPY_BOARD_DIR}/mpconfigboard.cmake)\n"
        'message("${FROM_UPSTREAM}|${MICROPY_FROZEN_MANIFEST}|${MICROPY_BOARD_DIR}|'
        '${MICROPY_DEF_BOARD}")\n' % (tmp_path, ours)
    )
    done = subprocess.run(
        ["cmake", "-P", script],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "ROMFS_BYTES": "131072"},
        capture_output=True,
        text=True,
        check=True,
    )
    said, manifest, folder, defined = done.stderr.strip().split("|")
    assert (said, Path(manifest), Path(folder)) == ("yes", ours / "manifest.py", upstream)
    assert defined == ("MICROPY_HW_ROMFS_BYTES=131072" if name.startswith("RPI") else "")


def test_the_readme_of_boards_names_them_all():
    text = (ROOT / "boards" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([A-Z0-9_]+|unix)/`", text)) >= WANTED
