"""The .pyi stubs: complete, strict, true to the code, and of use to a caller; boards get none."""

import pathlib
import subprocess
import sys

import check_stubs

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PACKAGE = ROOT / "lib" / "sigv4_mp"


def run(*words):
    """Run a tool of this environment in the root; return what it printed, or fail with it."""
    found = subprocess.run(
        [sys.executable, *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_each_module_has_a_stub():
    modules = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")}
    stubs = {path.relative_to(PACKAGE).with_suffix(".py") for path in PACKAGE.rglob("*.pyi")}
    assert len(modules) > 20
    assert stubs == modules
    assert (PACKAGE / "py.typed").exists()


def test_all_lazy_names_are_in_the_stub():
    import sigv4_mp

    text = (PACKAGE / "__init__.pyi").read_text(encoding="utf-8")
    missing = [name for name in sigv4_mp._HOME if "import %s as %s\n" % (name, name) not in text]
    assert not missing


def test_a_callers_program():
    # Strict, from pyproject.toml; unused ignores are errors, so each mistake must be found.
    cache = ROOT / ".cache" / "mypy"
    run("-m", "mypy", "--cache-dir", cache, HERE / "typing_sample.py", PACKAGE)


def test_the_stubs_are_true():
    assert "Success" in run(HERE / "check_stubs.py")


def test_a_false_stub_is_found(tmp_path):
    # The checker is started in a copy of the library whose stub says what the code doesn't do.
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".py", ".pyi", ".typed"):
            copy = tmp_path / "lib" / path.relative_to(PACKAGE.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    stub = tmp_path / "lib" / "sigv4_mp" / "amzdate.pyi"
    stub.write_text(stub.read_text().replace("month: int)", "month: int, day: int)", 1))
    script = tmp_path / "host_tests" / "check_stubs.py"
    script.parent.mkdir()
    script.write_bytes(pathlib.Path(check_stubs.__file__).read_bytes())
    found = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "amzdate.days_in_month" in found.stdout
