"""A signer written from the AWS guide alone, for the host: slow, plain, shared with nothing.

It takes the input of `tools/sign.py` (a dict, one JSON line) and returns the four steps. It is the
reference for what neither awscrt nor botocore shows, and it uses `hmac` and `urllib` where the
library has its own code, so that one mistake is not made twice. Source: AWS Signature Version 4
guide, "Create a signed AWS API request", and the S3 API reference, "Signature calculations".
"""

import base64
import hashlib
import hmac
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

ROOT = Path(__file__).resolve().parent.parent
EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
# What hops add, drop or rewrite: botocore's deny-list, and what else proxies are known to touch.
NEVER_SIGNED = frozenset(
    "accept-encoding baggage connection expect forwarded keep-alive proxy-authenticate"
    " proxy-authorization te traceparent tracestate trailer transfer-encoding upgrade user-agent"
    " via x-amzn-trace-id".split()
)
NEVER_SIGNED_PREFIXES = ("sec-websocket-", "x-forwarded-")


class Signed(NamedTuple):
    """The steps of one signing, as text; signed_headers without the final authorization."""

    canonical_request: str
    string_to_sign: str
    signature: str
    signed_headers: str
    credential_scope: str


def sign(case):
    """Return Signed for a case that is fit to be signed."""
    scope = "%s/%s/%s/aws4_request" % (case["amz_date"][:8], case["region"], case["service"])
    headers = signed_header_pairs(case)
    names = ";".join(name for name, _ in headers)
    query = case["target"].partition("?")[2].encode()
    if case.get("auth") == "query":
        query = b"&".join(part for part in (query, query_auth(case, scope, names)) if part)
    lines = [case["method"], canonical_path(case), canonical_query(query)]
    lines += ["%s:%s" % pair for pair in headers] + ["", names, payload_hash(case)]
    request = "\n".join(lines)
    text = string_to_sign(case["amz_date"], scope, request)
    return Signed(request, text, signature(case, text), names, scope)


def string_to_sign(amz_date, scope, canonical_request):
    """Return the string to sign of a canonical request."""
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    return "\n".join(["AWS4-HMAC-SHA256", amz_date, scope, digest])


def signature(case, text):
    """Return the signature, hex, of a string to sign, with the key that a case describes."""
    return _hmac(signing_key(case), text).hex()


def signing_key(case):
    """Return the 32 raw bytes of the signing key: four HMACs, one inside the other."""
    key = b"AWS4" + case["secret_access_key"].encode()
    for part in (case["amz_date"][:8], case["region"], case["service"], "aws4_request"):
        key = _hmac(key, part)
    return key


def policy_of(case):
    """Return (normalize_path, double_encode) of a case, defaults applied."""
    other = case["service"] != "s3"
    return case.get("normalize_path", other), case.get("double_encode", other)


def wire_path(case):
    """Return the path of the target as bytes, dot segments gone where the case says so."""
    path = case["target"].partition("?")[0].encode() or b"/"
    return normalize(path) if policy_of(case)[0] else path


def canonical_path(case):
    """Return the canonical URI.

    Double encoding: every byte of the wire path is encoded, `%` too. Single encoding: what the
    service will make of it, which decodes the path and encodes it once, `%2F` staying apart. A `%`
    without two hex digits has no such form: has_stray_percent.
    """
    path = wire_path(case)
    return quote_from_bytes(path, safe="/~") if policy_of(case)[1] else recode_path(path)


def recode_path(path):
    """Return the path (bytes) with each %XY decoded and everything encoded once, as text."""
    parts = re.split(rb"(%[0-9A-Fa-f]{2})", path)
    parts[0::2] = (quote_from_bytes(part, safe="/~") for part in parts[0::2])
    parts[1::2] = (_encode(unquote_to_bytes(part)) for part in parts[1::2])
    return "".join(parts)


def has_stray_percent(text):
    """Return whether a `%` stands without two hex digits after it."""
    return re.search("%(?![0-9A-Fa-f]{2})", text) is not None


def normalize(path):
    """Return the path without `.`, `..` and empty segments (RFC 3986 §5.2.4, then `//` to `/`)."""
    kept = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    # As both oracles: /a/b/.. is /a, /a/. is /a; only a path written with a final slash keeps it.
    slash = b"/" if path.endswith(b"/") and kept else b""
    return b"/" + b"/".join(kept) + slash


def query_pairs(query):
    """Return the decoded (name, value) pairs of a query, bytes; `+` is a plus, not a space."""
    pieces = (piece.partition(b"=") for piece in query.split(b"&") if piece)
    return [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pieces]


def canonical_query(query):
    """Return the canonical query string: encoded, then sorted by name, then by value."""
    pairs = sorted((_encode(name), _encode(value)) for name, value in query_pairs(query))
    return "&".join("%s=%s" % pair for pair in pairs)


def query_auth(case, scope, names):
    """Return the query parameters that query signing adds, encoded, as bytes."""
    pairs = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", case["access_key_id"] + "/" + scope),
        ("X-Amz-Date", case["amz_date"]),
        ("X-Amz-SignedHeaders", names),
    ]
    if case["expires"] is not None:  # IoT's MQTT over WebSocket has none
        pairs.append(("X-Amz-Expires", str(case["expires"])))
    if case.get("session_token") and not case.get("token_after_signing"):
        pairs.append(("X-Amz-Security-Token", case["session_token"]))
    return "&".join("%s=%s" % (name, _encode(value.encode())) for name, value in pairs).encode()


def signed_header_pairs(case):
    """Return the (name, value) pairs of the canonical headers, sorted."""
    values = {}
    for name, value in case["headers"] + added_headers(case):
        folded = re.sub("[ \t\n\v\f\r]+", " ", value).strip(" ")
        values.setdefault(name.lower(), []).append(folded)
    insisted = [name.lower() for name in case.get("sign_headers", ())]
    names = [name for name in sorted(values) if is_signed(name) or name in insisted]
    return [(name, ",".join(values[name])) for name in names]


def is_signed(name):
    """Return whether a header is signed without being asked for by name."""
    name = name.lower()
    return name not in NEVER_SIGNED and not name.startswith(NEVER_SIGNED_PREFIXES)


def added_headers(case):
    """Return the [name, value] that the signer adds and signs; query signing dates in the query."""
    added = []
    if adds_body_header(case):
        added.append(["X-Amz-Content-Sha256", payload_hash(case)])
    if case.get("auth") == "query":
        return added
    added.append(["X-Amz-Date", case["amz_date"]])
    if case.get("session_token") and not case.get("token_after_signing"):
        added.append(["X-Amz-Security-Token", case["session_token"]])
    return added


def adds_body_header(case):
    """Return whether x-amz-content-sha256 is added: by default on S3; presigned, for a hash."""
    default = case["service"] == "s3"
    if case.get("auth") == "query":
        default = default and case.get("payload_hash", UNSIGNED) != UNSIGNED
    return case.get("sign_body", default)


def payload_hash(case):
    """Return the payload hash line: given, or of the body; S3's presigned URLs do not sign it."""
    if "payload_hash" in case:
        return case["payload_hash"]
    presigned = case.get("auth") == "query" and case["service"] == "s3"
    has_body = "body" in case or "body_base64" in case
    if presigned and not (has_body and adds_body_header(case)):
        return UNSIGNED
    return hashlib.sha256(body_of(case)).hexdigest()


def body_of(case):
    """Return the body as bytes."""
    if "body_base64" in case:
        return base64.b64decode(case["body_base64"])
    return case.get("body", "").encode()


def _encode(data):
    return quote_from_bytes(data, safe="~")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
