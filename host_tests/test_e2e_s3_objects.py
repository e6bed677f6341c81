"""Ranges, resumed downloads, copies, deletions, conditions and tags, judged by boto3.

Swift for most; MiniStack for what Swift has not: session tokens, tags, and conditions on writes.
"""

import hashlib
import os

import pytest

from e2e_tools import boto_client
from s3_tools import bucket_of, settings, streamed, svc

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")


@pytest.fixture(scope="session")
def boto(swift):
    return boto_client(swift, "s3")


@pytest.fixture
def bucket(boto, target, request):
    return bucket_of(boto, target, request)


def test_ranges(target, swift, bucket, boto):
    body = os.urandom(1200)
    boto.put_object(Bucket=bucket, Key="k", Body=body)
    get = {"do": "get", "key": "k"}
    spans = ((0, 1), (10, 90), (1199, 1), (1190, 100), (100, None), (None, 5))
    commands = [
        dict(get, options={"range_start": start, "range_length": length}) for start, length in spans
    ]
    answers = svc(target, settings(swift, bucket), *commands)
    for (start, length), answer in zip(spans, answers):
        start = start or 0
        end = None if length is None else start + length
        assert answer == {"status": 206, "body": body[start:end].hex()}, (start, length)
    behind, wrong, none = svc(
        target,
        settings(swift, bucket),
        dict(get, options={"range_start": 1200}),
        dict(get, options={"range_start": -1}),
        dict(get, options={"range_length": 0}),
    )
    assert (behind["status"], behind["code"]) == (416, "InvalidRange")
    assert (wrong["field"], none["field"]) == ("range_start", "range_length")


def digest(body):
    return hashlib.sha256(body).hexdigest()


def checkpoint_of(path, etag, total, url):
    """Write what a download that was cut leaves beside its .part (services/checkpoint.py)."""
    import json

    from sigv4_mp.services import checkpoint

    record = {"etag": etag, "total": total, "url": url}
    text = json.dumps(dict(record, check=checkpoint._check(record)))
    path.write_text(text)


@pytest.mark.parametrize("shell", ["http", "aio"])
def test_download_goes_on(target, swift, bucket, boto, tmp_path, shell):
    """From nothing, a part, a part of another version, a whole one, rubbish."""
    body = os.urandom(70001)
    etag = boto.put_object(Bucket=bucket, Key="k", Body=body)["ETag"]
    path = tmp_path / "image"
    url = "%s/%s/k" % (swift.https_url, bucket)
    get = {"do": "download", "key": "k", "path": str(path), "sha256": digest(body)}
    cases = (
        ("nothing", None, None, 200),
        ("a part", body[:30000], etag, 206),
        ("one byte", body[:1], etag, 206),
        ("another version", os.urandom(30000), '"0123456789abcdef0123456789abcdef"', 200),
        ("a part and no note", body[:30000], None, 200),
        ("all of it", body, etag, None),
        ("too much", body + b"x", etag, 200),
    )
    for label, part, noted, status in cases:
        for one in tmp_path.iterdir():
            one.unlink()
        if part is not None:
            (tmp_path / "image.part").write_bytes(part)
        if noted:
            checkpoint_of(tmp_path / "image.part.etag", noted, len(body), url)
        (answer,) = svc(target, settings(swift, bucket, shell=shell), get)
        assert answer == {"status": status}, label
        assert path.read_bytes() == body, label
        assert os.listdir(tmp_path) == ["image"], label


def test_a_wrong_image_never_gets_its_name(target, swift, bucket, boto, tmp_path):
    body = os.urandom(30000)
    etag = boto.put_object(Bucket=bucket, Key="k", Body=body)["ETag"]
    path = tmp_path / "image"
    path.write_bytes(b"old")
    get = {"do": "download", "key": "k", "path": str(path), "sha256": digest(b"other")}
    first = settings(swift, bucket)
    (answer,) = svc(target, first, get)
    assert (answer["error"], answer["field"]) == ("ProtocolError", "sha256")
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["image"])
    # A .part that a power cut tore is found out in the same way, and the next try is a fresh one.
    (tmp_path / "image.part").write_bytes(bytes(1000) + body[1000:2000])
    url = "%s/%s/k" % (swift.https_url, bucket)
    checkpoint_of(tmp_path / "image.part.etag", etag, len(body), url)
    get["sha256"] = digest(body)
    torn, fresh = svc(target, first, get, get)
    assert (torn["error"], torn["field"], fresh) == ("ProtocolError", "sha256", {"status": 200})
    assert (path.read_bytes(), os.listdir(tmp_path)) == (body, ["image"])
    (answer,) = svc(target, first, dict(get, key="missing", path=str(tmp_path / "x")))
    assert answer["code"] == "NoSuchKey"
    assert os.listdir(tmp_path) == ["image"]


def test_copy(target, swift, bucket, boto):
    boto.put_object(Bucket=bucket, Key="a b/ü+", Body=b"body", Metadata={"a": "b"})
    copy = {"do": "copy", "source": "a b/ü+", "key": "to/ü"}
    replaced = dict(copy, key="to/2", options={"metadata": {"c": "d"}})
    missing = dict(copy, source="missing")
    stale = dict(copy, key="to/3", options={"source_if_match": '"%s"' % ("0" * 32)})
    answers = svc(target, settings(swift, bucket), copy, replaced, missing, stale)
    assert answers[0].get("etag") == '"%s"' % hashlib.md5(b"body").hexdigest(), answers
    got = boto.get_object(Bucket=bucket, Key="to/ü")
    assert (got["Body"].read(), got["Metadata"]) == (b"body", {"a": "b"})
    assert boto.head_object(Bucket=bucket, Key="to/2")["Metadata"] == {"c": "d"}
    assert answers[2]["code"] == "NoSuchKey"
    assert answers[3]["code"] == "PreconditionFailed"
    names = [one["Key"] for one in boto.list_objects_v2(Bucket=bucket)["Contents"]]
    assert names == ["a b/ü+", "to/2", "to/ü"]


def test_delete_many(target, swift, bucket, boto):
    keys = ["%03d <&>\"' ü" % number for number in range(60)]
    for key in keys[:5] + ["kept"]:
        boto.put_object(Bucket=bucket, Key=key, Body=b"")
    (answer,) = svc(target, settings(swift, bucket), {"do": "delete_many", "keys": keys})
    assert answer == {"failed": []}
    assert [one["Key"] for one in boto.list_objects_v2(Bucket=bucket)["Contents"]] == ["kept"]
    bad = svc(
        target,
        settings(swift, bucket),
        {"do": "delete_many", "keys": []},
        {"do": "delete_many", "keys": ["a"] * 1001},
        {"do": "delete_many", "keys": ["a\x01"]},
        {"do": "delete_many", "keys": [""]},
    )
    assert [(one["error"], one["field"]) for one in bad] == [
        ("RequestError", name) for name in ("keys", "keys", "key", "key")
    ]


@pytest.fixture(scope="session")
def mini(ministack):
    boto = boto_client(ministack, "s3")
    boto.create_bucket(Bucket="services")
    return boto


def test_conditions_tags_and_class_with_a_session_token(target, ministack, mini):
    session = ministack.session
    first = settings(ministack, "services", **session)
    key = "cond-" + target.name
    put = {"do": "put", "key": key, "body": b"one".hex()}
    once = {
        "if_none_match": "*",
        "tagging": {"a b": "c&d", "e": ""},
        "storage_class": "STANDARD_IA",
    }
    made, again, wrong = svc(
        target,
        first,
        dict(put, options=once),
        dict(put, body=b"two".hex(), options={"if_none_match": "*"}),
        dict(put, body=b"two".hex(), options={"if_match": '"%s"' % ("0" * 32)}),
    )
    assert "error" not in made, made
    assert (again["status"], again["code"]) == (412, "PreconditionFailed")
    assert (wrong["status"], wrong["code"]) == (412, "PreconditionFailed")
    tags = mini.get_object_tagging(Bucket="services", Key=key)["TagSet"]
    assert tags == [{"Key": "a b", "Value": "c&d"}, {"Key": "e", "Value": ""}]
    assert mini.head_object(Bucket="services", Key=key)["StorageClass"] == "STANDARD_IA"
    (right,) = svc(target, first, dict(put, body=b"two".hex(), options={"if_match": made["etag"]}))
    assert "error" not in right, right
    assert mini.get_object(Bucket="services", Key=key)["Body"].read() == b"two"


def test_streaming_and_multipart_with_a_session_token(target, ministack, mini, tmp_path):
    first = settings(ministack, "services", **ministack.session)
    body = os.urandom((5 << 20) + 1000)
    (tmp_path / "f").write_bytes(body)
    stream = {"do": "put", "key": "s-" + target.name, "stream": 900}
    stream["options"] = {"mode": "chunked-trailer", "content_length": 20000}
    upload = {"do": "upload", "key": "m-" + target.name, "file": str(tmp_path / "f")}
    answers = svc(target, first, stream, dict(upload, checksum="sha256"))
    assert [one for one in answers if "error" in one] == []
    stored = mini.get_object(Bucket="services", Key="s-" + target.name)["Body"].read()
    assert stored == streamed(20000)
    stored = mini.get_object(Bucket="services", Key="m-" + target.name)["Body"].read()
    assert stored == body


def test_copy_refuses_arguments_at_once(target, swift, bucket):
    copy = {"do": "copy", "source": "a", "key": "b"}
    answers = svc(
        target,
        settings(swift, bucket),
        dict(copy, options={"if_none_match": "x"}),
        dict(copy, options={"source_bucket": "A"}),
        dict(copy, options={"tagging": {str(n): "" for n in range(11)}}),
    )
    fields = [one["field"] for one in answers]
    assert fields == ["if_none_match", "bucket", "tagging"]
