#!/usr/bin/env python3
"""The least that a device needs to be allowed, as JSON ready to apply.

    policy.py --bucket my-bucket --prefix device-1/ --actions put \\
        --account 123456789012 --region eu-west-1 --role uploader --alias uploader
    policy.py --config firmware/s3_upload/config.json --account ... --only permissions

Prints an object with
  permissions   what the role may do in S3: these actions, below this prefix, over TLS
  trust         who may take the role: the credential provider of AWS IoT, for this role alias only
  iot           what the certificate's IoT policy allows: taking the role by that alias
  commands      the AWS command lines that apply them
With --per-thing the prefix becomes that of the thing whose certificate asked: one role for a fleet,
and no device can touch another's objects. --only prints one of them, for `file://`.

Source: AWS IoT Core developer guide, "Authorizing direct calls to AWS services using AWS IoT Core
credential provider"; S3 user guide, "Policy actions for Amazon S3".
"""

import argparse
import json
import re
import sys

ACTIONS = {
    "put": ("s3:PutObject",),
    "get": ("s3:GetObject",),
    "delete": ("s3:DeleteObject",),
    "multipart": ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
    "list": ("s3:ListBucket",),
}
THING = "${credentials-iot:ThingName}"
_VERSION = "2012-10-17"


def partition(region):
    """Return the AWS partition of a region: "aws", "aws-cn", "aws-us-gov", "aws-eusc"."""
    for start, name in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("eusc-", "aws-eusc")):
        if region.startswith(start):
            return name
    return "aws"


def permissions(bucket, prefix, actions, region="", insecure=False):
    """Return the role's policy, a dict. insecure: for test servers without TLS.

    prefix: ends with "/"; else it is the key of one object.
    """
    rest = "*" if prefix.endswith("/") else ""
    base = "arn:%s:s3:::%s" % (partition(region), bucket)
    on_objects = sorted({name for one in actions if one != "list" for name in ACTIONS[one]})
    conditions = {} if insecure else {"Bool": {"aws:SecureTransport": "true"}}
    statements = []
    if on_objects:
        below = "%s/%s%s" % (base, prefix, rest)
        statements.append(_allow("Objects", on_objects, below, conditions))
    if "list" in actions:
        only = {"StringLike": {"s3:prefix": prefix + rest}}
        statements.append(_allow("List", ["s3:ListBucket"], base, dict(conditions, **only)))
    return {"Version": _VERSION, "Statement": statements}


def _allow(sid, actions, resource, conditions):
    found = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
    if conditions:
        found["Condition"] = conditions
    return found


def trust(account, region, alias):
    """Return the role's trust policy, a dict: the credential provider, for one alias only."""
    conditions = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": _alias_arn(account, region, alias)},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "credentials.iot.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": conditions,
    }
    return {"Version": _VERSION, "Statement": [statement]}


def iot(account, region, alias, thing=None):
    """Return the IoT policy for the device's certificate, a dict.

    thing: str, or THING: then only a certificate that a thing is attached to may ask.
    """
    statement = _allow(
        "TakeRole", "iot:AssumeRoleWithCertificate", _alias_arn(account, region, alias), {}
    )
    if thing:
        statement["Condition"] = {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    return {"Version": _VERSION, "Statement": [statement]}


def _alias_arn(account, region, alias):
    return "arn:%s:iot:%s:%s:rolealias/%s" % (partition(region), region, account, alias)


def commands(account, region, role, alias):
    """Return the command lines, a list of str, that apply the three documents."""
    arn = "arn:%s:iam::%s:role/%s" % (partition(region), account, role)
    return [
        "aws iam create-role --role-name %s --assume-role-policy-document file://trust.json" % role,
        "aws iam put-role-policy --role-name %s --policy-name device"
        " --policy-document file://permissions.json" % role,
        "aws iot create-role-alias --region %s --role-alias %s --role-arn %s"
        " --credential-duration-seconds 3600" % (region, alias, arn),
        "aws iot create-policy --region %s --policy-name %s-device"
        " --policy-document file://iot.json" % (region, alias),
        "aws iot describe-endpoint --region %s --endpoint-type iot:CredentialProvider" % region,
    ]


def _read_config(given, parser):
    """Fill bucket, prefix and region from a firmware example's config.json."""
    given.one_object = False
    if not given.config:
        return
    with open(given.config, encoding="utf-8") as file:
        config = json.load(file)
    given.bucket = given.bucket or config.get("bucket")
    given.region = given.region or config.get("region")
    if given.prefix is None and config.get("key"):
        folder, slash, _ = config["key"].rpartition("/")
        given.prefix = folder + slash or config["key"]
        given.one_object = not folder
    if config.get("mode") == "multipart":
        given.actions = given.actions or "multipart"


def _check(given, parser):
    for name, pattern in (
        ("bucket", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
        ("region", r"[a-z]{2}[a-z0-9-]+-\d+"),
        ("account", r"\d{12}"),
        ("role", r"[\w+=,.@-]{1,64}"),
        ("alias", r"[\w=,@-]{1,128}"),
    ):
        if not re.fullmatch(pattern, getattr(given, name) or ""):
            parser.error("--%s is missing or can't be one" % name)
    given.actions = (given.actions or "put").split(",")
    for action in given.actions:
        if action not in ACTIONS:
            parser.error("--actions: no %s; there are %s" % (action, ", ".join(ACTIONS)))
    if given.per_thing:
        given.prefix = (given.prefix or "") + THING + "/"
    elif not given.prefix:
        parser.error("--prefix is missing: without one, a device could touch the whole bucket")
    elif given.prefix[-1] != "/" and not given.one_object:
        parser.error("--prefix must end with '/': device-1* would allow device-10/ as well")
    if set(given.prefix.replace(THING, "")) & set("*?$"):
        parser.error("--prefix holds a wildcard; it would allow more than it says")


def main(words=None):
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("--config", "--bucket", "--prefix", "--actions", "--account", "--region"):
        parser.add_argument(option)
    parser.add_argument("--role", default="uploader")
    parser.add_argument("--alias", default="uploader")
    parser.add_argument("--per-thing", action="store_true")
    parser.add_argument("--only", choices=("permissions", "trust", "iot", "commands"))
    given = parser.parse_args(words)
    _read_config(given, parser)
    _check(given, parser)
    made = {
        "permissions": permissions(given.bucket, given.prefix, given.actions, given.region),
        "trust": trust(given.account, given.region, given.alias),
        "iot": iot(given.account, given.region, given.alias, given.per_thing),
        "commands": commands(given.account, given.region, given.role, given.alias),
    }
    print(json.dumps(made[given.only] if given.only else made, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
