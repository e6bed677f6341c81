"""What a server's code and message say outright, where they do.

Codes are AWS's; Swift, MiniStack, Ceph, MinIO, Cloudflare R2 use them too, some with other words.
Source: S3 API reference, "Error responses"; AWS common errors; recorded answers in
host_tests/vectors/server_answers.json.
"""

from .explain_clock import expired_by, offset, tolerance
from .explain_ours import presigned

_CERTAIN = "certain"
_LIKELY = "likely"

# code|cause|field. Found by the code alone.
_CODES = """\
RequestTimeTooSkewed|clock|x-amz-date
RequestInTheFuture|clock|x-amz-date
InvalidAccessKeyId|unknown-key|access_key_id
InvalidClientTokenId|unknown-key|access_key_id
UnrecognizedClientException|unknown-key|access_key_id
InvalidToken|token-invalid|x-amz-security-token
ExpiredToken|credentials-expired|x-amz-security-token
ExpiredTokenException|credentials-expired|x-amz-security-token
TokenRefreshRequired|credentials-expired|x-amz-security-token
MissingAuthenticationToken|not-signed|authorization
MissingAuthenticationTokenException|not-signed|authorization
MissingSecurityHeader|not-signed|authorization
XAmzContentSHA256Mismatch|body-changed|body
BadDigest|body-changed|body
InvalidDigest|body-changed|body
XAmzContentChecksumMismatch|body-changed|body
IncompleteBody|framing|body
InvalidChunkSizeError|framing|body
MissingContentLength|framing|content-length"""

# words in the message (lower case)|cause|field. The order matters: the first that fits.
_WORDS = """\
signature expired|clock|x-amz-date
signature not yet current|clock|x-amz-date
not yet valid|clock|x-amz-date
request has expired|url-expired|X-Amz-Expires
is wrong; expecting|scope-region|region
scoped to a valid region|scope-region|region
incorrect service|scope-service|service
scoped to correct service|scope-service|service
date in credential scope|scope-date|date
invalid credential date|scope-date|date
only one auth mechanism|authorization-twice|authorization
required header for this request: x-amz-content-sha256|header-dropped|x-amz-content-sha256
header you provided implies functionality|framing|transfer-encoding
transfer-encoding|framing|transfer-encoding
chunk signature|chunk-signature|body
trailer signature|trailer-signature|body
security token included in the request is expired|credentials-expired|x-amz-security-token
security token included in the request is invalid|unknown-key|access_key_id
missing authentication token|not-signed|authorization
requires a valid date|header-dropped|x-amz-date"""

_MALFORMED = (
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthorizationParameter",
)
_MISMATCH = ("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature")
_EXPIRED = ("RequestExpired", "ExpiredRequest")  # of a URL, or of a date


def by_code(ours, said):
    """Return the difference that the code or message names, or None where it doesn't say."""
    if said.status < 300:
        return ("accepted", None, b"", b"", _CERTAIN)
    message = said.message.lower()
    unsigned = said.find("HeadersNotSigned")
    if unsigned:
        token = b"security-token" in unsigned.lower()
        cause = "token-after-signing" if token else "header-added"
        return (cause, str(unsigned, "utf-8"), b"", b"", _CERTAIN)
    found = _of_words(message) or _of_code(said.code)
    if found:
        return _refined(ours, said, *found)
    if said.code in _EXPIRED:
        expired = ours is not None and presigned(ours.canonical)
        cause, field = ("url-expired", "X-Amz-Expires") if expired else ("clock", "x-amz-date")
        return (cause, field, b"", b"", _CERTAIN)
    if said.code in _MALFORMED:
        return ("authorization-malformed", "authorization", b"", b"", _CERTAIN)
    if said.code in _MISMATCH or said.canonical_request or said.string_to_sign:
        return None
    return _rest(ours, said, message)


def _of_code(code):
    for line in _CODES.split("\n"):
        name, cause, field = line.split("|")
        if name == code:
            return cause, field
    return None


def _of_words(message):
    for line in _WORDS.split("\n"):
        phrase, cause, field = line.split("|")
        if phrase in message:
            return cause, field
    return None


def _refined(ours, said, cause, field):
    """Return the difference, made more precise by what we know of our side."""
    one = other = b""
    if cause == "scope-region":
        one = ours.scope[1] if ours and ours.scope else b""
        other = _region(said)
    elif cause == "scope-service" and ours and ours.scope:
        one = ours.scope[2]
    elif cause == "body-changed":
        one, other = _hashes(ours, said)
    elif cause == "clock" and ours and presigned(ours.canonical):
        late = expired_by(ours, said)
        if late is not None and late > 0 and (offset(ours, said) or 0) < 0:
            cause, field = "url-expired", "X-Amz-Expires"
    elif cause == "unknown-key" and ours:
        return _key(ours)
    elif cause == "token-invalid" and ours and ours.session_token is None:
        cause = "token-missing"
    return (cause, field, one, other, _CERTAIN)


def _key(ours):
    """An unknown key may be a temporary one whose token did not come along."""
    if (ours.access_key_id or b"").startswith(b"ASIA") and ours.session_token is None:
        return ("token-missing", "x-amz-security-token", b"", b"", _LIKELY)
    if ours.session_token is not None:
        signed = b"x-amz-security-token" in ours.canonical.signed_headers
        if not signed and not ours.parameter(b"X-Amz-Security-Token"):
            return ("token-after-signing", "x-amz-security-token", b"", b"", _LIKELY)
    return ("unknown-key", "access_key_id", b"", b"", _CERTAIN)


def _region(said):
    """Return the region that the server wants, bytes."""
    named = said.find("Region") or said.headers.get("x-amz-bucket-region", "").encode()
    return named or said.message.partition("expecting '")[2].partition("'")[0].encode()


def _hashes(ours, said):
    """Return (signed, computed) payload hashes, as far as they are known."""
    one = said.find("ClientComputedContentSHA256") or b""
    return one, said.find("S3ComputedContentSHA256") or b""


def _rest(ours, said, message):
    """Statuses without a code that we know."""
    if said.status in (301, 302, 307, 308) and _region(said):
        one = ours.scope[1] if ours and ours.scope else b""
        return ("scope-region", "region", one, _region(said), _CERTAIN)
    if said.status in (401, 403) and said.code == str(said.status) and not said.message:
        return None  # the answer to a HEAD has no body: the checklist
    if said.is_swift and said.is_bare and 400 <= said.status < 500:
        return ("not-signed", "authorization", b"", b"", _LIKELY)  # taken for Swift's own API
    if said.status in (401, 403):
        ahead = offset(ours, said) if ours else None
        if ahead is not None and not presigned(ours.canonical) and abs(ahead) > tolerance(ours):
            return ("clock", "x-amz-date", b"", b"", _LIKELY)
        return ("permission", None, b"", b"", _LIKELY)
    return ("other", None, b"", b"", _LIKELY)
