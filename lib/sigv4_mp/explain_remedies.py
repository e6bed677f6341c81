"""What to do about each cause of explain_words.py; loaded when a report is printed.

One line each: cause|what to do. docs/debugging.md has them all.
"""

from .explain_words import line_of

_REMEDIES = """\
method|Find what rewrites it: a redirect followed by the client, or a method override.
path|Compare the two lines; a proxy or the client rewrote it.
path-prefix|Have the proxy pass the path as it is (no rewrite, no strip_prefix); bucket in the \
host and bucket in the path are two forms: sign the one that the server sees.
path-normalized|S3 takes the path as it is, all other services normalise it: sign with the right \
service name, and have proxies merge no slashes.
path-encoded-twice|S3 encodes once, all other services twice: check the service name, \
normalize_path and double_encode; give the URL encoded once; else a proxy encodes or decodes it.
path-not-encoded|Every byte but letters, digits and -._~/ becomes %XY in capitals: let the \
library encode it; if it is the server's, keep to keys of those characters.
query-order|Sort the encoded pairs by code point, or let the library do it.
query-encoding|Write a space as %20 and a plus as %2B, encode once, and give the URL in that \
form.
query|Give it before signing (query=...), and let nothing append to the URL.
url-altered|Use the URL as it is, with the method it was made for, no parameter more or less.
url-expired|Make a new one, or a longer one (at most 604800 s; temporary credentials end it \
earlier).
host-port|Sign what the server sees: the port stands in Host unless it is 443 (https) or 80 \
(http). A proxy must pass it on: in nginx `proxy_set_header Host $http_host;`.
host|Have the proxy keep Host (nginx: `proxy_set_header Host $http_host;`), or sign for the name \
that it sends.
header-changed|Stop what rewrites it, or leave it unsigned: sign_only, or an endpoint profile, \
signs host, x-amz-* and content-type alone.
header-spaces|Send it trimmed, single spaces: some servers don't collapse them.
header-dropped|Let the proxy pass it on, or leave it unsigned (sign_only); x-amz-* must arrive.
header-added|Give it to the signer, or stop what adds it after signing.
signed-headers|The Authorization header was changed on the way.
payload-hash|Hash the bytes that are sent, after all encoding; see whether a proxy drops \
x-amz-content-sha256 or the body.
body-changed|Send the very bytes that were hashed: no re-encoding, no compression, the file \
unchanged meanwhile.
scope-region|Sign for the region that the server names (IAM and STS's global hosts: us-east-1).
scope-service|Use the name from the service's signing documentation: email is `ses`, CloudWatch \
is `monitoring`.
scope-date|Take both from one clock reading; a date in local time differs around midnight.
token-missing|Temporary credentials are three parts: send x-amz-security-token, signed, and let \
nothing drop it.
token-after-signing|Give it to Credentials so that it is signed; only AWS IoT's MQTT wants it \
unsigned.
token-changed|Take key, secret and token of one set of credentials; look for cut lines and stray \
white space.
token-invalid|Take key, secret and token of one set, from the partition and account of the \
endpoint.
clock|Set the clock in UTC (clock.sync, NTP).
secret|Check the secret for cut or added characters, and that it belongs to this access key id; \
a derived key must be of this day, region and service.
unknown-key|Check it for typing errors, its account and partition, whether it was deleted or \
made inactive.
credentials-expired|Fetch new ones; use a provider that renews them.
not-signed|Something dropped the Authorization header or the query; a redirect does that. On API \
Gateway it can also be a path or method that does not exist.
authorization-malformed|See whether something cut, doubled or rewrote it; it needs Credential, \
SignedHeaders and Signature.
authorization-twice|Send one: no Authorization header with a presigned URL.
signature-changed|Something changed the Authorization header or the URL on the way.
chunk-signature|The body was changed, cut or framed anew on the way; or the server can't do \
signed chunks: send with a payload hash.
trailer-signature|The trailer was changed or dropped on the way; or the server can't do \
trailers: send with a payload hash.
framing|Send a Content-Length, no Transfer-Encoding; S3 wants chunks of 8 KiB and more.
permission|Look at the policies of the user, the role and the resource.
accepted|Nothing.
other|Read its message.
unexplained|Compare what left with what arrived (a log, a recording proxy), try without the \
proxy, and check the secret."""


def remedy(cause):
    """Return what to do about a cause, str. Raises: KeyError for one that is not known."""
    return line_of(_REMEDIES, cause)
