"""Why a server refused a signature: which byte differs, what did it, and what to do about it.

    explanation = explain(sealed, status, headers, body)
    print(explanation)            # safe to paste in public: secrets and tokens are blotted out

Give it what was signed and the whole answer. `explain_watch.watch` keeps both for you. Where the
server gives nothing to compare with, a checklist is run, and `certainty` says how far to trust it.
Source: AWS IAM guide, "Troubleshoot signed requests"; docs/debugging.md has the causes.
"""

from .digest import sha256_hex
from .explain_clock import offset
from .explain_ours import Canonical, of
from .explain_report import Explanation
from .explain_said import Said

CERTAIN = "certain"
LIKELY = "likely"
POSSIBLE = "possible"
# S3 says AccessDenied of a request that it takes for unsigned, too.
_OR = {
    "permission": (("not-signed", "authorization"), ("authorization-malformed", "authorization"))
}


def explain(ours, status, headers=(), body=None, arrived=None, sent_body=None):
    """Return the Explanation of a server's answer.

    ours: a SealedRequest that was not sealed again since, a PreparedRequest, or an Ours.
    status: int. headers: dict or pairs, str. body: bytes-like, str or None; 32 KiB of it are read.
    arrived: the request's head as a server or proxy recorded it, str or bytes: where the server
    gives no string of its own, this is compared with what was signed.
    sent_body: the request's body as it was sent, bytes-like: it is hashed and compared, too.
    Raises: RequestError, TamperError for what is no signed request. Cost: some ten times the length
    of the canonical request in RAM; nothing is kept.
    """
    ours, said = of(ours), Said(status, headers, body)
    if arrived is not None and not said.canonical_request:
        from .explain_head import heard

        said.canonical_request, said.signature = heard(arrived, ours)
    return _judge(ours, said, sent_body)


def explain_error(error, ours=None):
    """Return the Explanation of a ServiceError, by what it holds: code, message, region, time.

    ours: as for explain, or None. The server's own strings are not in an error: `watch` keeps them.
    """
    headers = []
    if getattr(error, "region", None):
        headers.append(("x-amz-bucket-region", error.region))
    said = Said(error.status, headers)
    said.code, said.message = error.code, error.message
    said.hear_time(getattr(error, "server_time", None))
    return _judge(None if ours is None else of(ours), said)


def _judge(ours, said, sent_body=None):
    """Return the Explanation: what the server says first, then what differs, then the checklist."""
    from .explain_codes import by_code  # large: not loaded by those who only watch

    found = by_code(ours, said)
    ahead = offset(ours, said) if ours else None
    if found is not None:
        return Explanation(ours, said, found, _OR.get(found[0], ()), ahead)
    if ours is None:
        return Explanation(ours, said, ("unexplained", None, b"", b"", POSSIBLE))
    differences = _body(ours, sent_body) or _differences(ours, said)
    differences = [one + (CERTAIN,) for one in differences]
    if not differences:
        from .explain_checks import checklist, suspects

        differences = checklist(ours, said)
        differences.append(("unexplained", None, b"", b"", POSSIBLE))
        if differences[0][4] == POSSIBLE:
            # All is as it should be: what is left is the secret, or what we can't see.
            also = differences + suspects(ours)
            return Explanation(ours, said, differences[-1], also, ahead)
    first = differences[0]
    if first[0] == "secret":
        if ours.canonical.payload_hash.startswith(b"STREAMING-AWS4"):
            # Most servers say the same of a chunk.
            first = first[:4] + (LIKELY,)
            differences.append(("chunk-signature", "body"))
        if not ours.scope:  # a pasted canonical request says nothing of it
            first = first[:4] + (LIKELY,)
            differences.extend((("scope-region", "region"), ("scope-service", "service")))
        if said.is_swift:
            differences.append(("unknown-key", "access_key_id"))  # it has no other word for that
    return Explanation(ours, said, first, differences[1:], ahead)


def _differences(ours, said):
    """Return what differs from the server's own strings; [] where it gave none."""
    theirs, to_sign = said.canonical_request, said.string_to_sign
    if not (theirs or to_sign):
        return []
    from .explain_diff import canonical_requests, strings_to_sign

    if theirs and said.is_cut:
        theirs = completed(theirs, ours.canonical_request)
    found = []
    if to_sign:
        found = strings_to_sign(ours.string_to_sign, to_sign)
        if found and found[0][0] in ("chunk-signature", "trailer-signature"):
            return found
    if theirs:
        try:
            found = canonical_requests(ours.canonical, Canonical(theirs)) + found
        except ValueError:  # blotted out, or cut before its end
            theirs = None
    if found:
        return found
    if said.is_cut:
        return []  # as far as it goes, it is equal: that proves nothing
    ours_hash = sha256_hex(ours.canonical_request)
    if to_sign and to_sign.split(b"\n")[-1] != ours_hash:
        hit = None if theirs else _guess(ours, to_sign.split(b"\n")[-1])
        return [hit] if hit else []
    if said.signature and ours.signature and said.signature.strip() != ours.signature:
        return [("signature-changed", "Signature", b"", b"")]
    return [("secret", None, b"", b"")]


def completed(theirs, ours):
    """Return a canonical request that was cut, bytes, with the rest taken from ours."""
    lines = theirs.split(b"\n")[:-1]
    return b"\n".join(lines + ours.split(b"\n")[len(lines) :])


def _body(ours, sent_body):
    """Return the difference between the body that was sent and the one that was hashed: 0 or 1."""
    signed = ours.canonical.payload_hash
    if sent_body is None or len(signed) != 64 or sha256_hex(sent_body) == signed:
        return []
    return [("body-changed", "body", signed, sha256_hex(sent_body))]


def _guess(ours, wanted):
    from .explain_checks import guess

    return guess(ours, wanted)
