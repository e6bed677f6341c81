"""The causes that `explain` knows, and what each means; explain_remedies.py has what to do.

One line each: cause|what it means; `@` is the field. One text costs the least RAM.
"""

_CAUSES = """\
method|The method is not the one that was signed.
path|The path arrived as another one.
path-prefix|A part of the path was added or taken off on the way.
path-normalized|`//`, `.` or `..` in the path was resolved on one side.
path-encoded-twice|One side has the path percent-encoded once more than the other.
path-not-encoded|One side has a path that is not in canonical percent-encoding.
query-order|The canonical query is not sorted by name, then value.
query-encoding|Parameter @ is encoded differently: `+` for a space, %XY in small letters, twice, \
or `=` left out.
query|Parameter @ was added, dropped or changed after signing.
url-altered|The presigned URL was altered: @ is not what was signed.
url-expired|The presigned URL has expired.
host-port|The Host header lost or gained a port on the way.
host|The Host header was rewritten on the way.
header-changed|Header @ was rewritten on the way.
header-spaces|Header @ differs in white space alone.
header-dropped|Header @ was signed, but did not arrive.
header-added|Header @ arrived, but was not signed.
signed-headers|The list of signed headers is not the one that was sent.
payload-hash|The payload hash is not the one that was signed.
body-changed|The body is not the one that was hashed.
scope-region|The credential scope names another region than the server's.
scope-service|The credential scope names another service than the server's.
scope-date|The date in the credential scope is not that of x-amz-date.
token-missing|The session token did not arrive.
token-after-signing|The session token was added after signing.
token-changed|The session token is not the one that was signed.
token-invalid|The server takes the session token for invalid.
clock|The request's date is outside what the server accepts.
secret|Everything signed is equal; the signature is not: the secret is wrong.
unknown-key|The server does not know the access key id.
credentials-expired|The temporary credentials have expired.
not-signed|No signature arrived.
authorization-malformed|The Authorization header is not one that the server can read.
authorization-twice|There are two signatures: a header and a query.
signature-changed|The signature that arrived is not the one that was made.
chunk-signature|A chunk of the body does not fit its signature.
trailer-signature|The trailer behind the body does not fit its signature.
framing|The body is framed in a way that the server refuses.
permission|The signature is good: the credentials may not do this.
accepted|The server accepted the request.
other|The server refuses for another reason than the signature.
unexplained|The server says only that the signature is wrong, and our side shows no mistake."""


def meaning(cause, field=None):
    """Return what a cause means, str. Raises: KeyError for one that is not known."""
    return line_of(_CAUSES, cause).replace("@", field or "it")


def causes():
    """Return the names of all causes: list of str."""
    return [line.partition("|")[0] for line in _CAUSES.split("\n")]


def line_of(text, cause):
    """Return what follows a cause in a text of lines. Raises: KeyError."""
    start = ("\n" + text).find("\n" + cause + "|")
    if start < 0:
        raise KeyError(cause)
    return text[start:].partition("\n")[0].partition("|")[2]
