"""What may be shown: every text that `explain` prints passes through here.

Blotted out: session tokens, SSE-C keys, cookies, passwords and the like by their names; signatures
but for eight digits; access key ids but for both ends; and any of the request's own token and
signature wherever else they stand. The secret is never known to `explain` at all.
"""

_SECRET = (b"token", b"secret", b"passw", b"cookie", b"customer-key", b"api-key", b"authorization")
_PLAIN = (b"continuation-token", b"x-amz-content-sha256")
_SIGNATURE = b"signature"
_PIECE = 12  # characters of a secret that are enough to take them out
_LONG = 100  # an unbroken run of letters and digits is shown no longer than this
_RUN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=%_-"


def is_secret(name):
    """Return whether the value of a header or parameter (bytes, any case) must not be shown."""
    name = name.lower()
    if name in _PLAIN:
        return False
    for word in _SECRET:
        if word in name:
            return True
    return False


def value(name, data):
    """Return the value of a header or parameter as it may be shown, bytes."""
    if is_secret(name):
        return b"[%d bytes, not shown]" % len(data)
    name = name.lower()
    if _SIGNATURE in name and b"signedheaders" not in name:
        return data[:8] + b"..."
    if name == b"x-amz-credential":
        key, _, scope = data.replace(b"%2F", b"/").partition(b"/")
        return access_key_id(key) + b"/" + scope
    return data


def access_key_id(data):
    """Return an access key id with its middle left out, bytes."""
    return data if len(data) < 10 else data[:4] + b"..." + data[-4:]


def query(text):
    """Return a query as it may be shown, bytes."""
    pairs = []
    for pair in text.split(b"&"):
        name, equals, data = pair.partition(b"=")
        pairs.append(name + equals + value(name, data))
    return b"&".join(pairs)


def canonical_request(text):
    """Return the lines of a canonical request as they may be shown: list of bytes."""
    lines = text.split(b"\n")
    for at in range(2, len(lines)):
        name, colon, data = lines[at].partition(b":")
        if at == 2:
            lines[at] = query(lines[at])
        elif colon:
            lines[at] = name + colon + value(name, data)
    return lines


def head(text):
    """Return the lines of a request head as they may be shown: list of bytes."""
    lines = text.split(b"\r\n\r\n")[0].split(b"\r\n")
    target, mark, rest = lines[0].partition(b"?")
    parameters, space, version = rest.partition(b" ")
    lines[0] = target + mark + query(parameters) + space + version
    for at in range(1, len(lines)):
        name, colon, data = lines[at].partition(b":")
        lines[at] = name + colon + b" " + value(name, data.strip())
    return lines


def scrub(text, known=()):
    """Return text (str) without any piece of known (bytes), and long runs cut: the last sieve.

    Cost: a search of each secret for each character of text.
    """
    for secret in known:
        if secret and len(secret) >= _PIECE:
            for form in forms(secret):
                text = _without_pieces(text, form)
    if len(text) < _LONG:
        return text
    return _without_runs(text)


def _without_pieces(text, secret):
    """Take out whatever of secret is _PIECE characters or longer: a cut token is one, too."""
    out = []
    start = at = 0
    while at + _PIECE <= len(text):
        end = at + _PIECE
        if text[at:end] in secret:
            while end < len(text) and text[at : end + 1] in secret:
                end += 1
            out.append(text[start:at] + "[not shown]")
            start = at = end
        else:
            at += 1
    return "".join(out) + text[start:]


def forms(secret):
    """Yield the spellings, str, in which a token or signature may stand in a text."""
    from .encode import uri_encode

    plain = str(secret, "utf-8")
    encoded = str(uri_encode(secret), "utf-8")
    yield plain
    if encoded != plain:
        yield encoded
        yield encoded.replace("%", "%25")
        yield plain.replace("&", "&amp;")
        yield plain.replace("/", "\\/")


def _without_runs(text):
    """Cut what looks like a token, wherever it stands."""
    data = text.encode()
    out = bytearray()
    start = at = 0
    while at <= len(data):
        if at == len(data) or data[at] not in _RUN:
            if at - start >= _LONG:
                out.extend(data[start : start + 16])
                out.extend(b"[%d more, not shown]" % (at - start - 16))
            else:
                out.extend(data[start:at])
            out.extend(data[at : at + 1])
            start = at + 1
        at += 1
    return str(out, "utf-8")
