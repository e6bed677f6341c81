"""What a caller may say of an object that is written: metadata, tags, storage class, conditions.

Source: S3 API reference, PutObject, CopyObject, CreateMultipartUpload; RFC 9110 §13 (conditions).
"""

from binascii import b2a_base64, unhexlify

from ..encode import uri_encode
from ..errors import RequestError


def object_headers(
    headers=(),
    content_type=None,
    metadata=None,
    tagging=None,
    storage_class=None,
    if_none_match=None,
    if_match=None,
):
    """Return the headers, a list of (name, value), that say all this.

    metadata: dict, sent as x-amz-meta-*. tagging: dict. if_none_match: "*" writes only where there
    is no object of that name. if_match: an ETag with its quotes; writes only over that object.
    """
    headers = list(headers.items() if hasattr(headers, "items") else headers)
    if if_none_match not in (None, "*"):
        raise RequestError("if_none_match", 'must be "*": S3 takes nothing else for a write')
    if if_none_match and if_match:
        raise RequestError("if_match", "and if_none_match can't both hold")
    for name, value in (
        ("content-type", content_type),
        ("x-amz-storage-class", storage_class),
        ("x-amz-tagging", tagging and _tags(tagging)),
        ("if-none-match", if_none_match),
        ("if-match", if_match),
    ):
        if value is not None:
            headers.append((name, value))
    for name, value in (metadata or {}).items():
        headers.append(("x-amz-meta-" + name, value))
    return headers


def _tags(tags):
    """Return tags as S3 wants them: a query string."""
    if not hasattr(tags, "items") or len(tags) > 10:
        raise RequestError("tagging", "must be a dict of at most 10 tags")
    return b"&".join([uri_encode(name) + b"=" + uri_encode(tags[name]) for name in sorted(tags)])


def base64_of_hex(digits):
    """Return hex digits as base64, str: a payload hash as S3's checksum headers want it."""
    return b2a_base64(unhexlify(digits)).decode().strip()


def check_scheme(mode, scheme):
    """Refuse to send a body that nothing protects. Raises: RequestError naming mode."""
    if mode.startswith("unsigned") and scheme != "https":
        text = 'leaves the body unprotected over plain HTTP; use https, or mode "chunked"'
        raise RequestError("mode", text)
