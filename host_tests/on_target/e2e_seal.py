"""Floor 0 on a target: what to sign on stdin, what to send on stdout, one JSON object a line each.

Every line: region, service, access_key_id, secret_access_key, maybe session_token, amz_date, "do",
maybe sign_body, and what the function of that name below takes. No socket and no clock, so
WebAssembly runs it too; the host sends the result, unchanged or tampered with. Bodies and heads
travel as hex.
"""

import json
import sys
from binascii import hexlify, unhexlify

from sigv4_mp import Credentials, Signer
from sigv4_mp.post_policy import presign_post
from sigv4_mp.presign import iot_mqtt_url


def header(signer, command):
    """Signature in the Authorization header: the head, byte for byte."""
    sealed = signer.sign(
        command["method"],
        command["url"],
        command.get("headers", ()),
        payload=unhexlify(command.get("body", "")),
        amz_date=command["amz_date"],
    )
    return {"head": hexlify(sealed.head).decode(), "signed_headers": sealed.signed_headers}


def query(signer, command):
    """Signature in the query: a presigned URL."""
    url = signer.presign(
        command["method"], command["url"], command["expires"], amz_date=command["amz_date"]
    )
    return {"url": url}


def mqtt(signer, command):
    """The URL of MQTT over WebSocket."""
    credentials, region = signer.credentials, command["region"]
    return {"url": iot_mqtt_url(credentials, region, command["endpoint"], command["amz_date"])}


def post(signer, command):
    """The fields of a POST form, in order."""
    fields = presign_post(
        signer,
        command["bucket"],
        command["key"],
        command["expires"],
        conditions=command.get("conditions", ()),
        amz_date=command["amz_date"],
    )
    return {"fields": fields}


def main():
    line = sys.stdin.readline()
    while line:
        command = json.loads(line)
        token = command.get("session_token")
        keys = Credentials(command["access_key_id"], command["secret_access_key"], token)
        signer = Signer(
            keys, command["region"], command["service"], sign_body=command.get("sign_body")
        )
        print(json.dumps(globals()[command["do"]](signer, command)))
        line = sys.stdin.readline()


main()
