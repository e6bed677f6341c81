"""Prepare a request once, seal it many times: a JSON line in, a JSON line out.

In: {"case": an input of tools/sign.py without payload and date, "seals": [{"amz_date", and one of
"body", "payload_hash" or neither; "content_length"; "token": the session token from now on}]}.
Out: one [signature, head, stale] a seal; stale: whether the seal before it now refuses to be used.
"""

import json
import sys

from sigv4_mp import Credentials, Signer, TamperError


class Rotating:
    """Credentials of which the token changes between two seals, as a refresher would do it."""

    def __init__(self, case):
        self._case = case
        self.take(case.get("session_token"))

    def take(self, session_token):
        case = self._case
        self._now = Credentials(case["access_key_id"], case["secret_access_key"], session_token)
        self.access_key_id = self._now.access_key_id
        self.session_token = self._now.session_token

    def signing_key(self, *scope):
        return self._now.signing_key(*scope)


def prepare(case, credentials):
    names = ("normalize_path", "double_encode", "sign_body")
    options = {name: case[name] for name in names if name in case}
    options["token_after_signing"] = case.get("token_after_signing", False)
    signer = Signer(credentials, case["region"], case["service"], **options)
    headers = [tuple(pair) for pair in case["headers"]]
    host = [value for name, value in headers if name == "Host"][0].strip()
    url = "https://" + host + case["target"]
    if case.get("auth") == "query":
        return signer.prepare_presigned(case["method"], url, case["expires"], headers)
    return signer.prepare(case["method"], url, headers)


def is_stale(sealed):
    try:
        return sealed.head is None
    except TamperError:
        return True


def seals(line):
    case = line["case"]
    credentials = Rotating(case)
    prepared = prepare(case, credentials)
    before = None
    for seal in line["seals"]:
        if "token" in seal:
            credentials.take(seal["token"])
        body = seal["body"].encode() if "body" in seal else None
        sealed = prepared.seal(
            body, seal.get("payload_hash"), seal.get("content_length"), seal["amz_date"]
        )
        yield [sealed.signature, sealed.head.decode(), before is None or is_stale(before)]
        before = sealed


for line in sys.stdin:
    print(json.dumps(list(seals(json.loads(line)))))
