"""A textbook signer: the steps of AWS's guide as they are usually written, the yardstick of bench/.

Strings joined from lists, all of it built anew for each request, the signing key derived each time,
HMAC from its definition. It is right, and it is what a signer costs when nobody measures it.
"""

from binascii import hexlify
from hashlib import sha256

_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def _hmac(key, message):
    if len(key) > 64:
        key = sha256(key).digest()
    key = key + b"\x00" * (64 - len(key))
    inner = sha256(bytes([byte ^ 0x36 for byte in key]) + message).digest()
    return sha256(bytes([byte ^ 0x5C for byte in key]) + inner).digest()


def _quote(text, safe):
    out = ""
    for byte in text.encode():
        character = chr(byte)
        if character in _SAFE or character in safe:
            out += character
        else:
            out += "%%%02X" % byte
    return out


def sign(method, host, path, query, headers, payload_hash, keys, scope, amz_date):
    """Return the Authorization header, str.

    query, headers: lists of (name, value), str, not encoded. keys: (access key id, secret).
    scope: (region, service). amz_date: str[16].
    """
    access_key_id, secret = keys
    region, service = scope
    headers = headers + [
        ("host", host),
        ("x-amz-content-sha256", payload_hash),
        ("x-amz-date", amz_date),
    ]
    headers = sorted([(name.lower(), " ".join(value.split())) for name, value in headers])
    canonical_headers = "".join(["%s:%s\n" % pair for pair in headers])
    signed_headers = ";".join([name for name, _ in headers])
    pairs = sorted([(_quote(name, ""), _quote(value, "")) for name, value in query])
    canonical_query_string = "&".join(["%s=%s" % pair for pair in pairs])
    canonical_request = "\n".join(
        [
            method,
            _quote(path, "/"),
            canonical_query_string,
            canonical_headers,
            signed_headers,
            payload_hash,
        ]
    )
    credential_scope = "/".join([amz_date[:8], region, service, "aws4_request"])
    string_to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            amz_date,
            credential_scope,
            hexlify(sha256(canonical_request.encode()).digest()).decode(),
        ]
    )
    key = ("AWS4" + secret).encode()
    for part in (amz_date[:8], region, service, "aws4_request"):
        key = _hmac(key, part.encode())
    signature = hexlify(_hmac(key, string_to_sign.encode())).decode()
    return "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        access_key_id,
        credential_scope,
        signed_headers,
        signature,
    )
