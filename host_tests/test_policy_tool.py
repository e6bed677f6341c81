"""tools/policy.py: what it prints is valid, minimal, and judged by MiniStack's own evaluator."""

import json
import re

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tools import policy

GIVEN = ["--bucket", "my-bucket", "--account", "123456789012", "--region", "eu-west-1"]


def printed(capsys, *words):
    assert policy.main([*GIVEN, *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_all_of_it(capsys):
    made = printed(capsys, "--prefix", "device-1/", "--actions", "put,list", "--alias", "up")
    objects, listing = made["permissions"]["Statement"]
    assert objects["Action"] == ["s3:PutObject"]
    assert objects["Resource"] == "arn:aws:s3:::my-bucket/device-1/*"
    assert listing["Resource"] == "arn:aws:s3:::my-bucket"
    assert listing["Condition"]["StringLike"] == {"s3:prefix": "device-1/*"}
    for statement in (objects, listing):
        assert statement["Condition"]["Bool"] == {"aws:SecureTransport": "true"}
    (trust,) = made["trust"]["Statement"]
    assert trust["Principal"] == {"Service": "credentials.iot.amazonaws.com"}
    arn = "arn:aws:iot:eu-west-1:123456789012:rolealias/up"
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": arn}
    (iot,) = made["iot"]["Statement"]
    assert (iot["Action"], iot["Resource"]) == ("iot:AssumeRoleWithCertificate", arn)
    assert len(made["commands"]) == 5
    assert "*" not in json.dumps(made["iot"]) + json.dumps(made["trust"])
    assert printed(capsys, "--prefix", "p/", "--only", "trust")["Statement"]


def test_each_thing_its_own_prefix(capsys):
    made = printed(capsys, "--per-thing", "--prefix", "logs/")
    (objects,) = made["permissions"]["Statement"]
    wanted = "arn:aws:s3:::my-bucket/logs/${credentials-iot:ThingName}/*"
    assert objects["Resource"] == wanted
    (iot,) = made["iot"]["Statement"]
    assert iot["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}


def test_from_a_config(capsys, tmp_path):
    config = {"bucket": "from-config", "region": "cn-north-1", "key": "device-7/log.bin"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    words = ["--config", str(tmp_path / "config.json"), "--account", "123456789012"]
    assert policy.main(words) == 0
    made = json.loads(capsys.readouterr().out)
    (objects,) = made["permissions"]["Statement"]
    assert objects["Resource"] == "arn:aws-cn:s3:::from-config/device-7/*"
    assert ":aws-cn:iot:cn-north-1:" in json.dumps(made["iot"])
    config.update(region="eusc-de-east-1", key="log.bin")
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert policy.main([*words, "--actions", "put,list"]) == 0
    objects, listing = json.loads(capsys.readouterr().out)["permissions"]["Statement"]
    assert objects["Resource"] == "arn:aws-eusc:s3:::from-config/log.bin"  # that one object
    assert listing["Condition"]["StringLike"] == {"s3:prefix": "log.bin"}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--prefix", ""],
        ["--prefix", "*"],
        ["--prefix", "device-1"],  # device-1* would be device-10's as well
        ["--prefix", "a/", "--actions", "all"],
        ["--prefix", "a/", "--bucket", "Not A Bucket"],
        ["--prefix", "a/", "--account", "1"],
        ["--prefix", "a/", "--role", "a b"],
    ],
)
def test_refusals(capsys, words):
    with pytest.raises(SystemExit):
        policy.main([*GIVEN, *words])
    assert "error: " in capsys.readouterr().err


def client(ministack, found):
    return boto3.client(
        "s3",
        endpoint_url=ministack.http_url,
        region_name=ministack.region,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
        config=Config(
            s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={}
        ),
    )


def role_with(ministack, actions):
    """Return an S3 client of a role that has just the printed permissions."""
    name = "least-" + "-".join(actions)
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = ministack.as_root("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=document)
    text = json.dumps(policy.permissions("least", "device-1/", actions, insecure=True))
    names = {"RoleName": name, "PolicyName": "device", "PolicyDocument": text}
    ministack.as_root("iam", "PutRolePolicy", **names)
    arn = re.search("<Arn>([^<]*)</Arn>", role).group(1)
    xml = ministack.as_root("sts", "AssumeRole", RoleArn=arn, RoleSessionName="d")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return client(ministack, {n: re.search("<%s>([^<]*)<" % n, xml).group(1) for n in names})


def allowed(call, **options):
    try:
        call(Bucket="least", **options)
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "403"):
            raise
        return False


def test_ministack_allows_this_and_no_more(ministack):
    from e2e_tools import boto_client

    owner = boto_client(ministack, "s3")
    owner.create_bucket(Bucket="least")
    for key in ("device-1/a", "device-2/a"):
        owner.put_object(Bucket="least", Key=key, Body=b"x")
    for actions in (["put"], ["get"], ["list"], ["delete"], ["put", "get"], ["multipart"]):
        s3 = role_with(ministack, actions)
        writes = "put" in actions or "multipart" in actions
        assert allowed(s3.put_object, Key="device-1/b", Body=b"x") == writes, actions
        assert allowed(s3.get_object, Key="device-1/a") == ("get" in actions), actions
        assert allowed(s3.list_objects_v2, Prefix="device-1/") == ("list" in actions), actions
        assert allowed(s3.create_multipart_upload, Key="device-1/m") == writes, actions
        for key in ("device-2/a", "device-10/a", "a"):
            assert not allowed(s3.put_object, Key=key, Body=b"x"), actions
            assert not allowed(s3.get_object, Key=key), actions
            assert not allowed(s3.delete_object, Key=key), actions
        assert not allowed(s3.list_objects_v2, Prefix="device-2/"), actions
        assert not allowed(s3.list_objects_v2), actions
        assert allowed(s3.delete_object, Key="device-1/b") == ("delete" in actions), actions
