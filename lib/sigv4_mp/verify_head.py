"""A request head from somebody who is not trusted, taken apart within bounds.

Nothing is repaired: two parsers that mend the same bytes differently are how requests are smuggled.
A line ends in CRLF; a bare CR or LF, a folded line, white space before a colon, and any control
byte but HTAB are refused. Source: RFC 9110 §5, RFC 9112 §2 to §6.
"""

from .encode import PRINTABLE, UNRESERVED, VISIBLE, only, pairs_of, to_bytes

_METHOD = b"ETGPUSDLOAHCBFIJKMNQRVWXYZ-_"
_TOKEN = UNRESERVED + b"!#$%&'*+^`|"  # RFC 9110 §5.6.2
# Read by whoever serves the request: a second one, or a first one that was put before it, would let
# two readers see two requests. Each x-amz-* is among them, too.
_ONCE = {
    b"authorization",
    b"content-encoding",
    b"content-length",
    b"content-md5",
    b"content-type",
    b"date",
    b"expect",
    b"host",
    b"range",
    b"transfer-encoding",
}


class Limits:
    """What a Verifier takes at most. Derive a class, or change an instance, for others.

    head: bytes of the whole head; headers: how many; name, value, target, credential: bytes of one;
    query_pairs, signed_headers: how many; body: bytes on the wire.
    chunk_line: bytes of a line between chunks; min_chunk: bytes of a signed chunk at least, save
    the last (S3's rule, and ours: each costs an HMAC).
    """

    head = 16384
    headers = 64
    name = 128
    value = 8192
    target = 12288  # a URL with a session token of 4 KB, much of it encoded
    credential = 256
    query_pairs = 64
    signed_headers = 64
    body = 5368709120  # S3's own limit for one request
    chunk_line = 128
    min_chunk = 8192


class Head:
    """The parts of a request head, as a server of your own may have them.

    method, target: str or bytes, the target as in the request line. headers: (name, value) pairs,
    str or bytes, *every* one that came, in their order.
    """

    def __init__(self, method, target, headers):
        self.method = to_bytes(method, "method")
        self.target = to_bytes(target, "target")
        self.headers = [
            (to_bytes(name, "headers").lower(), to_bytes(value, "headers").strip(b" \t"))
            for name, value in pairs_of(headers, "headers")
        ]

    def one(self, name):
        """Return the value of the header of that lower-case name, bytes, or None."""
        for other, value in self.headers:
            if other == name:
                return value
        return None


def read_head(data, verifier):
    """Return a Head that keeps the rules of the grammar and the verifier's limits.

    data: bytes-like, up to and with the empty line; or a Head. Raises: VerifyError.
    """
    head = data if isinstance(data, Head) else _parse(data, verifier)
    limits = verifier.limits
    if len(head.headers) > limits.headers:
        raise verifier.refusal("limit", "headers")
    if not head.method or len(head.method) > 32 or not only(head.method, _METHOD):
        raise verifier.refusal("head", "method")
    _check_target(head.target, verifier)
    seen = set()
    for name, value in head.headers:
        _check_field(name, value, verifier)
        if name in _ONCE or name.startswith(b"x-amz-"):
            if name in seen:
                raise verifier.refusal("duplicate", name)
            seen.add(name)
    return head


# request-line = method SP request-target SP HTTP-version               RFC 9112 §3
def _parse(data, verifier):
    if len(data) > verifier.limits.head:
        raise verifier.refusal("limit", "head")
    data = data if isinstance(data, bytes) else bytes(data)
    lines = data.count(b"\r\n")
    whole = data.find(b"\r\n\r\n") == len(data) - 4 and lines >= 2
    if not whole or data.count(b"\n") != lines or data.count(b"\r") != lines:
        raise verifier.refusal("head", "line ends")
    if lines - 2 > verifier.limits.headers:
        raise verifier.refusal("limit", "headers")
    at = data.find(b"\r\n")
    words = data[:at].split(b" ", 3)
    if len(words) != 3 or words[2] != b"HTTP/1.1":
        raise verifier.refusal("head", "request line")
    headers = []
    at += 2
    while at < len(data) - 2:
        end = data.find(b"\r\n", at)
        headers.append(_field(data, at, end, verifier))
        at = end + 2
    head = Head(words[0], words[1], ())
    head.headers = headers
    return head


# field-line = field-name ":" OWS field-value OWS                       RFC 9112 §5
def _field(data, at, end, verifier):
    colon = data.find(b":", at, end)
    if colon < 0:  # obs-fold has none either, or no name
        raise verifier.refusal("head", "header")
    return data[at:colon].lower(), data[colon + 1 : end].strip(b" \t")


def _check_field(name, value, verifier):
    limits = verifier.limits
    if len(name) > limits.name or len(value) > limits.value:
        raise verifier.refusal("limit", name)
    if not name or not only(name, _TOKEN):
        raise verifier.refusal("head", "header")
    if only(value, PRINTABLE):
        return
    for byte in value:
        if byte < 0x20 and byte != 0x09 or byte == 0x7F:
            raise verifier.refusal("head", name)
    if not _is_utf8(value):
        raise verifier.refusal("head", name)


def _check_target(target, verifier):
    if len(target) > verifier.limits.target:
        raise verifier.refusal("limit", "target")
    if target[:1] != b"/" or b"#" in target:
        raise verifier.refusal("target")
    if not only(target, VISIBLE):
        if not verifier.raw_target or not _is_utf8(target):
            raise verifier.refusal("target")
        for byte in target:
            if byte < 0x20 or byte == 0x7F:
                raise verifier.refusal("target")


def _is_utf8(data):
    try:
        data.decode()
    except UnicodeError:
        return False
    return True


def body_length(head, verifier):
    """Return how many bytes of body the head announces, or None for Transfer-Encoding."""
    length = head.one(b"content-length")
    coding = head.one(b"transfer-encoding")
    if coding is not None:
        if length is not None:  # RFC 9112 §6.1
            raise verifier.refusal("framing")
        if not verifier.transfer_encoding or coding.lower() != b"chunked":
            raise verifier.refusal("transfer-encoding")
        return None
    if length is None:
        return 0
    if not length.isdigit() or len(length) > 15:
        raise verifier.refusal("length")
    length = int(length)
    if length > verifier.limits.body:
        raise verifier.refusal("too-large")
    return length
