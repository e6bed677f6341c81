"""Make presigned POST forms from the JSON lines on stdin; write the fields, a JSON line each."""

import json
import sys

from sigv4_mp import Credentials, Signer
from sigv4_mp.errors import SigV4Error
from sigv4_mp.post_policy import presign_post


def form(case):
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", case["secret"], case.get("session_token"))
    signer = Signer(credentials, "us-east-1", "s3")
    fields = [tuple(pair) for pair in case.get("fields", [])]
    rules = case.get("conditions", [])
    return presign_post(
        signer, "bucket", case["key"], case["expires"], fields, rules, case["amz_date"]
    )


for line in sys.stdin:
    try:
        print(json.dumps([list(pair) for pair in form(json.loads(line))]))
    except SigV4Error as error:
        print(json.dumps([type(error).__name__, error.field, str(error)]))
