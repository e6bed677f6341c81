"""The floors hold: no import runs up, floor 0 knows neither time nor I/O; and the check bites."""

import ast

import pytest

import layout
import targets

LIBRARY = targets.ROOT / "lib" / "sigv4_mp"

GOOD = {
    "__init__.py": "from .version import v\ndef __getattr__(n):\n    from .net import http",
    "version.py": "v = 1",
    "errors.py": "import sys",
    "canonical.py": "import hashlib\nfrom . import errors\nfrom .errors import E",
    "device/__init__.py": "",
    "device/clock.py": "import time\nfrom ..errors import E\nfrom sigv4_mp import canonical",
    "net/__init__.py": "",
    "net/http.py": "import socket, tls\nfrom ..device import clock\nfrom ..canonical import x",
    "services/s3.py": "from ..net import http\nfrom sigv4_mp.net.http import x",
}


def tree(folder):
    """Write a small library with every floor into `folder`; return where the package is."""
    for name, text in GOOD.items():
        path = folder / "sigv4_mp" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "sigv4_mp"


def test_the_library_keeps_its_floors():
    assert layout.problems(LIBRARY) == []


def test_every_floor_has_modules_that_are_looked_at():
    names = [layout._name(LIBRARY, path) for path in LIBRARY.rglob("*.py")]
    assert {0, 1, 2, 3} <= {layout.floor(name) for name in names}


def test_imports_that_run_down_are_fine(tmp_path):
    assert layout.problems(tree(tmp_path)) == []


@pytest.mark.parametrize(
    ("module", "code", "wanted"),
    [
        ("canonical", "from .device import clock", "floor 0 imports device.clock of floor 1"),
        ("canonical", "from .device.clock import now", "floor 0 imports device.clock of floor 1"),
        ("canonical", "import sigv4_mp.net.http", "floor 0 imports net.http of floor 2"),
        (
            "canonical",
            "def f():\n    from sigv4_mp.net import http",
            "floor 0 imports net.http of floor 2",
        ),
        ("device/clock", "from ..net.http import get", "floor 1 imports net.http of floor 2"),
        ("device/clock", "from .. import net", "floor 1 imports net of floor 2"),
        ("net/http", "from ..services import s3", "floor 2 imports services.s3 of floor 3"),
        ("canonical", "import time", "floor 0 may not import time"),
        ("canonical", "from os import path", "floor 0 may not import os"),
        ("canonical", "def f():\n    import socket", "floor 0 may not import socket"),
        ("canonical", "import machine", "floor 0 may not import machine"),
        ("canonical", "import io", "floor 0 may not import io"),
        ("device/clock", "import socket", "floor 1 may not import socket"),
        ("net/http", "import requests", "requests is neither standard library nor MicroPython"),
        ("canonical", "x = __import__('time')", "hides an import from this check"),
        ("canonical", "import sigv4_mp", "imports the package's facade"),
        ("canonical", "from typing import Any", "imports typing"),
        ("__init__", "from .canonical import x", "may load only ['version'], not canonical"),
        ("errors", "from .canonical import x", "circle: "),
        ("canonical", "assert True", "assert is gone"),
        ("canonical", "try:\n    pass\nexcept:\n    pass", "bare except"),
        ("canonical", "@micropython.native\ndef f(): pass", "native code"),
        ("canonical", "from micropython import viper\n@viper\ndef f(): pass", "native code"),
        ("canonical", "f'{\"a\"}'", "f-string with a string inside"),
    ],
)
def test_a_breach_is_found(tmp_path, module, code, wanted):
    library = tree(tmp_path)
    (library / (module + ".py")).write_text(code)
    assert any(wanted in line for line in layout.problems(library)), layout.problems(library)


def test_what_runs_on_boards_imports_only_what_boards_have():
    """firmware/ and tools/sign.py run unchanged on MicroPython: no third-party package there."""
    scripts = [*(targets.ROOT / "firmware").rglob("*.py"), targets.ROOT / "tools" / "sign.py"]
    assert len(scripts) > 1
    for script in scripts:
        found = {
            name.split(".")[0] for _, name in layout._plain_imports(ast.parse(script.read_text()))
        }
        folders = (script.parent, targets.ROOT / "firmware" / "common")
        beside = {path.stem for folder in folders for path in folder.glob("*.py")}
        strange = (
            found - layout.sys.stdlib_module_names - layout.MICROPYTHON - beside - {"sigv4_mp"}
        )
        assert not strange, "%s imports %s" % (script, strange)
