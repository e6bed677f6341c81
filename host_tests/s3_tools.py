"""What the end-to-end tests of the S3 services share: asking on_target/svc_client.py."""

import hashlib
import json

from e2e_tools import ON_TARGET, compiled, compiled_library, settings_of

# rclone takes all but signed trailers, whose framing it stores as if it were the object.
PROFILES = {
    "swift": "swift",
    "ministack": {
        "modes": "hash unsigned chunked chunked-trailer unsigned-trailer",
        "checksums": "crc32 crc32c crc64nvme sha1 sha256",
    },
    "rclone": {"modes": "hash unsigned chunked unsigned-trailer", "checksums": "crc32 sha256"},
}


def settings(server, bucket, scheme="https", **changes):
    """Return the first line for svc_client.py."""
    line = settings_of(server, scheme, bucket=bucket, profile=PROFILES[server.name])
    return dict(line, **changes)


# unix32's 128 KB hold one upload in any mode over TLS (test_the_peak_does_not_grow). Parts, answers
# in XML or asyncio beside that, with a test program that speaks JSON, want a little more.
ROOM = {"unix32": "144k"}


def _run(target, lines, timeout, heap=None):
    files = {"main.py": "import svc_client\n"}
    for source in (ON_TARGET / "_answers.py", *ON_TARGET.glob("svc_*.py")):
        name = source.stem
        if target.name == "cpython":
            files[source.name] = source.read_bytes()
        else:
            files[name + ".mpy"] = compiled(source, source.name)
    if target.name != "cpython":
        files.update(compiled_library())
    text = "".join(json.dumps(line) + "\n" for line in lines)
    heap = heap or ROOM.get(target.name)
    return target.run("main.py", files=files, stdin=text.encode(), heap=heap, timeout=timeout)


def svc(target, first, *commands, timeout=300, heap=None):
    """Run commands on a target; return their answers.

    In one program, but for unix32: there each gets the heap for itself.
    """
    groups = [[one] for one in commands] if target.name == "unix32" else [commands]
    answers = []
    for group in groups:
        done = _run(target, [first, *group], timeout, heap)
        assert done.code == 0, done.stderr.decode()
        answers.extend(json.loads(line) for line in done.text.splitlines())
    return answers


def svc_life(target, first, command):
    """Run one command in a program that may be killed; return its answer, or None."""
    done = _run(target, [first, command], 300)
    lines = done.text.splitlines()
    if done.code == 0:
        return json.loads(lines[-1])
    assert lines[-1:] == ["dead"], done.text + done.stderr.decode()
    return None


def streamed(length):
    """Return what on_target/svc_client.Stream gives."""
    block = bytes(range(251))
    return (block * (length // 251 + 1))[:length]


def bucket_of(boto, target, request):
    """Make a bucket of the test's own; return its name."""
    name = "%s-%s" % (target.name, hashlib.sha1(request.node.nodeid.encode()).hexdigest()[:16])
    boto.create_bucket(Bucket=name)
    return name
