"""One-pass uploads in every mode against Swift, which checks chunks, trailers and checksums."""

import functools
import os

import pytest

from e2e_tools import CHANCE, boto_client, code_of, least_peaks, send
from s3_tools import bucket_of, settings, streamed, svc

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")

MODES = ("unsigned", "chunked", "chunked-trailer", "unsigned-trailer")
CHECKSUMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")


@pytest.fixture(scope="session")
def boto(swift):
    return boto_client(swift, "s3")


@pytest.fixture
def bucket(boto, target, request):
    return bucket_of(boto, target, request)


def stored(boto, bucket, key):
    return boto.get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.mark.parametrize(
    ("scheme", "shell"), [("http", "http"), ("https", "http"), ("https", "aio")]
)
def test_every_mode(target, swift, bucket, boto, scheme, shell):
    """Lengths around the chunk's: none, one byte, one chunk less or more a byte, many."""
    modes = MODES if scheme == "https" else MODES[1:3]
    commands = []
    for mode in modes:
        for length in (0, 1, 8191, 8192, 8193, 40000):
            options = {"mode": mode, "content_length": length}
            key = "%s-%d" % (mode, length)
            commands.append({"do": "put", "key": key, "stream": 1000, "options": options})
    # A chunk's buffer, TLS and asyncio together take 124 KB live on unix32.
    heap = "160k" if target.name == "unix32" and shell == "aio" else None
    answers = svc(target, settings(swift, bucket, scheme, shell=shell), *commands, heap=heap)
    assert [answer for answer in answers if "error" in answer] == []
    for command in commands:
        wanted = streamed(command["options"]["content_length"])
        assert stored(boto, bucket, command["key"]) == wanted, command
    assert boto.head_object(Bucket=bucket, Key="chunked-1").get("ContentEncoding") in (None, "")


@pytest.mark.parametrize("checksum", CHECKSUMS)
def test_trailing_checksums(target, swift, bucket, boto, checksum):
    commands = []
    for mode in MODES[2:]:
        options = {"mode": mode, "content_length": 20000, "checksum": checksum}
        commands.append({"do": "put", "key": mode, "stream": 700, "options": options})
    answers = svc(target, settings(swift, bucket), *commands)
    assert [answer for answer in answers if "error" in answer] == []
    for mode in MODES[2:]:
        assert stored(boto, bucket, mode) == streamed(20000)


def test_a_larger_buffer_of_the_callers(target, swift, bucket, boto):
    options = {"mode": "chunked-trailer", "content_length": 50001}
    put = {"do": "put", "key": "k", "stream": 700, "options": options, "buffer": 9001 + 98}
    (answer,) = svc(target, settings(swift, bucket), put)
    assert "error" not in answer
    assert stored(boto, bucket, "k") == streamed(50001)


def test_a_file_and_options(target, swift, bucket, boto, tmp_path):
    body = os.urandom(30000)
    (tmp_path / "f").write_bytes(body)
    options = {"mode": "chunked", "metadata": {"a": "b"}, "content_type": "text/plain"}
    put = {"do": "put", "key": "k", "file": str(tmp_path / "f"), "options": options}
    hashed = dict(put, key="h", options={"checksum": "sha256"})
    answers = svc(target, settings(swift, bucket), put, hashed)
    assert [answer for answer in answers if "error" in answer] == []
    got = boto.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (
        body,
        {"a": "b"},
        "text/plain",
    )
    assert stored(boto, bucket, "h") == body


def test_refusals_before_anything_is_sent(target, swift, bucket):
    put = {"do": "put", "key": "k", "stream": 700}
    cases = (
        ({"mode": "unsigned", "content_length": 9}, "http", "mode"),
        ({"mode": "unsigned-trailer", "content_length": 9}, "http", "mode"),
        ({"mode": "chunky", "content_length": 9}, "https", "mode"),
        ({"mode": "chunked", "content_length": 9, "checksum": "crc32"}, "https", "checksum"),
        ({"mode": "chunked-trailer", "content_length": 9, "checksum": "md4"}, "https", "checksum"),
        ({"mode": "chunked"}, "https", "body"),
        ({}, "https", "body"),
    )
    for scheme in ("http", "https"):
        chosen = [case for case in cases if case[1] == scheme]
        commands = [dict(put, options=case[0]) for case in chosen]
        answers = svc(target, settings(swift, bucket, scheme), *commands)
        found = [(answer.get("error"), answer.get("field")) for answer in answers]
        assert found == [("RequestError", case[2]) for case in chosen]


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def digit(data, at):
    """Change one hex digit or letter to another one of its kind."""
    return data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :]


def tampered(mode, body):
    """Yield (name, altered body, codes that Swift may answer) for each thing that is protected."""
    second = body.index(b"\r\n", 8192) + 2
    third = body.rindex(b"\r\n0") + 2
    if mode != "unsigned-trailer":
        for name, start in (("first", 0), ("second", second), ("last", third)):
            at = body.index(b"chunk-signature=", start) + 20
            yield name + " signature", digit(body, at), "SignatureDoesNotMatch"
        yield "data of the first", flip(body, 200), "SignatureDoesNotMatch"
        yield "data of the second", flip(body, second + 200), "SignatureDoesNotMatch"
        length = body.index(b"\r\n") + 2 + 8192 + 2
        swapped = body[length : 2 * length] + body[:length] + body[2 * length :]
        yield "chunks swapped", swapped, "SignatureDoesNotMatch"
    if mode != "chunked":
        at = body.index(b"x-amz-checksum-crc32:") + 22
        code = "BadDigest" if mode == "unsigned-trailer" else "SignatureDoesNotMatch"
        yield "checksum", digit(body, at), code
    if mode == "chunked-trailer":
        at = body.index(b"x-amz-trailer-signature:") + 30
        yield "trailer signature", digit(body, at), "SignatureDoesNotMatch"
    if mode == "unsigned-trailer":
        yield "data", flip(body, 200), "BadDigest"


@pytest.mark.parametrize("mode", MODES[1:])
def test_what_was_altered_on_the_way_is_refused(target, swift, bucket, boto, mode):
    first = settings(swift, bucket, "http")
    command = {"do": "frame", "key": "k", "mode": mode, "length": 2 * 8192 + 99}
    (framed,) = svc(target, first, command, heap="1m")
    head, body = bytes.fromhex(framed["head"]), bytes.fromhex(framed["body"])
    names = []
    for name, altered, code in tampered(mode, body):
        assert len(altered) == len(body) and altered != body, name
        status, text = send(swift.http_url, head + altered)
        assert (name, status >= 400, code_of(text)) == (name, True, code)
        names.append(name)
    assert len(names) >= 2
    assert boto.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert send(swift.http_url, head + body)[0] == 200  # and the honest one is taken
    assert stored(boto, bucket, "k") == streamed(2 * 8192 + 99)


SIZES = (10 << 10, 1 << 20)


def peak_of(target, swift, bucket, tmp_path, mode, size, key):
    """Return the peak of the live heap of one upload over TLS, in a program of its own."""
    put = {"do": "put", "key": key}
    if mode is None:
        with open(tmp_path / "body", "wb") as file:
            for _ in range(size >> 10):
                file.write(bytes(1024))
        put["file"] = str(tmp_path / "body")
    else:
        put.update(stream=1000, options={"mode": mode, "content_length": size})
    (answer,) = svc(target, settings(swift, bucket), put, timeout=1800, heap="128k")
    assert "error" not in answer, answer
    return answer["peak"]


@pytest.mark.targets("unix32")
@pytest.mark.parametrize("mode", [None, *MODES])
def test_the_peak_does_not_grow_with_the_body(
    target, swift, bucket, tmp_path, mode, record_property
):
    measure = functools.partial(peak_of, target, swift, bucket, tmp_path, mode)
    peaks = least_peaks(measure, SIZES)
    words = "%s: %d B for 10 KiB, %d B for 1 MiB" % (mode or "hash", *peaks)
    record_property("peak_live_heap", words)
    assert 0 < max(peaks) < 128 << 10
    assert max(peaks) - min(peaks) <= CHANCE


@pytest.mark.soak
@pytest.mark.targets("unix32")
@pytest.mark.parametrize("mode", [None, *MODES])
def test_the_peak_of_64_megabytes(target, swift, bucket, tmp_path, mode, record_property):
    measure = functools.partial(peak_of, target, swift, bucket, tmp_path, mode)
    peaks = least_peaks(measure, (SIZES[0], 64 << 20), rounds=2)
    words = "%s: %d B for 10 KiB, %d B for 64 MiB" % (mode or "hash", *peaks)
    record_property("peak_live_heap", words)
    assert max(peaks) - min(peaks) <= CHANCE


@pytest.mark.targets("unix32")
@pytest.mark.parametrize("mode", MODES[1:])
def test_garbage_of_a_chunk(target, swift, bucket, mode, record_property):
    """The collector is off for a while: what each chunk of 8 KiB leaves behind. Goal: 1.5 KB."""
    options = {"mode": mode, "content_length": 100000}
    command = {"do": "garbage", "key": "k", "stream": 1000, "options": options}
    (answer,) = svc(target, settings(swift, bucket, send_size=2048), command, heap="1m")
    assert "error" not in answer, answer
    chunk = answer["bytes"] * 8192 // answer["sent"]
    record_property("peak_live_heap", "%s: %d B of garbage a chunk of 8 KiB" % (mode, chunk))
    assert 0 < chunk <= 1536
