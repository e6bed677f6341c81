"""S3's presigned POST: a form that lets a browser or curl upload under a policy.

Source: AWS S3 API reference, "Authenticating Requests: Browser-Based Uploads Using POST".
"""

import json
from binascii import b2a_base64

from .amzdate import from_seconds, iso8601, to_seconds
from .encode import pairs_of, to_bytes
from .errors import RequestError
from .presign import MAX_EXPIRES


def presign_post(signer, bucket, key, expires, fields=(), conditions=(), amz_date=None):
    """Return the form's fields, [(name, value)] str, in an order that S3 takes; `file` comes last.

    signer: a Signer for service s3. bucket, key: str; a key that ends in "${filename}" allows any
    name after what stands before it. expires: int seconds, 1 to 604,800.
    fields: (name, value) pairs, str, the form sends besides, each an exact match in the policy.
    conditions: more, as the policy's JSON has them: ["content-length-range", 0, 1048576].
    Raises: RequestError naming the field; ClockError; CredentialsExpired if the credentials end
    before the form.
    """
    if not signer.is_s3:
        raise RequestError("service", "must be s3: only S3 takes POST policies")
    fields = list(fields)
    _check(bucket, key, expires, fields)
    amz_date = signer.date_of(amz_date, expires)
    fields = [("key", key)] + fields + _authentication(signer, amz_date)
    rules = [_rule(name, value) for name, value in fields]
    policy = '{"expiration": "%s", "conditions": [%s]}' % (
        iso8601(from_seconds(to_seconds(amz_date) + expires)),
        ", ".join([_dumps({"bucket": bucket})] + rules + [_dumps(more) for more in conditions]),
    )
    policy, signature = sign_policy(signer, policy, amz_date, expires)
    return fields + [("policy", policy), ("x-amz-signature", signature)]


def sign_policy(signer, policy, amz_date, lifetime=None):
    """Return (policy in base64, signature), str, of a policy (str or bytes, JSON).

    Its string to sign is the base64 text itself: there is no canonical request.
    lifetime: int seconds for which it is to hold; temporary credentials must last as long, and a
    clock that knows how far it may be off must be sure of half of it.
    """
    amz_date = signer.date_of(amz_date, lifetime)
    encoded = b2a_base64(to_bytes(policy, "policy")).strip()
    key = signer.signing_key(amz_date, lifetime)
    return encoded.decode(), key.signature(encoded).decode()


def _check(bucket, key, expires, fields):
    for field, value in (("bucket", bucket), ("key", key)):
        if not isinstance(value, str) or not value:
            raise RequestError(field, "must be a str that is not empty")
    if isinstance(expires, bool) or not isinstance(expires, int):
        raise RequestError("expires", "must be a whole number of seconds")
    if not 1 <= expires <= MAX_EXPIRES:
        raise RequestError("expires", "must be 1 to 604800 seconds (7 days)")
    for name, value in pairs_of(fields, "fields"):
        if not isinstance(name, str) or not isinstance(value, str):
            raise RequestError("fields", "must be pairs of str")
        if name.lower() in _OWN:
            raise RequestError(name, "is not for fields: it has an argument, or is added")


_OWN = (
    "bucket",
    "file",
    "key",
    "policy",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
)


def _authentication(signer, amz_date):
    credentials = signer.credentials
    scope = b"/".join((amz_date[:8], signer.region, signer.service, b"aws4_request"))
    fields = [
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", (credentials.access_key_id + b"/" + scope).decode()),
        ("x-amz-date", amz_date.decode()),
    ]
    if credentials.session_token is not None:
        fields.append(("x-amz-security-token", credentials.session_token.decode()))
    return fields


def _rule(name, value):
    if name == "key" and value.endswith("${filename}"):
        return _dumps(["starts-with", "$key", value[: -len("${filename}")]])
    return _dumps({name: value})


def _dumps(value):
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:  # MicroPython has no such option, and never escapes
        return json.dumps(value)
