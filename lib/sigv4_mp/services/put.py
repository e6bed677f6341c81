"""How an object's body travels: read twice and signed by its hash, or read once (streaming.py)."""

from ..digest import UNSIGNED_PAYLOAD
from ..errors import RequestError
from ..net.body import open_reader
from .bodies import FileBody, StreamBody
from .options import base64_of_hex, check_scheme


def put_hashed(s3, url, body, headers, progress, content_length, checksum):
    """Operation. PUT a body that is read twice; return the Response. See S3.put_object."""
    if checksum not in (None, "sha256"):
        raise RequestError("checksum", "must be sha256 for a body that is hashed first")
    reader, opened = open_reader(body)
    try:
        if content_length is None:
            body = FileBody(reader)
            first = reader
        else:
            body = StreamBody(reader, content_length)
            if not body.rewindable:
                raise RequestError("body", "can be read only once; choose a mode")
            first = body.open()
        payload_hash, length = yield from s3.exchange.hash(first)
        if content_length not in (None, length):
            raise RequestError("content_length", "is more than the %d bytes there are" % length)
        body.length = length
        if checksum:
            headers.append(("x-amz-checksum-sha256", base64_of_hex(payload_hash)))
        return (yield from s3.request("PUT", url, headers, (), None, progress, body, payload_hash))
    finally:
        if opened:
            reader.close()


def put_once(
    s3, url, body, headers, progress, payload_hash, content_length, mode, checksum, buffer
):
    """Operation. PUT a body that is read once; return the Response. See S3.put_object."""
    reader, opened = open_reader(body)
    try:
        if content_length is None:
            content_length = FileBody(reader).measure()
        body = StreamBody(reader, content_length)
        if mode == "unsigned":
            check_scheme(mode, s3.scheme)
            payload_hash = UNSIGNED_PAYLOAD
        elif mode is not None:
            from .streaming import Plan  # only those who stream chunks pay for it

            plan = Plan(mode, checksum, s3.scheme, buffer, content_length)
            payload_hash = plan.payload_hash
            headers.extend(plan.headers)
            body = plan.body(body)
        return (yield from s3.request("PUT", url, headers, (), None, progress, body, payload_hash))
    finally:
        if opened:
            reader.close()
