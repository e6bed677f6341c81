"""XML that is sent: made piece by piece, twice, once to hash it and once to send it."""

import hashlib
from binascii import b2a_base64

from ..errors import RequestError
from .options import base64_of_hex
from .pieces import PiecesBody


def sealed_xml(s3, make, digests=False):
    """Operation. Return (body, headers, payload_hash) of XML that make() yields in pieces.

    digests: add the checksums that S3 wants of some requests: MD5 where this port has it, which
    every server takes; SHA-256 where the server takes that, or there is no MD5.
    """
    body = PiecesBody(make)
    payload_hash, body.length = yield from s3.exchange.hash(body.open())
    headers = [("content-type", "application/xml")]
    has_md5 = hasattr(hashlib, "md5")
    if digests and ("sha256" in s3.profile.checksums.split() or not has_md5):
        headers.append(("x-amz-checksum-sha256", base64_of_hex(payload_hash)))
    if digests and has_md5:
        md5 = hashlib.md5()
        for piece in make():
            md5.update(piece)
        headers.append(("content-md5", b2a_base64(md5.digest()).decode().strip()))
    return body, headers, payload_hash


def escape(text):
    """Return text as XML character data, bytes. Raises: RequestError for what XML 1.0 (§2.2) can't
    hold."""
    for byte in text.encode():
        if byte < 32 and byte not in (9, 10, 13):
            raise RequestError("key", "holds a control byte, which XML can't carry")
    for character, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        if character in text:
            text = text.replace(character, name)
    return text.encode()
