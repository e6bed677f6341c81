"""What can be found out when the server says nothing: the checklist, and the clock.

A difference is a tuple as in explain_diff, with how sure it is as its fifth part.
Source: AWS IAM guide, "Troubleshoot signed requests".
"""

from .canonical import is_signed
from .digest import sha256_hex
from .encode import uri_encode, uri_recode
from .errors import RequestError
from .explain_clock import S3_SERVICES, expired_by, offset, tolerance
from .explain_diff import without_port
from .explain_ours import presigned

_LIKELY = "likely"
_POSSIBLE = "possible"
# Host label -> service of the scope, where they are what a service goes by.
_SERVICES = (
    "s3 kinesis firehose logs dynamodb sqs sns sts iam lambda monitoring ssm execute-api kms "
)


def checklist(ours, said):
    """Return what looks wrong on our side, the surest first."""
    found = list(_swift(ours, said))
    for check in (_time, _scope, _sent, _canonical, _host, _hops):
        found.extend(check(ours, said))
    return sorted(found, key=lambda one: one[4] != _LIKELY)


def _swift(ours, said):
    """Swift shows its canonical request, unless it can't make one for want of a signed header."""
    if said.is_swift and said.code == "SignatureDoesNotMatch" and not said.string_to_sign:
        names = [
            str(name, "utf-8")
            for name in ours.canonical.signed_headers.split(b";")
            if name not in (b"host", b"x-amz-date", b"x-amz-content-sha256")
        ]
        yield ("header-dropped", " or ".join(names) or "host", b"", b"", _LIKELY)


def _time(ours, said):
    if ours.scope and ours.amz_date[:8] != ours.scope[0]:
        yield ("scope-date", "date", ours.amz_date, ours.scope[0], _LIKELY)
    expired = expired_by(ours, said)
    if expired is not None:
        if expired > 0:
            yield ("url-expired", "X-Amz-Expires", b"", b"", _LIKELY)
        return
    ahead = offset(ours, said)
    if ahead is not None and abs(ahead) > tolerance(ours):
        yield ("clock", "x-amz-date", b"", b"", _LIKELY)


def _scope(ours, said):
    """The host says where it stands: service.region.amazonaws.com, or with the bucket in front."""
    host = without_port(ours.canonical.header(b"host") or b"")
    at = host.find(b".amazonaws.com")
    if at < 0 or not ours.scope:
        return
    labels = host[:at].split(b".")
    region = [label for label in labels[-2:] if _is_region(label)]
    if region and region[-1] != ours.scope[1]:
        yield ("scope-region", "region", ours.scope[1], region[-1], _LIKELY)
    rest = [label for label in labels if label not in region]
    service = rest[-1] if rest else b""
    if str(service, "utf-8") + " " in _SERVICES and service != ours.scope[2]:
        yield ("scope-service", "service", ours.scope[2], service, _LIKELY)


def _is_region(label):
    """us-east-1, ap-southeast-3, us-gov-west-1."""
    parts = label.split(b"-")
    return len(parts) in (3, 4) and len(parts[0]) == 2 and parts[-1].isdigit()


def _sent(ours, said):
    """What was sent against what was signed."""
    key = ours.access_key_id or b""
    if key.startswith(b"ASIA") and ours.session_token is None:
        yield ("token-missing", "x-amz-security-token", b"", b"", _LIKELY)
    if ours.sent is None:
        return
    signed = ours.canonical.signed_headers.split(b";")
    names = [name for name, _ in ours.sent]
    for name in signed:
        if name not in names:
            yield ("header-dropped", str(name, "utf-8"), name, b"", _LIKELY)
    for name in names:
        if name.startswith(b"x-amz-") and name not in signed:
            cause = "token-after-signing" if name == b"x-amz-security-token" else "header-added"
            yield (cause, str(name, "utf-8"), b"", name, _LIKELY)
    for name, value in ours.sent:
        line = ours.canonical.header(name)
        if line is not None and line.split() != value.split() and names.count(name) == 1:
            one, other = name + b":" + line, name + b":" + value
            yield ("header-changed", str(name, "utf-8"), one, other, _LIKELY)


def _canonical(ours, said):
    """Is our canonical request one at all?"""
    path, query = ours.canonical.path, ours.canonical.query
    is_s3 = bool(ours.scope) and ours.scope[2] in S3_SERVICES
    if path != uri_recode(path, True):
        yield ("path-not-encoded", "path", path, uri_recode(path, True), _LIKELY)
    elif is_s3 and path != _decoded_once(path):
        yield ("path-encoded-twice", "path", path, _decoded_once(path), _POSSIBLE)
    pairs = query.split(b"&") if query else []
    for pair in pairs:
        name, equals, value = pair.partition(b"=")
        if not equals or uri_recode(name) != name or uri_recode(value) != value:
            yield ("query-encoding", str(name, "utf-8"), pair, b"", _LIKELY)
    if [pair.split(b"=", 1) for pair in pairs] != sorted([pair.split(b"=", 1) for pair in pairs]):
        yield ("query-order", "query", query, b"", _LIKELY)
    names = ours.canonical.signed_headers.split(b";")
    if names != sorted(names) or names != [name for name, _ in ours.canonical.headers]:
        yield ("signed-headers", "SignedHeaders", ours.canonical.signed_headers, b"", _LIKELY)


def _decoded_once(path):
    """Return path with %25XY made %XY: what it was before it was encoded a second time."""
    parts = path.split(b"%25")
    out = [parts[0]]
    for part in parts[1:]:
        is_escape = len(part) > 1 and not part[:2].upper().strip(b"0123456789ABCDEF")
        out.append((b"%" if is_escape else b"%25") + part)
    return b"".join(out)


def _host(ours, said):
    host = ours.canonical.header(b"host") or b""
    if host[-4:] == b":443" or host[-3:] == b":80":
        yield ("host-port", "host", host, without_port(host), _LIKELY)
    elif without_port(host) != host:
        yield ("host-port", "host", host, without_port(host), _POSSIBLE)


def _hops(ours, said):
    """Signed headers that proxies rewrite."""
    for name, value in ours.canonical.headers:
        if not is_signed(name, ()):
            line = name + b":" + value
            yield ("header-changed", str(name, "utf-8"), line, b"", _LIKELY)


def suspects(ours):
    """Return [(cause, field)] of what nobody can tell apart without the server's word."""
    canonical = ours.canonical
    in_url = presigned(canonical)
    host = canonical.header(b"host") or b""
    found = [("secret", None), ("host", "host")]
    if without_port(host) != host:
        found.append(("host-port", "host"))
    if len([name for name, _ in canonical.headers if name[:6] not in (b"host", b"x-amz-")]):
        found.append(("header-changed", None))
    if in_url:
        found.append(("url-altered", None))
    else:
        found.append(("method", "method"))
        if canonical.query:
            found.extend((("query", None), ("query-encoding", None)))
    if b"%" in canonical.path:
        found.append(("path-encoded-twice", "path"))
    return found


def guess(ours, wanted):
    """Return the one change of our canonical request whose SHA-256 is `wanted` (64 hex), or None.

    For servers that show the string to sign alone. Cost: a SHA-256 of the request for each guess.
    """
    text = ours.canonical_request
    for cause, field, old, new in _variations(ours.canonical):
        at = text.find(old)
        if at >= 0 and sha256_hex(text[:at] + new + text[at + len(old) :]) == wanted:
            return (cause, field, old.strip(), new.strip())
    return None


def _variations(canonical):
    path, host = canonical.path, canonical.header(b"host") or b""
    yield ("path-encoded-twice", "path", path, uri_encode(path, True))
    try:
        yield ("path-encoded-twice", "path", path, _decoded_once(path))
        yield ("path-not-encoded", "path", path, uri_recode(path, True))
    except RequestError:
        return
    bare = without_port(host)
    for other in (bare, bare + b":443", bare + b":80"):
        yield ("host-port", "host", b"host:" + host + b"\n", b"host:" + other + b"\n")
    for method in (b"GET", b"HEAD", b"PUT", b"POST"):
        yield ("method", "method", canonical.method + b"\n", method + b"\n")
    end = canonical.signed_headers + b"\n" + canonical.payload_hash
    for other in (b"UNSIGNED-PAYLOAD", sha256_hex(b"")):
        new = canonical.signed_headers + b"\n" + other
        yield ("payload-hash", "x-amz-content-sha256", end, new)
    pairs = canonical.query.split(b"&")
    line = b"\n" + canonical.query + b"\n"
    yield ("query-order", "query", line, b"\n" + b"&".join(sorted(pairs)) + b"\n")
