"""ListObjectsV2, page by page.

Source: S3 API reference, ListObjectsV2. Keys are asked for URL-encoded, because XML 1.0 can't hold
every character that a key can.
"""

from collections import namedtuple

from ..encode import unescape_at
from ..errors import ProtocolError, RequestError
from .xml import XmlReader

Entry = namedtuple("Entry", ("key", "size", "etag", "last_modified", "is_prefix"))
"""One object, or with is_prefix one common prefix (then size, etag, last_modified are None).

key: str, or bytes where it is not UTF-8. size: int. etag: str with its quotes. last_modified: str.
"""


class Listing:
    """The entries of a bucket, in order, a page at a time. finished: nothing more to fetch."""

    def __init__(self, s3, prefix, delimiter, start_after, page_size):
        if not 1 <= page_size <= 1000:
            raise RequestError("page_size", "must be 1 to 1000")
        self.finished = False
        self._s3 = s3
        self._token = None
        self._query = [("list-type", "2"), ("max-keys", str(page_size)), ("encoding-type", "url")]
        for name, value in (
            ("prefix", prefix),
            ("delimiter", delimiter),
            ("start-after", start_after),
        ):
            if value:
                self._query.append((name, value))

    def next_page(self):
        """Operation. Return the next entries, a list; empty when there are no more."""
        if self.finished:
            return []
        query = self._query
        if self._token is not None:
            query = query + [("continuation-token", self._token)]
        page = _Page()
        yield from self._s3.request("GET", self._s3.bucket_url, (), query, page.on_head)
        page.close()
        if page.token is not None and page.token == self._token:
            raise ProtocolError("the same page of the listing would come again")
        self._token = page.token
        self.finished = page.token is None
        return page.entries


class _Page:
    """Reads one <ListBucketResult>."""

    def __init__(self):
        self.entries = []
        self.token = None
        self._reader = XmlReader(self._on_element)
        self._object = {}  # fields of the <Contents> under way
        self._encoded = False
        self._truncated = False

    def on_head(self, _):
        return self._reader.feed

    def close(self):
        self._reader.close()
        if not self._truncated:
            self.token = None
        elif not self.token:
            raise ProtocolError("a truncated listing without a token")

    def _on_element(self, path, text):
        root, _, name = path.partition("/")
        if root != "ListBucketResult":
            raise ProtocolError("not a listing; is this an S3 endpoint?")
        if name == "Contents":
            self._add_object()
        elif name == "CommonPrefixes/Prefix":
            self._add(text, None, None, None, True)
        elif name == "NextContinuationToken":
            self.token = text
        elif name == "IsTruncated":
            self._truncated = text == "true"
        elif name == "EncodingType" and text == "url":
            earlier, self.entries = self.entries, []
            self._encoded = True
            for entry in earlier:  # some write it after the entries
                self._add(*entry)
        elif name.startswith("Contents/"):
            self._object[name[9:]] = text

    def _add_object(self):
        fields = self._object
        size = fields.get("Size", "")
        if "Key" not in fields or not size.encode().isdigit() or len(size) > 19:
            raise ProtocolError("an entry without key or size")
        self._add(fields["Key"], int(size), fields.get("ETag"), fields.get("LastModified"), False)
        self._object = {}

    def _add(self, key, *rest):
        self.entries.append(Entry(_decode_key(key) if self._encoded else key, *rest))


def _decode_key(text):
    """Return what a URL-encoded key stands for. S3 writes a space as "+"."""
    if "%" not in text and "+" not in text:
        return text
    data = text.encode()
    key = bytearray(len(data))
    at = end = 0
    while at < len(data):
        byte = unescape_at(data, at)
        if byte >= 0:
            at += 2
        else:
            byte = 32 if data[at] == 43 else data[at]
        key[end] = byte
        at += 1
        end += 1
    key = memoryview(key)[:end]
    try:
        return str(key, "utf-8")
    except UnicodeError:
        return bytes(key)
