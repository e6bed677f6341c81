"""A third opinion, in Go: rclone's S3 server over TLS; boto3 reads back."""

import os

import boto3
import pytest
from botocore.config import Config

from s3_tools import settings, streamed, svc

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


@pytest.fixture(scope="session")
def boto(rclone):
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={})
    return boto3.client(
        "s3",
        endpoint_url=rclone.https_url,
        region_name=rclone.region,
        aws_access_key_id=rclone.access_key_id,
        aws_secret_access_key=rclone.secret_access_key,
        config=config,
        verify=rclone.ca_file,
    )


def test_all_modes_parts_ranges_and_copies(target, rclone, boto, tmp_path):
    bucket = "b-" + target.name
    boto.create_bucket(Bucket=bucket)
    body = os.urandom(3 * 65536 + 9)
    (tmp_path / "f").write_bytes(body)
    file = str(tmp_path / "f")
    first = settings(rclone, bucket)
    commands = [{"do": "put", "key": "hashed", "file": file}]
    for mode in ("unsigned", "chunked", "unsigned-trailer"):
        options = {"mode": mode, "content_length": 20000}
        commands.append({"do": "put", "key": mode, "stream": 999, "options": options})
    part = {"part_size": 65536, "min_part": 65536}
    commands.append({"do": "upload", "key": "parts", "file": file, "options": part})
    commands.append({"do": "copy", "source": "hashed", "key": "copy ü"})
    answers = svc(target, first, *commands)
    found = {}
    for command, answer in zip(commands, answers):
        assert "error" not in answer, (command, answer)
        found[command["key"]] = boto.get_object(Bucket=bucket, Key=command["key"])["Body"].read()
    wanted = {"hashed": body, "parts": body, "copy ü": body}
    wanted.update(dict.fromkeys([c["key"] for c in commands if "stream" in c], streamed(20000)))
    assert {key: found[key] == wanted[key] for key in wanted} == dict.fromkeys(wanted, True)
    got, gone = svc(
        target,
        first,
        {"do": "get", "key": "hashed", "options": {"range_start": 5, "range_length": 9}},
        {"do": "delete_many", "keys": ["hashed", "chunked"]},
    )
    # It answers a range with 200, not 206 (RFC 9110 §15.3.7): that is not taken for a range.
    assert (got["error"], "range" in got["text"]) == ("ProtocolError", True)
    assert gone == {"failed": []}
    options = {"mode": "chunked-trailer", "content_length": 9}
    (refused,) = svc(target, first, {"do": "put", "key": "w", "stream": 9, "options": options})
    assert (refused["error"], refused["field"]) == ("RequestError", "mode")
    wrong = dict(first, secret_access_key="wrong")
    (refused,) = svc(target, wrong, {"do": "put", "key": "w", "body": "00"})
    assert (refused["status"], refused["code"]) == (403, "SignatureDoesNotMatch")
