"""Is what would be sent what was signed? Asked of the head alone, just before it goes out.

Two questions: is the head, byte for byte, what the request is written as; and does the head, read
by a parser that shares nothing with what wrote it, give the string that was signed.
It runs before each request, so a head is read once, line by line, and hashed as it is read.
"""

from binascii import hexlify
from hashlib import sha256

from .canonical import (
    canonical_header_value,
    canonical_query_string,
    canonical_uri,
    query_pairs,
)
from .encode import UNRESERVED_SLASH, unescape_at
from .errors import TamperError

_ALGORITHM = b"AWS4-HMAC-SHA256"
_ONCE = (b"authorization", b"content-length", b"x-amz-content-sha256", b"x-amz-date")
_CREDENTIAL = b"AWS4-HMAC-SHA256 Credential="
_NAMES = b", SignedHeaders="
_SIGNATURE = b", Signature="


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
    method, target, headers = _take_apart(bytes(prepared.head()))
    cut = target.find(b"?")
    path, pairs = (target, ()) if cut < 0 else (target[:cut], query_pairs(target[cut + 1 :]))
    said = headers.get(b"authorization")
    if said is None:
        date, names, signature, credential, pairs = _from_query(pairs)
    else:
        date = headers.get(b"x-amz-date")
        names, signature, credential = _from_header(said, date)
    key_id, _, scope = credential.partition(b"/")
    if key_id != prepared.access_key_id or signature != prepared.signature:
        raise TamperError("authorization", "is not the one that was signed")
    payload_hash = prepared.payload_hash()
    _check_body(headers, prepared.content_length() or 0, payload_hash)
    signer = prepared.signer
    # Most paths are canonical as they are: two calls less, 100 us on the RP2040.
    if path.strip(UNRESERVED_SLASH) or signer.normalize_path and (b"//" in path or b"/." in path):
        path = canonical_uri(path, signer.normalize_path, signer.double_encode)
    if signer.token_after_signing and pairs:
        pairs = [pair for pair in pairs if pair[0] != b"X-Amz-Security-Token"]
    hasher = sha256(method)
    feed = hasher.update
    feed(b"\n")
    feed(path)
    feed(b"\n")
    if pairs:
        feed(canonical_query_string(pairs))
    feed(b"\n")
    _feed_headers(feed, headers, names, signer.token_after_signing)
    feed(payload_hash)
    if (
        hexlify(hasher.digest()) != prepared.request_hash()
        or date != prepared.amz_date()
        or scope != prepared.credential_scope()
    ):
        raise TamperError("head", "does not give the string that was signed")


def _take_apart(head):
    """Return (method, target, {lower-case name: value as sent}) of a head, bytes.

    Values of one name are joined with `,`; of those that tell a server how to read the request
    there may be but one.
    """
    # A line ends wherever any server may see an end; then the lengths tell that each was CR LF.
    lines = head.splitlines()
    length = 2 * len(lines) + len(lines[0])
    words = lines.pop(0).split(b" ")
    end = lines.pop()
    headers = {}
    for line in lines:
        length += len(line)
        name, colon, value = line.partition(b": ")
        if not name or not colon:
            raise TamperError("head", "has a line that is no header")
        headers[name.lower()] = value
    if len(headers) != len(lines):
        headers = _joined(lines)
    if length != len(head) or end or len(words) != 3 or words[2] != b"HTTP/1.1":
        raise TamperError("head", "is not an HTTP/1.1 request head")
    return words[0], words[1], headers


def _joined(lines):
    """Return {lower-case name: value} where a name is there twice."""
    headers = {}
    for line in lines:
        name, _, value = line.partition(b": ")
        name = name.lower()
        if name in headers:
            if name in _ONCE:
                raise TamperError(name.decode(), "is there twice")
            before = canonical_header_value(headers[name])
            value = before + b"," + canonical_header_value(value)
        headers[name] = value
    return headers


def _check_body(headers, sealed_length, payload_hash):
    """Raise TamperError unless the headers say of the body what was sealed."""
    length = headers.get(b"content-length")
    if length is None:
        length = b"0"
    elif not length.isdigit():
        length = length.lstrip(b" ")  # as a length has it
    if not length.isdigit() or int(length) != sealed_length:
        raise TamperError("content-length", "is not the length that was sealed")
    if headers.get(b"x-amz-content-sha256", payload_hash) != payload_hash:
        raise TamperError("x-amz-content-sha256", "is not the payload hash that was signed")


def _from_header(said, date):
    """Return (names of the signed headers, signature, credential) of an Authorization."""
    if date is None:
        raise TamperError("authorization", "has no date beside it")
    cut = said.find(_NAMES)
    if cut < 0 or not said.startswith(_CREDENTIAL) or said[-76:-64] != _SIGNATURE:
        raise TamperError("authorization", "is not complete, or not of this algorithm")
    return said[cut + 16 : -76], said[-64:], said[28:cut]


def _from_query(pairs):
    """Return (date, names, signature, credential, the pairs that are signed) of a query."""
    found = {}
    kept = []
    for name, value in pairs:
        if name.startswith(b"X-Amz-"):
            found[name] = _decode(value)
        if name != b"X-Amz-Signature":
            kept.append((name, value))
    if found.get(b"X-Amz-Algorithm") != _ALGORITHM:
        raise TamperError("authorization", "is not complete, or not of this algorithm")
    try:
        date, names = found[b"X-Amz-Date"], found[b"X-Amz-SignedHeaders"]
        return date, names, found[b"X-Amz-Signature"], found[b"X-Amz-Credential"], kept
    except KeyError:
        raise TamperError("authorization", "is not complete, or not of this algorithm")


def _feed_headers(feed, headers, names, token_unsigned):
    """Give the canonical headers and their names to a hash. headers: emptied of what is signed."""
    last = b""
    for name in names.split(b";"):
        value = headers.pop(name, None)
        if value is None or name <= last:
            raise TamperError("authorization", "names headers that are not sent, or not in order")
        last = name
        feed(name)
        feed(b":")
        feed(canonical_header_value(value))
        feed(b"\n")
    for name in headers:
        if name.startswith(b"x-amz-") and not (token_unsigned and name == b"x-amz-security-token"):
            raise TamperError(name.decode(), "is sent, but was not signed")
    feed(b"\n")
    feed(names)
    feed(b"\n")


def _decode(value):
    """Return percent-encoded bytes decoded."""
    if b"%" not in value:
        return value
    out = bytearray()
    at = 0
    while at < len(value):
        byte = unescape_at(value, at)
        out.append(value[at] if byte < 0 else byte)
        at += 1 if byte < 0 else 3
    return bytes(out)
