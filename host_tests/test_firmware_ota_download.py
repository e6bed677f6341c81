"""firmware/ota_download/main.py: the whole image or none, resumed where it broke off."""

import hashlib
import os
from pathlib import Path

import pytest

from e2e_tools import boto_client
from firmware_tools import Example, assert_fails, assert_good, said

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")
IMAGE = os.urandom(200000)
SHA256 = hashlib.sha256(IMAGE).hexdigest()


@pytest.fixture(scope="session")
def client(swift):
    """A boto3 client with bucket and image made."""
    client = boto_client(swift, "s3")
    client.create_bucket(Bucket="ota-download")
    client.put_object(Bucket="ota-download", Key="images/app.mpy", Body=IMAGE)
    return client


@pytest.fixture
def example(swift, ntp, client):
    """The program with a configuration that works."""
    example = Example("ota_download", swift, ntp)
    more = {"key": "images/app.mpy", "file": "app.mpy", "sha256": SHA256}
    example.config.update(more, ca_file=str(swift.ca_file))
    return example


@pytest.mark.board
def test_it_fetches_an_image_larger_than_its_ram(target, example, tmp_path):
    # A board has flash of its own; the others' is the folder they run in.
    file = "/app.mpy" if target.name == "rp2040" else "app.mpy"
    result = example.run(target, dict(example.config, file=file), cwd=tmp_path)
    assert_good(result)
    if target.name != "rp2040":
        assert (tmp_path / "app.mpy").read_bytes() == IMAGE
    assert said(result, "got")[-1] == "100 %"
    assert said(result, "verified") == [file + ", 200000 bytes, SHA-256 as promised"]
    if target.name in ("unix32", "rp2040"):
        peak, _, whole = said(result, "heap")[0].split()[:3]
        print("live heap at its highest, program included: %s of %s bytes" % (peak, whole))
        assert int(whole) < 264 * 1024
        assert int(peak) < len(IMAGE)


def test_an_image_that_is_there_costs_no_request(target, example, tmp_path):
    (tmp_path / "app.mpy").write_bytes(IMAGE)
    nowhere = dict(example.config, endpoint="https://127.0.0.1:9", ntp_servers=["127.0.0.1:9"])
    result = example.run(target, nowhere, cwd=tmp_path)
    assert_good(result)
    assert said(result, "got") == []
    assert said(result, "next") == ["nothing: it was here already"]


def test_it_goes_on_where_it_broke_off(target, example, client, tmp_path):
    """What an earlier try left is not fetched again: the bytes got are the missing ones."""
    done = 81920
    (tmp_path / "app.mpy").write_bytes(b"the old image")
    (tmp_path / "app.mpy.part").write_bytes(IMAGE[:done])
    note = note_of(target, example, client, tmp_path)
    (tmp_path / "app.mpy.part.etag").write_bytes(note)
    result = example.run(target, example.config, cwd=tmp_path)
    assert_good(result)
    assert said(result, "resume") == ["%d bytes are here already" % done]
    assert said(result, "got")[0] == "40 %"
    assert (tmp_path / "app.mpy").read_bytes() == IMAGE
    assert sorted(path.name for path in tmp_path.glob("app.mpy*")) == ["app.mpy"]


def note_of(target, example, client, folder):
    """Return the note that the library keeps beside a .part, written by the library itself."""
    etag = client.head_object(Bucket="ota-download", Key="images/app.mpy")["ETag"]
    source = (
        "import sys\nfrom sigv4_mp.services.checkpoint import Checkpoint\n"
        "Checkpoint(sys.argv[1]).save({'etag': sys.argv[2], 'total': %d, 'url': sys.argv[3]})\n"
    )
    url = "%s/ota-download/images/app.mpy" % example.config["endpoint"]
    path = folder / "note"
    done = target.run("note.py", [path, etag, url], {"note.py": source % len(IMAGE)})
    assert done.code == 0, done.stderr
    return Path(path).read_bytes()


def test_another_image_than_promised_is_refused(target, example, tmp_path):
    (tmp_path / "app.mpy").write_bytes(b"the old image")
    result = example.run(target, dict(example.config, sha256="0" * 64), cwd=tmp_path)
    assert_fails(result, "ProtocolError: sha256: of the object is " + SHA256)
    assert (tmp_path / "app.mpy").read_bytes() == b"the old image"
    assert not (tmp_path / "app.mpy.part").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sha256": ""}, "RequestError: sha256: is missing"),
        ({"sha256": "abc"}, "RequestError: "),
        ({"shasum": "x"}, "RequestError: shasum: is not a setting"),
        ({"key": "images/none.mpy"}, "ServiceError: NoSuchKey (HTTP 404)"),
        ({"ca_file": "nowhere.der"}, "RequestError: ca_file"),
        ({"ntp_servers": ["127.0.0.1:9"]}, "RequestError: ntp_servers"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_wrong_settings(target, example, change, words):
    assert_fails(example.run(target, dict(example.config, **change)), words)


def test_config_example(example):
    assert example.unknown_settings() == []
