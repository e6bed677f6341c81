"""The interface itself: what a script says, gets and fails with arrives alike on every target."""

import os
import subprocess
import sys

import pytest

import targets

BODY = "from _check import *\n"


@pytest.mark.board
def test_a_good_body_passes(target):
    result = target.run(
        "body.py", files={"body.py": BODY + "equal('sum', 1 + 1, 2)\ntrue('yes', True)\ndone()"}
    )
    assert result.check().passed == 2
    assert result.text.splitlines() == ["ok sum", "ok yes", "2 passed, 0 failed"]


@pytest.mark.parametrize(
    "code",
    [
        "true('fine', True)\nequal('sum', 1 + 1, 3)\ndone()",
        "raises('quiet', ValueError, int, '1')\ndone()",
        "raises('other', ValueError, int, None)\ndone()",
        "true('fine', True)\nraise OSError(5)",
        "true('fine', True)",  # ends without a count
        "done()",  # proves nothing
        "import no_such_module",
        "print('1 passed, 0 failed')\nimport sys\nsys.exit(3)",
        "this is not Python",
    ],
)
def test_a_bad_body_fails(target, code):
    result = target.run("body.py", files={"body.py": BODY + code})
    with pytest.raises(AssertionError):
        result.check()


@pytest.mark.board
def test_a_failure_is_told(target):
    result = target.run(
        "body.py", files={"body.py": BODY + "equal('sum', 1 + 1, 3)\nraise ValueError('boom')"}
    )
    assert (result.code, result.passed) == (1, None)
    with pytest.raises(AssertionError, match="FAIL sum: got 2, wanted 3") as caught:
        result.check()
    assert "ValueError: boom" in str(caught.value)
    assert b"ValueError: boom" in result.stderr and b"boom" not in result.stdout


def test_output_is_binary_safe_and_whole(target):
    code = """
import sys
for start in range(0, 256, 16):
    sys.stdout.buffer.write(bytes(range(start, start + 16)))
for _ in range(3000):
    sys.stdout.buffer.write(b"x" * 100)
sys.stdout.buffer.write("\u00fc\U0001f511".encode())
sys.stderr.write("to stderr: \u00fc")
"""
    result = target.run("body.py", files={"body.py": code})
    assert result.stdout == bytes(range(256)) + b"x" * 300000 + "\u00fc\U0001f511".encode()
    assert (result.stderr.decode(), result.code) == ("to stderr: \u00fc", 0)


def test_arguments_files_and_stdin_arrive(target):
    code = """
import sys
with open(sys.argv[2], "rb") as source:
    sys.stdout.buffer.write(source.read() + b"|")
sys.stdout.buffer.write(repr(len(sys.argv)).encode() + b"|" + sys.argv[1].encode() + b"|")
sys.stdout.buffer.write(sys.stdin.readline().encode() + sys.stdin.buffer.read())
"""
    files = {"body.py": code, "sub/data.bin": bytes(range(256))}
    result = target.run(
        "body.py", ["\u00fc b'c", "sub/data.bin"], files, stdin=b"first\n\xff\x00\r\nlast"
    )
    assert result.code == 0, result.stderr
    wanted = bytes(range(256)) + b"|3|" + "\u00fc b'c".encode() + b"|"
    if target.name == "cpython":  # its text layer reads ahead, what is left for .buffer is nothing
        assert result.stdout.startswith(wanted + b"first\n")
    else:
        assert result.stdout == wanted + b"first\n\xff\x00\r\nlast"


def test_files_can_be_written_and_read_back(target, tmp_path):
    code = """
import os
with open("made.bin", "wb") as made:
    made.write(b"0123456789")
with open("made.bin", "r+b") as made:
    made.seek(3)
    made.write(b"xyz")
    made.seek(-1, 2)
    assert made.read() == b"9"
os.rename("made.bin", "done.bin")
print(sorted(os.listdir(".")), os.stat("done.bin")[6])
"""
    result = target.run("body.py", files={"body.py": code}, cwd=tmp_path)
    assert result.text.strip() == "['body.py', 'done.bin'] 10", result.stderr
    assert (tmp_path / "done.bin").read_bytes() == b"012xyz6789"


def test_an_empty_stdin_ends(target):
    result = target.run("body.py", files={"body.py": "import sys\nprint(repr(sys.stdin.read()))"})
    assert (result.stdout.strip(), result.code) == (b"''", 0)


@pytest.mark.parametrize(
    ("ending", "code"), [("", 0), ("(0)", 0), ("(3)", 3), ("(None)", 0), ("('words')", 1)]
)
def test_exit_codes(target, ending, code):
    result = target.run("body.py", files={"body.py": "import sys\nsys.exit" + (ending or "()")})
    assert result.code == code


@pytest.mark.board
def test_the_library_is_on_the_module_path(target):
    result = target.run(
        "body.py", files={"body.py": "import sigv4_mp, _check\nprint(sigv4_mp.__version__)"}
    )
    assert result.code == 0, result.stderr
    version = (targets.ROOT / "lib/sigv4_mp/version.py").read_text()
    assert '"%s"' % result.text.strip() in version


def test_an_endless_script_is_ended(target):
    with pytest.raises(targets.Timeout):
        target.run("body.py", files={"body.py": "while True: pass"}, timeout=1)


@pytest.mark.targets("unix", "unix32")
def test_the_heap_is_bounded(target):
    code = "import gc\nprint(gc.mem_free() + gc.mem_alloc())\nbytearray(%d)\nprint('allocated')"
    enough = target.run("body.py", files={"body.py": code % 20000}, heap="128k")
    assert enough.text.endswith("allocated\n")
    assert 100 << 10 < int(enough.text.split()[0]) <= 128 << 10
    result = target.run("body.py", files={"body.py": code % (200 << 10)}, heap="128k")
    assert (
        result.code == 1 and b"MemoryError" in result.stderr and b"allocated" not in result.stdout
    )


@pytest.mark.targets("unix32")
def test_unix32_is_a_small_machine_by_default(target):
    code = "import gc, sys\nprint(sys.maxsize, gc.mem_free() + gc.mem_alloc())"
    maxsize, heap = map(int, target.run("body.py", files={"body.py": code}).text.split())
    assert maxsize == 0x7FFFFFFF
    assert 100 << 10 < heap <= 128 << 10


@pytest.mark.targets("unix", "unix32", "wasm", "wasm-preview")
def test_the_printed_command_works_in_a_shell(target, tmp_path):
    """`tools/runtimes.py path NAME`, pasted, with -X heapsize= and a script after it."""
    (tmp_path / "a b.py").write_text("import sys\nprint('started', sys.argv[1:])")
    script = targets.ROOT / "tools" / "runtimes.py"
    printed = subprocess.run(
        [sys.executable, script, "path", target.name], capture_output=True, text=True, check=True
    )
    line = "%s -X heapsize=256k 'a b.py' x 'y z'" % printed.stdout.strip()
    done = subprocess.run(
        line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "started ['x', 'y z']\n"


def test_a_target_that_must_run_is_not_skipped(pytester_run):
    outcome = pytester_run({"SIGV4_MP_REQUIRE_TARGETS": "rp2040"})
    assert "target rp2040 must run here and cannot: " in outcome and "1 error" in outcome


def test_a_target_that_cannot_run_is_skipped_with_its_reason(pytester_run):
    outcome = pytester_run({"SIGV4_MP_REQUIRE_TARGETS": ""})
    assert "SKIPPED" in outcome and "target rp2040: apt-get failed" in outcome
    assert "1 skipped" in outcome and "not run here" in outcome


@pytest.fixture
def pytester_run(tmp_path):
    """Run one test of this file on a target that cannot be built; returns pytest's words."""
    impossible = {
        "SIGV4_MP_CACHE": str(tmp_path / "empty"),
        "SIGV4_MP_DEBIAN_MIRROR": "file:/nowhere",
    }

    def run(environment):
        # pytest's own variables must not leak into the inner run (-n 2 would slow it down)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "CI"))
        }
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-rs",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "--target",
            "rp2040",
        ]
        test = "%s::test_a_good_body_passes" % __file__
        done = subprocess.run(
            [*words, test],
            env=dict(inherited, **impossible, **environment),
            cwd=targets.ROOT,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    return run
