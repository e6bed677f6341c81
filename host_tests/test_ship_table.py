"""tools/ship_table.py: what the four ways to ship cost on the emulated board."""

import json

import pytest

from tools import ship_table

ROW = {"flash": 1, "boot_free": 100, "free": 70, "import_ms": 5, "boot_ms": 9}


def test_the_table():
    lines = ship_table.table({"mpy": ROW}).splitlines()
    assert lines[-1] == "| mpy | 1 | 30 | 70 | 5 | 9 |"
    assert len(lines[0].split("|")) == len(lines[1].split("|")) == len(lines[2].split("|"))


def measured(capsys, *ways):
    """Run the tool; return {way: numbers}."""
    assert ship_table.main(["--json", "--ways", *ways]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.targets("rp2040")
def test_frozen_and_romfs_leave_more_ram_than_files(target, capsys):
    """Their bytecode stays in flash; that of files is copied into the heap."""
    rows = measured(capsys, "mpy", "romfs", "frozen")
    used = {way: row["boot_free"] - row["free"] for way, row in rows.items()}
    assert used["frozen"] < used["mpy"] / 2
    assert used["romfs"] < used["mpy"] * 0.6  # its names are still copied
    assert all(row["flash"] > 10000 and row["import_ms"] > 0 for row in rows.values())


@pytest.mark.soak
@pytest.mark.targets("rp2040")
def test_source_costs_most(target, capsys):
    rows = measured(capsys, "py", "mpy")
    assert rows["py"]["import_ms"] > 3 * rows["mpy"]["import_ms"]
    assert rows["py"]["flash"] > rows["mpy"]["flash"]
