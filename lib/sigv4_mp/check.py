"""Is what would be sent what was signed? Asked of the head alone, just before it goes out.

Two questions: is the head, byte for byte, what the request is written as; and does the head, read
by a parser that shares nothing with what wrote it, give the string that was signed.
"""

from .canonical import (
    canonical_headers,
    canonical_query_string,
    canonical_uri,
    query_pairs,
)
from .digest import sha256_hex
from .encode import unescape_at
from .errors import TamperError


def check(prepared):
    """Return None if the head of a just sealed PreparedRequest is what was signed.

    Raises: TamperError. Cost: the head written anew, its parsing, one SHA-256 of the canonical
    request.
    """
    if prepared.head() != prepared.composed():
        raise TamperError("head", "changed after it was sealed; seal the request again")
    check_signed(prepared)


def check_signed(prepared):
    """Return None if the head, read anew, gives what was signed. Raises: TamperError."""
    parsed = _Head(bytes(prepared.head()))
    parsed.read_authentication()
    if parsed.access_key_id != prepared.access_key_id or parsed.signature != prepared.signature:
        raise TamperError("authorization", "is not the one that was signed")
    length = parsed.one(b"content-length") or b"0"
    if not length.isdigit() or int(length) != (prepared.content_length() or 0):
        raise TamperError("content-length", "is not the length that was sealed")
    if parsed.one(b"x-amz-content-sha256") not in (None, prepared.payload_hash()):
        raise TamperError("x-amz-content-sha256", "is not the payload hash that was signed")
    if parsed.string_to_sign(prepared) != prepared.string_to_sign():
        raise TamperError("head", "does not give the string that was signed")


class _Head:
    """A request head, taken apart again."""

    def __init__(self, head):
        lines = head.split(b"\r\n")
        words = lines[0].split(b" ")
        if lines[-2:] != [b"", b""] or len(words) != 3 or words[2] != b"HTTP/1.1":
            raise TamperError("head", "is not an HTTP/1.1 request head")
        self.method = words[0]
        cut = words[1].find(b"?")
        self.path = words[1] if cut < 0 else words[1][:cut]
        self._query = b"" if cut < 0 else words[1][cut + 1 :]
        self.headers = []
        for line in lines[1:-2]:
            colon = line.find(b": ")
            if colon <= 0 or b"\n" in line or b"\r" in line:
                raise TamperError("head", "has a line that is no header")
            value = line[colon + 2 :]
            if value and (value[0] == 0x20 or value[-1] == 0x20):  # as a length has it
                value = value.strip()
            self.headers.append((line[:colon].lower(), value))

    def one(self, name):
        """Return the value of a header, None without it. Raises: TamperError if it is repeated."""
        found = [value for other, value in self.headers if other == name]
        if len(found) > 1:
            raise TamperError(name.decode(), "is there twice")
        return found[0] if found else None

    def read_authentication(self):
        """Note who signed what, from the header or from the query, but not from both."""
        self.pairs = query_pairs(self._query)
        found = {}
        value = self.one(b"authorization")
        if value is None:
            self._read_query(found)
        else:
            algorithm, _, rest = value.partition(b" ")
            for part in rest.split(b", "):
                name, _, text = part.partition(b"=")
                found[name] = text
            found[b"Date"] = self.one(b"x-amz-date")
            found[b"Algorithm"] = algorithm
        try:
            self.date = found[b"Date"]
            self.signed = found[b"SignedHeaders"].split(b";")
            self.signature = found[b"Signature"]
            self.access_key_id, _, self.scope = found[b"Credential"].partition(b"/")
        except KeyError:
            raise TamperError("authorization", "is not complete")
        if found.get(b"Algorithm") != b"AWS4-HMAC-SHA256" or self.date is None:
            raise TamperError("authorization", "is not of this algorithm, or has no date")

    def _read_query(self, found):
        kept = []
        for name, value in self.pairs:
            if name.startswith(b"X-Amz-"):
                found[name[6:]] = _decode(value)
            if name != b"X-Amz-Signature":
                kept.append((name, value))
        self.pairs = kept

    def string_to_sign(self, prepared):
        """Return the string to sign, bytes, that this head stands for."""
        signer = prepared.signer
        unsigned_token = signer.token_after_signing
        kept = []
        for name, value in self.headers:
            if name in self.signed:
                kept.append((name, value))
            elif name.startswith(b"x-amz-") and not (
                unsigned_token and name == b"x-amz-security-token"
            ):
                raise TamperError(name.decode(), "is sent, but was not signed")
        pairs = self.pairs
        if unsigned_token:
            pairs = [pair for pair in pairs if pair[0] != b"X-Amz-Security-Token"]
        headers = canonical_headers(kept)
        if [name for name, _ in headers] != self.signed:
            raise TamperError("authorization", "names headers that are not sent")
        pieces = [
            self.method,
            canonical_uri(self.path, signer.normalize_path, signer.double_encode),
            canonical_query_string(pairs),
        ]
        pieces.extend([name + b":" + value for name, value in headers])
        pieces.extend((b"", b";".join(self.signed), prepared.payload_hash()))
        hashed = sha256_hex(b"\n".join(pieces))
        return b"\n".join((b"AWS4-HMAC-SHA256", self.date, self.scope, hashed))


def _decode(value):
    """Return percent-encoded bytes decoded."""
    out = bytearray()
    at = 0
    while at < len(value):
        byte = unescape_at(value, at)
        out.append(value[at] if byte < 0 else byte)
        at += 1 if byte < 0 else 3
    return bytes(out)
