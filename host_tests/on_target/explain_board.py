"""explain as a board uses it: a refusal with the server's strings, and one without, long token."""

import gc

from _check import done, equal, true

from sigv4_mp import Credentials, Signer
from sigv4_mp.explain import explain

TOKEN = "IQoJb3JpZ2luX2VjEAEXAMPLE/of+a/token==" * 20
DATE = "20261123T010203Z"


def main():
    keys = Credentials("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", TOKEN)
    sealed = Signer(keys, "us-east-1", "s3").sign(
        "PUT", "https://h:8443/depot/a%20b", [("x-amz-meta-a", "1")], b"x", amz_date=DATE
    )
    theirs = sealed.canonical_request.replace(b"host:h:8443", b"host:h")
    body = b"<Error><Code>SignatureDoesNotMatch</Code>"
    body += b"<CanonicalRequest>%s</CanonicalRequest></Error>" % theirs
    theirs = None
    gc.collect()
    found = explain(sealed, 403, (), body)
    equal("named", (found.cause, found.field, found.certainty), ("host-port", "host", "certain"))
    text = str(found)
    true("told", "server:  host:h\n" in text, text)
    true("nothing of the token", TOKEN[:12] not in text)
    found = explain(sealed, 403, {"Date": "Mon, 23 Nov 2026 03:02:03 GMT"})
    equal("clock", (found.cause, found.offset_s), ("clock", -7200))
    true("local time", "UTC-2" in str(found))


main()
done()
