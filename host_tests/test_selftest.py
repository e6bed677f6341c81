"""sigv4_mp.selftest on every target: it passes, it can fail, and what it asks fits small boards."""

import json
import re
from pathlib import Path

import pytest

from e2e_tools import compiled_library
from tools import boards

ROOT = Path(__file__).resolve().parents[1]
RUN = "from sigv4_mp import selftest\nprint(selftest.run(%d, %r))\n"


def run(target, budget, ca_file, files=None):
    files = dict(files or {}, **{"run.py": RUN % (budget, ca_file)})
    if target.name not in ("cpython", "wasm"):
        files.update(compiled_library())
    return target.run("run.py", files=files)


@pytest.mark.board
def test_it_passes_and_each_check_can_fail(target):
    target.run("selftest_cases.py").check()


@pytest.mark.board
def test_it_fits_a_small_board(target):
    """As .mpy in 128 KB it leaves more than the smallest board's budget, modules included."""
    budget = min(boards.load(name)["memory"]["budget"] for name in boards.names())
    result = run(target, budget, None)
    assert result.text.splitlines()[-1] == "True", result.text + result.stderr.decode()


@pytest.mark.targets("cpython", "unix", "unix32")
def test_it_loads_the_root_that_is_there(target, swift):
    root = Path(swift.ca_file).read_bytes()
    result = run(target, 0, "root.pem", {"root.pem": root})
    (line,) = [line for line in result.text.splitlines() if line[5:].startswith("TLS root")]
    assert line.startswith("ok ") and line.endswith("root.pem, %d bytes" % len(root))


@pytest.mark.targets("cpython", "unix", "unix32")
def test_a_file_that_is_no_root_fails(target):
    result = run(target, 0, "root.pem", {"root.pem": b"no certificate"})
    assert "FAIL TLS root" in result.text
    assert result.text.splitlines()[-1] == "False"


def test_its_answers_are_the_published_ones():
    """No answer in it that our vector files do not have, with their sources."""
    source = (ROOT / "lib" / "sigv4_mp" / "selftest.py").read_text(encoding="utf-8")
    vectors = ROOT / "host_tests" / "vectors"
    published = json.dumps([json.loads(one.read_text()) for one in vectors.glob("*.json")])
    published += (ROOT / "host_tests" / "on_target" / "core_chunked.py").read_text()
    answers = re.findall(r'"([0-9a-f]{64})"', source)
    assert len(answers) == 10
    assert [one for one in answers if one not in published] == []
