#!/usr/bin/env python3
"""What is known of each board: reads and checks boards/*/board.toml, and makes docs/boards.md.

python3 tools/boards.py             say what is wrong with them, and whether the page is up to date
python3 tools/boards.py --write     bring the page up to date

Standard library only. From Python: tools.boards.load("RPI_PICO_W") -> dict, names() -> list of str.
"""

import json
import pathlib
import re
import sys

import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOARDS = ROOT / "boards"
PAGE = ROOT / "docs" / "boards.md"
BEGIN = "<!-- boards: tools/boards.py --write -->\n"
END = "<!-- end of boards -->\n"

METHODS = ("esptool", "uf2", "emulator", "none")
ARCHS = ("x86", "x64", "armv6m", "armv7emsp", "xtensawin", "rv32imc")  # of tools/native.py
USB_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
# section: {field: type}; a "?" makes a field optional, "esptool:" and "uf2:" tie it to a method.
SCHEMA = {
    "board": {
        "product": str,
        "port": str,  # sys.platform
        "chip": str,  # as esptool and upstream's board.json name it
        "machine": str,  # what stands in sys.implementation._machine
        "micropython": str,  # the oldest release that will do
        "tested": str,
        "?native_arch": str,  # as mpy-cross's -march: tools/native.py; left out where none is known
    },
    "memory": {
        "?heap_free": int,  # bytes of gc.mem_free() at boot; left out where nobody measured it
        "source": str,
        "budget": int,  # bytes that must be free with the library loaded: selftest.run(budget)
        "tls_heap": str,
        "tls_bytes": int,
        "tls_contiguous": int,
    },
    "clock": {
        "epoch": int,
        "at_power_on": str,
        "keeps_over": list,
        "drift_ppm_awake": int,
        "drift_ppm_asleep": int,
    },
    "flash": {
        "method": str,
        "size": int,  # bytes
        "usb": list,  # "vendor:product" of its serial port, lower-case hex
        "romfs": str,
        "esptool:offset": int,
        "uf2:family": int,
        "uf2:board_id": str,
    },
    "network": {"kind": str, "start": str},
    "security": {  # docs/security.md makes a table of it
        "store": str,  # where secrets lie, and how
        "read_by": str,  # how whoever holds the board reads them
        "unused": str,  # what the chip has and stock MicroPython does not use
        "debug": str,
        "random": str,
    },
    "notes": {"traps": list},
}
CHOICES = {
    ("board", "native_arch"): ARCHS,
    ("flash", "method"): METHODS,
    ("memory", "tls_heap"): ("gc", "idf", "host"),
    ("clock", "epoch"): (1970, 2000),
    ("network", "kind"): ("wlan", "ppp", "host"),
}


class BoardError(Exception):
    """A board file can't be used; str() says which, where and why."""


def names():
    """Return the names (list of str, sorted) of all boards that have a board.toml."""
    return sorted(path.parent.name for path in BOARDS.glob("*/board.toml"))


def load(name, folder=BOARDS):
    """Return a board.toml as a dict of sections. Raises: BoardError listing what is wrong."""
    path = folder / name / "board.toml"
    try:
        board = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BoardError("no board %s; there are: %s" % (name, ", ".join(names()))) from None
    except tomllib.TOMLDecodeError as error:
        raise BoardError("%s/board.toml: %s" % (name, error)) from None
    found = problems(board)
    if found:
        raise BoardError("%s/board.toml: %s" % (name, "; ".join(found)))
    return dict(board, name=name)


def problems(board):
    """Return what is wrong with a parsed board.toml (list of str)."""
    found = ["unknown section " + section for section in board if section not in SCHEMA]
    method = board.get("flash", {}).get("method")
    for section, fields in SCHEMA.items():
        if not isinstance(board.get(section), dict):
            found.append("section %s is missing" % section)
            continue
        wanted = dict(_fields(fields, method))
        found += _unknown(section, board[section], wanted)
        for field, (kind, needed) in wanted.items():
            found += _value(section, field, board[section].get(field), kind, needed)
    return found or _sense(board)


def _fields(fields, method):
    """Yield (field, (type, needed)) of a section, as the flash method has it."""
    for mark, kind in fields.items():
        tied, _, field = mark.rpartition(":")
        if not tied or tied == method:
            yield field.lstrip("?"), (kind, not field.startswith("?"))


def _unknown(section, table, wanted):
    return ["%s.%s is unknown" % (section, field) for field in table if field not in wanted]


def _value(section, field, value, kind, needed):
    """Yield what is wrong with one value."""
    if value is None:
        if needed:
            yield "%s.%s is missing" % (section, field)
    elif not isinstance(value, kind) or isinstance(value, bool):
        yield "%s.%s must be %s" % (section, field, kind.__name__)
    elif kind is int and value < 0:
        yield "%s.%s is negative" % (section, field)
    elif kind is list and not all(isinstance(one, str) for one in value):
        yield "%s.%s must hold strings" % (section, field)
    elif value not in CHOICES.get((section, field), (value,)):
        yield "%s.%s must be one of %s" % (section, field, CHOICES[section, field])


def _sense(board):
    """Return what no single value shows."""
    found = []
    memory, flash = board["memory"], board["flash"]
    if "heap_free" in memory and memory["budget"] > memory["heap_free"]:
        found.append("memory.budget is more than the heap has")
    if board["clock"]["drift_ppm_awake"] > board["clock"]["drift_ppm_asleep"]:
        found.append("clock drifts less asleep than awake")
    found += ["flash.usb: %r is no id" % one for one in flash["usb"] if not USB_ID.fullmatch(one)]
    if not re.fullmatch(r"1\.\d+", board["board"]["micropython"]):
        found.append('board.micropython must be a release such as "1.24"')
    try:
        compile(board["network"]["start"], "network.start", "exec")
    except SyntaxError as error:
        found.append("network.start is no Python: %s" % error)
    return found


def folder_problems(name, folder=BOARDS):
    """Return what is wrong with a board's folder beside its board.toml (list of str)."""
    here = folder / name
    found = [file + " is missing" for file in ("board.json",) if not (here / file).exists()]
    if not list(here.glob("manifest.py")):
        found.append("manifest.py is missing")
    if not (list(here.glob("mpconfigboard.cmake")) or list(here.glob("mpconfigvariant.mk"))):
        found.append("mpconfigboard.cmake (or mpconfigvariant.mk) is missing")
    if found:
        return found
    public = json.loads((here / "board.json").read_text(encoding="utf-8"))
    board = load(name, folder)
    if public["mcu"] != board["board"]["chip"]:
        found.append(
            "board.json says mcu %s, board.toml chip %s" % (public["mcu"], board["board"]["chip"])
        )
    offset = public.get("deploy_options", {}).get("flash_offset")
    if offset is not None and int(offset, 0) != board["flash"].get("offset"):
        found.append("board.json and board.toml differ in the flash offset")
    return found


def kib(count):
    """Return bytes as a reader wants them."""
    return "%d KB" % (count // 1000) if count else "none"


def drift(clock):
    """Return the drift budget, and how long a day's sleep without sync may err."""
    return "%d / %d ppm" % (clock["drift_ppm_awake"], clock["drift_ppm_asleep"])


def way(flash):
    """Return how it is flashed, in a few words."""
    if flash["method"] == "esptool":
        return "esptool at 0x%x" % flash["offset"]
    if flash["method"] == "uf2":
        return "UF2, family 0x%08x, volume `%s`" % (flash["family"], flash["board_id"])
    return {"emulator": "emulator", "none": "not flashed"}[flash["method"]]


def table():
    """Return the overview and each board's notes as Markdown."""
    boards = [load(name) for name in names()]
    lines = [
        "| board | chip | heap free at boot | must stay free | TLS takes | from | drift awake / "
        "asleep | flashed by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for board in boards:
        memory = board["memory"]
        heap = kib(memory["heap_free"]) + ": " if "heap_free" in memory else ""
        cells = (
            "`%s`" % board["name"],
            board["board"]["chip"],
            heap + memory["source"],
            kib(memory["budget"]),
            kib(memory["tls_bytes"]),
            {"gc": "Python heap", "idf": "IDF heap", "host": "the host"}[memory["tls_heap"]],
            drift(board["clock"]),
            way(board["flash"]),
        )
        lines.append("| " + " | ".join(cells) + " |")
    for board in boards:
        lines += _notes(board)
    return "\n".join(lines) + "\n"


def _notes(board):
    clock = board["clock"]
    lines = ["", "### %s: %s" % (board["name"], board["board"]["product"]), ""]
    lines.append("- Tested: %s." % board["board"]["tested"])
    lines.append(
        "- Epoch %d; after power-on the clock says %s; it keeps the time over %s."
        % (clock["epoch"], clock["at_power_on"], ", ".join(clock["keeps_over"]) or "nothing")
    )
    lines.append("- ROMFS: %s." % board["flash"]["romfs"])
    arch = board["board"].get("native_arch")
    lines.append("- `--ship native`: %s." % ("`%s`" % arch if arch else "not for this one"))
    lines += ["- " + trap for trap in board["notes"]["traps"]]
    if board["network"]["start"].strip():
        lines += ["", "```python", board["network"]["start"].strip(), "```"]
    return lines


def main(arguments):
    """Run the command line; return the exit code."""
    wrong = []
    for name in names():
        try:
            load(name)
            wrong += ["%s: %s" % (name, what) for what in folder_problems(name)]
        except BoardError as error:
            wrong.append(str(error))
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    text = PAGE.read_text(encoding="utf-8")
    new = re.sub(
        re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: BEGIN + table() + END, text, flags=re.S
    )
    if BEGIN not in text or END not in text:
        print("docs/boards.md has lost its markers", file=sys.stderr)
        return 1
    if "--write" in arguments:
        PAGE.write_text(new, encoding="utf-8")
    elif new != text:
        print("out of date: run python3 tools/boards.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
