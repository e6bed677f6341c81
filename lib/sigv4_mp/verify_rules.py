"""Every rule of the verifier, and what the peer is told: loaded with the first refusal.

Codes: S3 API reference, "List of error codes"; for the other services their "Common Errors", in the
form that their JSON protocols send.
"""

# rule | S3: code, status | other services: code, status | what the peer reads
_TABLE = b"""
head|InvalidRequest 400|ValidationException 400|The request head is not HTTP/1.1
limit|InvalidRequest 400|ValidationException 400|The request is larger than this server allows
target|InvalidURI 400|ValidationException 400|The request target can't be used
path|InvalidURI 400|ValidationException 400|The path is not in its normal form
duplicate|InvalidRequest 400|ValidationException 400|There is more than one of
framing|InvalidRequest 400|ValidationException 400|The length of the body is ambiguous
transfer-encoding|NotImplemented 501|ValidationException 501|Transfer-Encoding is not taken
length|InvalidRequest 400|ValidationException 400|Content-Length is not a number of bytes
host|InvalidRequest 400|ValidationException 400|The request has no Host
wrong-host|AccessDenied 403|AccessDeniedException 403|The request is for another host
no-auth|AccessDenied 403|MissingAuthenticationTokenException 403|The request is not signed
two-auths|InvalidArgument 400|IncompleteSignatureException 400|Only one way of signing is allowed
algorithm|InvalidRequest 400|IncompleteSignatureException 400|Use AWS4-HMAC-SHA256
authorization|AuthorizationHeaderMalformed 400|IncompleteSignatureException 400|\
The authorization can't be read
date|AccessDenied 403|IncompleteSignatureException 400|A valid x-amz-date is needed
scope-date|AuthorizationHeaderMalformed 400|InvalidSignatureException 403|\
The credential scope is of another day than the request
scope-region|AuthorizationHeaderMalformed 400|InvalidSignatureException 403|\
The credential scope is of another region
scope-service|AuthorizationHeaderMalformed 400|InvalidSignatureException 403|\
The credential scope is of another service
scope-end|AuthorizationHeaderMalformed 400|InvalidSignatureException 403|\
The credential scope does not end in aws4_request
expires|AuthorizationHeaderMalformed 400|IncompleteSignatureException 400|\
X-Amz-Expires must be 1 to 604800 seconds
skew|RequestTimeTooSkewed 403|InvalidSignatureException 403|\
The request time is too far from the server time
not-yet|AccessDenied 403|InvalidSignatureException 403|The request is not valid yet
expired|AccessDenied 403|RequestExpired 400|The request has expired
unsigned-header|AccessDenied 403|InvalidSignatureException 403|This header must be signed
missing-header|SignatureDoesNotMatch 403|InvalidSignatureException 403|\
A header is named as signed, but is not in the request
payload-hash|InvalidArgument 400|InvalidSignatureException 403|\
x-amz-content-sha256 must be a SHA-256 or a known word
no-payload-hash|InvalidRequest 400|InvalidSignatureException 403|x-amz-content-sha256 is missing
unsigned-payload|AccessDenied 403|AccessDeniedException 403|The body must be signed
too-large|EntityTooLarge 400|RequestEntityTooLargeException 413|The body is too large
no-length|MissingContentLength 411|ValidationException 411|The length of the body is needed
signature|SignatureDoesNotMatch 403|InvalidSignatureException 403|\
The signature does not match; check the secret and how the request is signed
told-unknown|InvalidAccessKeyId 403|UnrecognizedClientException 403|The access key is not known
token|InvalidToken 400|UnrecognizedClientException 403|The session token is not right
token-expired|ExpiredToken 400|ExpiredTokenException 403|The credentials have expired
replay|AccessDenied 403|InvalidSignatureException 403|This request was received before
replay-full|SlowDown 503|ThrottlingException 503|Too many requests at a time
body-hash|XAmzContentSHA256Mismatch 400|InvalidSignatureException 403|\
The body is not the one that was signed
body-short|IncompleteBody 400|ValidationException 400|The body is shorter than announced
body-long|InvalidRequest 400|ValidationException 400|The body is longer than announced
chunk|InvalidRequest 400|ValidationException 400|The aws-chunked body can't be read
chunk-size|InvalidChunkSizeError 403|ValidationException 400|Only the last chunk may be so small
chunk-signature|SignatureDoesNotMatch 403|InvalidSignatureException 403|\
The signature of a chunk does not match
trailer|MalformedTrailerError 400|ValidationException 400|The trailer is not the one announced
trailer-signature|SignatureDoesNotMatch 403|InvalidSignatureException 403|\
The signature of the trailer does not match
checksum|BadDigest 400|ValidationException 400|The checksum is not that of the body
no-checksum|NotImplemented 501|ValidationException 501|This checksum can't be computed here
broken|InvalidRequest 400|ValidationException 400|The body was refused before
"""

# Rules that only a log may tell from their neighbour.
_SAME = {"unknown-key": "signature", "no-key": "signature"}


def answer(rule, s3, by_query=False):
    """Return (status, code, text) of a rule: int, str, str. Raises: KeyError for an unknown one."""
    start = _TABLE.find(b"\n" + _SAME.get(rule, rule).encode() + b"|")
    if start < 0:
        raise KeyError(rule)
    fields = _TABLE[start + 1 : _TABLE.find(b"\n", start + 1)].decode().split("|")
    code, status = fields[1 if s3 else 2].split(" ")
    if by_query and code == "AuthorizationHeaderMalformed":
        code = "AuthorizationQueryParametersError"
    return int(status), code, fields[3]


def rules():
    """Return the names of all rules, a list of str."""
    return [line.split("|")[0] for line in _TABLE.decode().strip().split("\n")] + list(_SAME)
