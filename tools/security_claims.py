#!/usr/bin/env python3
"""The security case in docs/security.md: does each claim have a test, and does that test run?

    .venv/bin/python tools/security_claims.py             say what is wrong; exit status 1 then
    .venv/bin/python tools/security_claims.py --list      the claims, their tests, where these run
    .venv/bin/python tools/security_claims.py --run       run every test that is named
    .venv/bin/python tools/security_claims.py --write     renew the table of the boards

A claim is a row of a table that starts with its id: | T1 | text | `test_x.py::test_y[part]` |.
pytest itself says what there is: a test counts if it is collected for one target at least, is
neither skipped nor in the soak alone, and has a way to fail. Ids that other tables of the page name
must exist.
"""

import argparse
import ast
import inspect
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(ROOT))

from tools import boards

PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- boards: tools/security_claims.py --write -->\n", "<!-- end of boards -->\n"
TARGETS = "cpython,unix,unix32,wasm,rp2040"
ROW = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]*) \|$", re.M)
NAME = re.compile(r"`(\w+\.py::test_\w+(?:\[[\w.-]+\])?)`")
LETTERS = "BEFKMNPTV"  # S is not among them: S3 is a service
NAMED = re.compile(r"(?<![\w.:-])([%s])(\d{1,2})(?:-(\d{1,2}))?(?![\w-])" % LETTERS)
GIVING_UP = {"pytest.skip", "pytest.importorskip"}
_OUT = "SIGV4_MP_COLLECTED"


def claims(text):
    """Return the claims of a page: [(id, text, [names of tests])]."""
    return [(mark, said, NAME.findall(tests)) for mark, said, tests in ROW.findall(text)]


def references(text):
    """Return the ids (set of str) that the page's other lines name; K1-3 are three."""
    found = set()
    for line in text.splitlines():
        cells = line.split("|")
        if ROW.match(line) or not line.startswith("|") or len(cells) < 4:
            continue
        for letter, first, last in NAMED.findall("|".join(cells[2:])):
            found |= {letter + str(n) for n in range(int(first), int(last or first) + 1)}
    return found


def problems(text, found):
    """Return what is wrong with the claims of a page (list of str).

    found: {name of a test: [item, ...]}, what `collect` returns.
    """
    wrong = []
    marks = [mark for mark, _, _ in claims(text)]
    wrong += ["%s: two claims have this id" % mark for mark in marks if marks.count(mark) > 1]
    for mark, _, names in claims(text):
        if not names:
            wrong.append("%s: a claim without a test" % mark)
        wrong += ["%s: %s: %s" % (mark, name, why) for name in names for why in _why(name, found)]
    wrong += [
        "%s is named, but there is no such claim" % mark for mark in references(text) - set(marks)
    ]
    return sorted(set(wrong))


def _why(name, found):
    """Yield why a test proves nothing."""
    items = items_of(name, found)
    if not items:
        yield "no such test is collected (or only in the soak)"
    elif all(item["skipped"] for item in items):
        yield "is skipped: " + items[0]["skipped"]
    elif any(item["gives_up"] for item in items):
        yield "calls pytest.skip: name a test that always runs"
    elif not items[0]["can_fail"]:
        yield "has nothing that can fail"


def items_of(name, found):
    """Return the collected items (list of dict) of `file::test`, or of its one part."""
    base, _, part = name.partition("[")
    return [item for item in found.get(base, ()) if not part or part[:-1] in item["parts"]]


def collect(names):
    """Ask pytest what it would run for these names; return {file::test: [item, ...]}.

    item: {"parts": [str], "target": str or None, "skipped": reason or "", "gives_up", "can_fail"}.
    """
    files = sorted({"host_tests/" + name.split("::")[0] for name in names})
    here = [file for file in files if (ROOT / file).exists()]
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "collected.json"
        paths = [os.fspath(ROOT), os.environ.get("PYTHONPATH", "")]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, paths)))
        environment[_OUT] = os.fspath(out)
        words = [sys.executable, "-m", "pytest", "-q", "--collect-only", "--target=" + TARGETS]
        words += ["-p", "tools.security_claims", "-p", "no:cacheprovider", *here]
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode or not out.exists():
            raise SystemExit("pytest can't collect:\n" + (done.stdout + done.stderr)[-3000:])
        return json.loads(out.read_text(encoding="utf-8"))


def pytest_collection_finish(session):
    """Hook, in the process that collects: write down what there is."""
    if _OUT not in os.environ:
        return
    found = {}
    for item in session.items:
        name = item.path.name + "::" + item.originalname
        found.setdefault(name, []).append(_described(item))
    pathlib.Path(os.environ[_OUT]).write_text(json.dumps(found), encoding="utf-8")


def _described(item):
    call = getattr(item, "callspec", None)
    function = getattr(getattr(item.obj, "hypothesis", None), "inner_test", item.obj)
    nodes = _nodes(function)
    calls = _calls(nodes)
    for name, given in item._fixtureinfo.name2fixturedefs.items():
        if name != "target" and "/host_tests/" in inspect.getfile(given[-1].func):
            calls |= _calls(_nodes(given[-1].func)) & GIVING_UP  # a target must run: conftest.py
    return {
        "parts": [str(value) for value in call.params.values()] + [call.id] if call else [],
        "target": call.params.get("target") if call else None,
        "skipped": _skipped(item),
        "gives_up": bool(calls & GIVING_UP),
        "can_fail": any(isinstance(node, ast.Assert) for node in nodes) or bool(calls - {"print"}),
    }


def _nodes(function):
    return list(ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))))


def _calls(nodes):
    return {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}


def _skipped(item):
    for mark in item.iter_markers():
        if mark.name == "skip" or (mark.name == "skipif" and any(map(bool, mark.args))):
            return mark.kwargs.get("reason") or "no reason"
    return ""


def board_table():
    """Return what boards/*/board.toml say of each board's secrets, as Markdown."""
    lines = [
        "| board | secrets lie in | whoever holds it reads them by | what stock MicroPython leaves "
        "unused | debug port | random numbers |",
        "|---|---|---|---|---|---|",
    ]
    for name in boards.names():
        fields = boards.load(name)["security"]
        cells = ["`%s`" % name]
        cells += [fields[field] for field in ("store", "read_by", "unused", "debug", "random")]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def with_table(text):
    """Return the page with its table of boards as it should be."""
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return text[:start] + board_table() + text[end:]


def listing(text, found):
    """Yield a line for each claim, and one for each of its tests with where it runs."""
    for mark, said, names in claims(text):
        yield "%-4s %s" % (mark, said)
        for name in names:
            items = [item for item in items_of(name, found) if not item["skipped"]]
            where = {item["target"] or "host" for item in items}
            yield "       %s  (%s)" % (name, ", ".join(sorted(where)))


def main(arguments=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for option in ("--list", "--run", "--write"):
        parser.add_argument(option, action="store_true")
    given = parser.parse_args(arguments)
    text = PAGE.read_text(encoding="utf-8")
    if given.write:
        PAGE.write_text(with_table(text), encoding="utf-8")
        return 0
    names = sorted({name for _, _, tests in claims(text) for name in tests})
    found = collect(names)
    if given.list:
        print("\n".join(listing(text, found)))
    wrong = problems(text, found)
    if with_table(text) != text:
        wrong.append("the table of the boards is out of date: --write")
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    print("%d claims, %d tests: all there" % (len(claims(text)), len(names)))
    if given.run:
        return _run(names, found)
    return 0


def _run(names, found):
    """Run the tests, all targets; a part by its whole test."""
    bases = sorted({"host_tests/" + name.partition("[")[0] for name in names})
    words = [sys.executable, "-m", "pytest", "-q", "--target=" + TARGETS, *bases]
    return subprocess.run(words, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
