"""A signed request through micropython-lib's own `requests` (frozen into the unix port).

Lines of JSON on stdin, one answer each: {"status", "body"} or {"error", "field", "head"}.
naive: without for_client, as somebody does who only adds the signature's headers.
"""

import json
import sys

import requests

from sigv4_mp.device.credentials import Credentials
from sigv4_mp.own_client import for_client, no_redirect
from sigv4_mp.signer import Signer


def answer(line):
    keys = Credentials(line["access_key_id"], line["secret_access_key"], line.get("session_token"))
    signer = Signer(keys, line["region"], "s3")
    body = bytes.fromhex(line["body"]) if "body" in line else None
    sealed = signer.sign(
        line["method"], line["url"], line.get("headers", ()), body, amz_date=line["amz_date"]
    )
    out = {"canonical": sealed.canonical_request.decode(), "head": sealed.head.decode()}
    try:
        out.update(send(line, sealed, body))
    except Exception as error:
        name = type(error).__name__
        out.update(error=name, field=getattr(error, "field", None), text=str(error))
    return out


def send(line, sealed, body):
    method, url, options = line["method"], line["url"], {}
    if line.get("naive"):
        headers = dict(sealed.added_headers)
    else:
        handled = line.get("handled", ("redirect",))
        method, url, headers, _ = for_client(sealed, "requests", body, handled)
        options["parse_headers"] = no_redirect
    if line.get("blocks"):
        whole = body
        body = (whole[i : i + 7] for i in range(0, len(whole), 7))
    response = requests.request(method, url, headers=headers, data=body, **options)
    return {"status": response.status_code, "body": response.content.hex()}


def main():
    while True:
        line = sys.stdin.readline()
        if not line.strip():
            return
        print(json.dumps(answer(json.loads(line))))


main()
