"""What a recorded request head stands for: a server's log, a recording proxy, a client's debug log.

With the head that arrived, `explain` needs no word of the server's: what left is compared with it.
With the head that left, it needs no SealedRequest.
"""

from .canonical import canonical_headers, canonical_query_string, canonical_uri, query_pairs
from .digest import EMPTY_SHA256, sha256_hex
from .encode import to_bytes
from .errors import RequestError
from .explain_clock import S3_SERVICES
from .explain_ours import Ours


class Head:
    """A head, taken apart: method, path, query, headers [(lower-case name, value)], all bytes.

    credential, names, signature: of the Authorization header or the query, bytes, or b"".
    """

    def __init__(self, head):
        """head: str or bytes, from the method to the empty line. Raises: RequestError."""
        head = to_bytes(head, "head").replace(b"\r\n", b"\n")
        lines = head.split(b"\n\n")[0].split(b"\n")
        words = lines[0].split(b" ")
        if len(words) < 2 or words[1][:1] != b"/":
            raise RequestError("head", "is no HTTP request head")
        self.method = words[0]
        self.path, _, query = words[1].partition(b"?")
        # `+` is a space to most servers; the signer writes %2B for a plus.
        pairs = query_pairs(query.replace(b"+", b"%20"))
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            self.headers.append((name.strip().lower(), value.strip()))
        self.in_query = b"authorization" not in [name for name, _ in self.headers]
        self.pairs = [pair for pair in pairs if pair[0] != b"X-Amz-Signature"]
        self._take_authentication(dict(pairs))

    def _take_authentication(self, found):
        if self.in_query:
            self.credential = found.get(b"X-Amz-Credential", b"").replace(b"%2F", b"/")
            self.names = found.get(b"X-Amz-SignedHeaders", b"").replace(b"%3B", b";")
            self.signature = found.get(b"X-Amz-Signature", b"")
            self.date = found.get(b"X-Amz-Date", b"")
            return
        text = dict(self.headers)[b"authorization"]
        self.credential, self.names, self.signature = [
            text.partition(name + b"=")[2].partition(b",")[0].strip()
            for name in (b"Credential", b"SignedHeaders", b"Signature")
        ]
        self.date = dict(self.headers).get(b"x-amz-date", b"")

    def canonical_request(self, is_s3, names, payload_hash):
        """Return the canonical request, bytes, by the rules of S3 or of all other services."""
        kept = [pair for pair in self.headers if pair[0] in names.split(b";")]
        kept = canonical_headers(kept)
        payload_hash = dict(self.headers).get(b"x-amz-content-sha256", payload_hash)
        pieces = [
            self.method,
            canonical_uri(self.path, not is_s3, not is_s3),
            canonical_query_string(self.pairs),
        ]
        pieces.extend([name + b":" + value for name, value in kept])
        pieces.extend((b"", b";".join([name for name, _ in kept]), payload_hash))
        return b"\n".join(pieces)


def heard(head, ours):
    """Return (canonical request, signature or None), bytes, of a head as it arrived.

    ours: an Ours, for what the head does not say: the service, the hash of the body.
    Raises: RequestError.
    """
    head = Head(head)
    is_s3 = bool(ours.scope) and ours.scope[2] in S3_SERVICES
    names = head.names or ours.canonical.signed_headers
    text = head.canonical_request(is_s3, names, ours.canonical.payload_hash)
    return text, head.signature or None


def ours_of(head, payload_hash=None):
    """Return the Ours of a head as it left, whoever signed it: by AWS's rules, from what it says.

    head: str or bytes; a body may follow it. payload_hash: bytes[64] or a sentinel, where the head
    has no x-amz-content-sha256; None hashes that body. Raises: RequestError for an unsigned head.
    """
    data = to_bytes(head, "head")
    head = Head(data)
    scope = head.credential.split(b"/")[-4:]
    if len(scope) != 4 or not head.names or not head.date:
        raise RequestError("head", "has no signature, or no date")
    is_s3 = scope[2] in S3_SERVICES
    if payload_hash is None:
        body = data.partition(b"\r\n\r\n")[2]
        payload_hash = sha256_hex(body) if body else EMPTY_SHA256.encode()
        if head.in_query and is_s3:
            payload_hash = b"UNSIGNED-PAYLOAD"
    text = head.canonical_request(is_s3, head.names, payload_hash)
    lines = (b"AWS4-HMAC-SHA256", head.date, b"/".join(scope), sha256_hex(text))
    return Ours(text, b"\n".join(lines), head.signature, None, None, head.headers)
