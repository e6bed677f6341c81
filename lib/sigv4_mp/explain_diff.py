"""Where our canonical request or string to sign and the server's part, and what that means.

Each difference is a tuple (cause, field, ours, theirs): str, str, bytes or None. The causes are the
names in explain_words.py. Nothing is redacted here.
"""

from .canonical import canonical_uri
from .encode import uri_encode, uri_recode
from .errors import RequestError
from .explain_ours import presigned

_TOKEN = b"x-amz-security-token"
_SCOPE = ("scope-date", "scope-region", "scope-service", "scope-end")


def canonical_requests(ours, theirs):
    """Return the differences between two Canonicals, in the order of their lines."""
    found = []
    in_url = presigned(ours)
    if ours.method != theirs.method:
        cause = "url-altered" if in_url else "method"
        found.append((cause, "method", ours.method, theirs.method))
    if ours.path != theirs.path:
        found.append((path_cause(ours.path, theirs.path), "path", ours.path, theirs.path))
    if ours.query != theirs.query:
        found.append(_query(ours.query, theirs.query, in_url))
    found.extend(_headers(ours, theirs))
    names = (ours.signed_headers, theirs.signed_headers)
    if names[0] != names[1] and not found:
        found.append(("signed-headers", "SignedHeaders") + names)
    hashes = (ours.payload_hash, theirs.payload_hash)
    if hashes[0] != hashes[1] and not [one for one in found if one[0] == "payload-hash"]:
        found.append(("payload-hash", "x-amz-content-sha256") + hashes)
    return found


def path_cause(ours, theirs):
    """Return the cause of two different canonical URIs."""
    for plain, encoded in ((ours, theirs), (theirs, ours)):
        if uri_encode(plain, True) == encoded:
            return "path-encoded-twice" if b"%" in plain else "path-not-encoded"
    try:
        if uri_recode(ours, True) == theirs or uri_recode(theirs, True) == ours:
            return "path-not-encoded"
        if canonical_uri(ours, True, False) == canonical_uri(theirs, True, False):
            return "path-normalized"
    except RequestError:
        return "path"
    if ours.endswith(theirs) or theirs.endswith(ours):
        return "path-prefix"
    return "path"


def _query(ours, theirs, in_url):
    """Return the difference between two queries."""
    one, other = ours.split(b"&"), theirs.split(b"&")
    if sorted(one) == sorted(other):
        return ("query-order", "query", ours, theirs)
    missing = [pair for pair in one if pair and pair not in other]
    extra = [pair for pair in other if pair and pair not in one]
    pair = missing[0] if missing else extra[0] if extra else b""
    name = pair.partition(b"=")[0]
    field = str(name, "utf-8") or "query"
    rest = (missing[0] if missing else b"", _named(extra, name) if missing else pair)
    if name.lower() == _TOKEN:
        return ("token-missing" if not rest[1] else "token-after-signing", field) + rest
    if missing and extra and _loose(missing) == _loose(extra):
        return ("query-encoding", field) + rest
    return ("url-altered" if in_url else "query", field) + rest


def _named(pairs, name):
    for pair in pairs:
        if pair.partition(b"=")[0] == name:
            return pair
    return b""


def _loose(pairs):
    """Return pairs with all that encoders do differently made the same, sorted."""
    out = []
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        text = name + b"=" + value
        for _ in range(2):  # encoded twice, too
            text = uri_recode(text).replace(b"%25", b"%")
        out.append(uri_recode(text).replace(b"+", b"%20").replace(b"%2B", b"%20"))
    return sorted(out)


def _headers(ours, theirs):
    found = []
    for name, value in ours.headers:
        other = theirs.header(name)
        if other is None or not other and value:  # MiniStack shows a missing one as empty
            cause = "token-missing" if name == _TOKEN else "header-dropped"
            found.append((cause, str(name, "utf-8"), name + b":" + value, b""))
        elif other != value:
            lines = (name + b":" + value, name + b":" + other)
            found.append((_header_cause(name, value, other), str(name, "utf-8")) + lines)
    for name, value in theirs.headers:
        if ours.header(name) is None:
            cause = "token-after-signing" if name == _TOKEN else "header-added"
            found.append((cause, str(name, "utf-8"), b"", name + b":" + value))
    return found


def _header_cause(name, ours, theirs):
    if name == b"host":
        return "host-port" if without_port(ours) == without_port(theirs) else "host"
    if name == _TOKEN:
        return "token-changed"
    if name == b"x-amz-content-sha256":
        return "payload-hash"
    if ours.split() == theirs.split():
        return "header-spaces"
    return "header-changed"


def without_port(host):
    """Return a Host header's value without its port, bytes, lower case."""
    at = host.rfind(b":")
    return (host if at < 0 or b"]" in host[at:] else host[:at]).lower()


def strings_to_sign(ours, theirs):
    """Return the differences between two strings to sign, save for the last line's."""
    one, other = ours.split(b"\n"), theirs.split(b"\n")
    if other[0].endswith(b"-PAYLOAD"):
        return [("chunk-signature", "body", b"", b"")]
    if other[0].endswith(b"-TRAILER"):
        return [("trailer-signature", "body", b"", b"")]
    found = []
    if len(one) < 4 or len(other) < 4:
        return found
    if one[0] != other[0]:
        found.append(("authorization-malformed", "algorithm", one[0], other[0]))
    pieces, others = one[2].split(b"/"), other[2].split(b"/")
    for at in range(1, min(len(pieces), len(others), 4)):
        if pieces[at] != others[at]:
            found.append((_SCOPE[at], _SCOPE[at][6:], one[2], other[2]))
    if one[1] != other[1]:
        found.append(("header-changed", "x-amz-date", one[1], other[1]))
    elif pieces[0] != others[0]:
        found.append(("scope-date", "date", one[2], other[2]))
    return found
