"""Files as bodies: closed, durable before they get their name, gone when something breaks."""

import builtins
import io
import os

import pytest

from sigv4_mp.errors import ProtocolError, RequestError
from sigv4_mp.net.body import FileSink, open_reader, open_sink


def test_a_file_is_durable_before_it_gets_its_name(tmp_path, monkeypatch):
    """After a power cut there is the old file or the whole new one, never half of one."""
    path = tmp_path / "f"
    part = tmp_path / "f.part"
    path.write_bytes(b"old")
    done = []
    fsync, replace = os.fsync, os.replace

    def spied_fsync(number):
        assert part.read_bytes() == b"whole"
        done.append("fsync")
        fsync(number)

    def spied_replace(source, target):
        assert path.read_bytes() == b"old"
        done.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", spied_fsync)
    monkeypatch.setattr(os, "replace", spied_replace)
    sink = FileSink(str(path))
    sink.take(bytearray(b"-whole-"), 1, 6)
    sink.commit()
    assert done == ["fsync", "replace"]
    assert path.read_bytes() == b"whole"


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "f"
    sink = FileSink(str(path))

    def full(_):
        raise OSError(28, "No space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        sink.commit()
    sink.abort()
    assert list(tmp_path.iterdir()) == []


def test_files_are_closed(tmp_path, monkeypatch):
    opened = []
    real = builtins.open

    def spied(*args, **options):
        opened.append(real(*args, **options))
        return opened[-1]

    monkeypatch.setattr(builtins, "open", spied)
    FileSink(str(tmp_path / "a")).commit()
    FileSink(str(tmp_path / "b")).abort()
    reader, ours = open_reader(str(tmp_path / "a"))
    assert ours
    reader.close()
    assert [file.closed for file in opened] == [True] * 3


def test_a_reader_of_the_caller_stays_open():
    reader = io.BytesIO(b"abc")
    assert open_reader(reader) == (reader, False)


def test_bytes_that_change_later_are_not_sent():
    body = bytearray(b"abc")
    reader, _ = open_reader(body)
    body[0] = 0
    assert reader.read() == b"abc"


def test_a_collector_keeps_its_limit():
    sink = open_sink(None, 5)
    sink.take(bytearray(b"abcd"), 1, 4)
    with pytest.raises(ProtocolError, match="limit"):
        sink.take(bytearray(b"efg"), 0, 3)
    sink.take(bytearray(b"ef"), 0, 2)
    assert sink.commit() == b"bcdef"


@pytest.mark.parametrize("into", [5, b"path", ["x"]])
def test_nowhere_to_go(into):
    with pytest.raises(RequestError, match="into"):
        open_sink(into, 5)
