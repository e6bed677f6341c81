"""Presigned POST forms, made on a target and read as S3 reads them: json, base64, the textbook."""

import base64
import json

import pytest

from host_tests import textbook

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
BASE = {"secret": SECRET, "key": "user/a.jpg", "expires": 3600, "amz_date": "20151229T230000Z"}
GOOD = {
    "plain": {},
    "any name below": {"key": "user/${filename}"},
    "any name": {"key": "${filename}"},
    "unicode and quotes": {"key": 'ü/😀 "quoted"\\back', "fields": [["x-amz-meta-a", "日本"]]},
    "fields": {"fields": [["acl", "public-read"], ["Content-Type", "image/jpeg"]]},
    "conditions": {"conditions": [["content-length-range", 0, 1048576], {"x": "y"}]},
    "token": {"session_token": "FwoGZXIvYXdzE+/=" * 256},
    "a week": {"expires": 604800, "amz_date": "20240229T235959Z"},
    "a second": {"expires": 1, "amz_date": "20151231T235959Z"},
}
EXPIRY = {
    "a week": "2024-03-07T23:59:59Z",
    "a second": "2016-01-01T00:00:00Z",
}
BAD = {
    "expires 0": ({"expires": 0}, "expires"),
    "expires more than a week": ({"expires": 604801}, "expires"),
    "expires text": ({"expires": "60"}, "expires"),
    "expires true": ({"expires": True}, "expires"),
    "empty key": ({"key": ""}, "key"),
    "own field": ({"fields": [["X-Amz-Credential", "x"]]}, "X-Amz-Credential"),
    "own policy": ({"fields": [["policy", "x"]]}, "policy"),
    "number": ({"fields": [["acl", 1]]}, "fields"),
    "date": ({"amz_date": "20151329T000000Z"}, "amz_date"),
}


@pytest.fixture(scope="module")
def forms(target):
    cases = [dict(BASE, **change) for change in GOOD.values()]
    cases += [dict(BASE, **change) for change, _ in BAD.values()]
    data = b"".join(json.dumps(case, ensure_ascii=False).encode() + b"\n" for case in cases)
    result = target.run("sign_post_form.py", stdin=data, heap="1m")
    assert result.code == 0, result.stderr.decode()
    return dict(zip([*GOOD, *BAD], map(json.loads, result.stdout.splitlines())))


@pytest.mark.parametrize("name", GOOD)
def test_form(forms, name):
    case = dict(BASE, **GOOD[name])
    fields = dict(forms[name])
    policy = json.loads(base64.b64decode(fields["policy"], validate=True))
    assert not set(fields["policy"]) & set("\r\n ")  # which b64decode would pass over
    signed = dict(case, secret_access_key=SECRET, region="us-east-1", service="s3")
    assert fields["x-amz-signature"] == textbook.signature(signed, fields["policy"])
    scope = "%s/us-east-1/s3/aws4_request" % case["amz_date"][:8]
    assert fields["x-amz-credential"] == "AKIAIOSFODNN7EXAMPLE/" + scope
    assert fields.get("x-amz-security-token") == case.get("session_token")
    assert policy["expiration"] == EXPIRY.get(name, "2015-12-30T00:00:00Z")
    _covered(fields, policy["conditions"], case)


def _covered(fields, conditions, case):
    """S3 refuses a field that no condition covers (but these two), and a condition not met."""
    exact = {}
    for condition in conditions:
        if isinstance(condition, dict):
            exact.update(condition)
    assert exact["bucket"] == "bucket"
    for name, value in fields.items():
        if name in ("policy", "x-amz-signature"):
            continue
        if name == "key" and value.endswith("${filename}"):
            assert ["starts-with", "$key", value[: -len("${filename}")]] in conditions
        else:
            assert exact[name] == value
    for condition in case.get("conditions", []):
        assert condition in conditions
    for name, value in case.get("fields", []):
        assert fields[name] == value
    assert fields["key"] == case["key"]


@pytest.mark.parametrize("name", BAD)
def test_refused(forms, name):
    error, field, message = forms[name]
    assert (error, field) == ("RequestError", BAD[name][1])
    assert SECRET not in message
