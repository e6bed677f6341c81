"""Copying within the service, and deleting many at once.

Source: S3 API reference, CopyObject and DeleteObjects.
"""

from collections import namedtuple

from ..encode import uri_encode
from ..errors import RequestError
from .answer import Answer
from .bucket import check_bucket
from .options import object_headers
from .xmlbody import escape, sealed_xml

MOST = 1000
"""Keys that one DeleteObjects may name."""

NotDeleted = namedtuple("NotDeleted", ("key", "code", "message"))
"""An object that is still there, and why; all str."""


def copy_object(
    s3, source_key, key, source_bucket=None, source_if_match=None, metadata=None, **options
):
    """Operation. Copy an object on the server; return the Response, `.etag` the copy's.

    source_bucket: str; None: the client's own. source_if_match: copy only that ETag.
    metadata: dict that replaces the source's, or None to take it over. options: as for
    object_headers(); a new content_type needs metadata as well.
    Raises: ServiceError, also where a 200 tells of it (the service found out late).
    """
    if source_bucket is None:
        source_bucket = s3.bucket
    check_bucket(source_bucket)
    source = uri_encode(source_bucket) + b"/" + uri_encode(source_key, safe_slash=True)
    headers = object_headers(metadata=metadata, **options)
    headers.append(("x-amz-copy-source", b"/" + source))
    if metadata is not None:
        headers.append(("x-amz-metadata-directive", "REPLACE"))
    if options.get("tagging") is not None:
        headers.append(("x-amz-tagging-directive", "REPLACE"))
    if source_if_match is not None:
        headers.append(("x-amz-copy-source-if-match", source_if_match))
    return _copy(s3, s3.url(key), headers)


def _copy(s3, url, headers):
    answer = Answer("CopyObjectResult")
    response = yield from s3.request("PUT", url, headers, (), answer.on_head, on_end=answer.on_end)
    response.headers["etag"] = answer.need("ETag")
    return response


def delete_objects(s3, keys):
    """Operation. Delete up to 1000 objects; return a list of NotDeleted, empty if all are gone.

    keys: list of str. One that does not exist counts as deleted.
    Raises: RequestError, ServiceError when the request as a whole was refused.
    """
    keys = list(keys)
    if not 1 <= len(keys) <= MOST:
        raise RequestError("keys", "must be 1 to %d" % MOST)
    for key in keys:
        s3.url(key)  # checks it
        if not isinstance(key, str):
            raise RequestError("key", "must be str here; delete_object takes bytes")
        escape(key)
    return _delete(s3, keys)


def _delete(s3, keys):
    body, headers, payload_hash = yield from sealed_xml(s3, lambda: _delete_xml(keys), True)
    failed = []
    fields = {}

    def on_element(name, text):
        if name == "Error":
            code = fields.get("Code", "")
            failed.append(NotDeleted(fields.get("Key", ""), code, fields.get("Message", "")))
            fields.clear()
        elif name.startswith("Error/"):
            fields[name[6:]] = text

    answer = Answer("DeleteResult", on_element)

    def on_head(response):
        failed.clear()
        fields.clear()
        return answer.on_head(response)

    yield from s3.request(
        "POST",
        s3.bucket_url,
        headers,
        (("delete", ""),),
        on_head,
        None,
        body,
        payload_hash,
        answer.on_end,
    )
    return failed


def _delete_xml(keys):
    yield b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>'
    for key in keys:
        yield b"<Object><Key>"
        yield escape(key)
        yield b"</Key></Object>"
    yield b"</Delete>"
