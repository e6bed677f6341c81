"""firmware/presigned_url/main.py: the URL it prints opens the object, for as long as it says."""

import calendar
import importlib.util
import time

import pytest

from e2e_tools import boto_client, curl
from firmware_tools import Example, assert_fails, assert_good, said

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


@pytest.fixture(scope="session")
def client(swift):
    """A boto3 client with bucket and object made."""
    client = boto_client(swift, "s3")
    client.create_bucket(Bucket="presigned-url")
    client.put_object(Bucket="presigned-url", Key="a/b c+ü.txt", Body=b"for whoever has the URL")
    return client


@pytest.fixture
def example(swift, ntp, client):
    """The program with a configuration that works."""
    example = Example("presigned_url", swift, ntp)
    config = example.config
    url = config.pop("endpoint") + "/" + config.pop("bucket")
    del config["addressing"]
    config.update(bucket_url=url, key="a/b c+ü.txt")
    return example


@pytest.mark.board
def test_the_url_fetches(target, example, swift):
    result = example.run(target, example.config)
    assert_good(result)
    (url,) = said(result, "url")
    status, text = curl(swift, url)
    assert (status, text) == (200, "for whoever has the URL")
    (note,) = said(result, "qr")
    assert note.startswith("%d characters: version " % len(url))
    if target.name == "unix32":
        print("heap: " + said(result, "heap")[0])


def test_the_url_stores_and_is_for_that_only(target, example, swift, client):
    config = dict(example.config, method="PUT", key="stored-" + target.name)
    (url,) = said(example.run(target, config), "url")
    assert curl(swift, "-X", "PUT", "--data-binary", "by curl", url)[0] == 200
    body = client.get_object(Bucket="presigned-url", Key=config["key"])["Body"].read()
    assert body == b"by curl"
    assert curl(swift, url)[0] == 403


def test_lines_for_a_small_display_join_to_the_url(target, example, swift):
    lines = said(example.run(target, dict(example.config, columns=40)), "url")
    assert {len(line) for line in lines[:-1]} == {40}
    assert curl(swift, "".join(lines))[0] == 200


def test_the_end_is_what_was_signed(target, example):
    result = example.run(target, dict(example.config, expires=120))
    (url,), (valid,) = said(result, "url"), said(result, "valid")
    assert "X-Amz-Expires=120&" in url
    start = url.partition("X-Amz-Date=")[2][:16]
    seconds = [calendar.timegm(time.strptime(t, "%Y%m%dT%H%M%SZ")) for t in (start, valid[-16:])]
    assert 120 <= seconds[1] - seconds[0] <= 122
    assert valid.startswith("120 s, until ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": ""}, "RequestError: key: is missing"),
        ({"ky": "x"}, "RequestError: ky: is not a setting"),
        ({"expires": 604801}, "RequestError: expires"),
        ({"ntp_servers": ["127.0.0.1:9"]}, "RequestError: ntp_servers"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_wrong_settings(target, example, change, words):
    assert_fails(example.run(target, dict(example.config, **change)), words)


def test_a_secret_is_never_shown(target, example):
    example.config["credentials"]["secret_access_key"] = "MARKED-" + "s" * 30
    result = example.run(target, example.config)
    assert_good(result)
    assert b"MARKED" not in result.stdout + result.stderr


def test_config_example(example):
    assert example.unknown_settings() == []


@pytest.fixture(scope="module")
def program(request):
    """main.py as a module of this process."""
    from firmware_tools import FIRMWARE

    spec = importlib.util.spec_from_file_location(
        "presigned_main", FIRMWARE / "presigned_url" / "main.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_qr_codes(program):
    """40 versions, growing; first, last and one between as ISO/IEC 18004 has them."""
    table = program.QR_BYTES
    assert len(table) == 40 and list(table) == sorted(set(table))
    assert (table[0], table[9], table[39]) == (17, 271, 2953)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (17, "version 1 or more at error level L, 21 modules"),
        (18, "version 2 or more"),
        (2953, "version 40 or more at error level L, 177 modules"),
        (2954, "too long for any QR code"),
    ],
)
def test_what_is_said_of_a_length(program, capsys, length, words):
    program.qr_note(length)
    assert words in capsys.readouterr().out
