"""Verify requests that arrive as lines of JSON; answer each with a line. test_verify_clients.py

A line: settings of the Verifier ("policy"), access_key_id, secret_access_key, session_token, and
"head", "body" (hex), "amz_date", the time there.
"""

import json
import sys
from binascii import hexlify, unhexlify
from hashlib import sha256

from sigv4_mp.device.credentials import Credentials
from sigv4_mp.verify import Verifier, VerifyError


def judge(line):
    """Return what is to be said of one request, a dict."""
    keys = Credentials(line["access_key_id"], line["secret_access_key"], line.get("session_token"))
    policy = line["policy"]
    verifier = Verifier(lambda name: keys if name == keys.access_key_id else None, **policy)
    body = unhexlify(line["body"])
    content = bytearray()
    try:
        claim = verifier.read(unhexlify(line["head"]), line["amz_date"])
        hashed = hexlify(sha256(body).digest()).decode() if claim.needs_body else None
        request = claim.prove(hashed)
        reader = request.body(content.extend)
        for at in range(0, len(body), 7):  # as a network may cut it
            reader.feed(body[at : at + 7])
        reader.finish()
    except VerifyError as error:
        return {"code": error.code, "status": error.status, "rule": error.rule}
    return {
        "code": "",
        "who": request.access_key_id,
        "path": request.path,
        "query": [[hexlify(part).decode() for part in pair] for pair in request.query],
        "signed": request.signed_headers,
        "unsigned": sorted(request.unsigned),
        "payload": request.payload,
        "content": hexlify(content).decode(),
    }


for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))))
