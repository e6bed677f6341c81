"""A file in parts, straight from the medium, that goes on after a power cut.

Each part is read twice, to hash it and to send it. After each one a checkpoint is written: it names
the upload, and holds one hash that chains what every part held and what the service called it. On
the next run the parts that are done are read and hashed again (no byte of them is sent), the
service is asked for its list, and only if both give the checkpoint's chain does the upload go on;
else it is aborted and starts anew. So a file that has changed is never mixed with its old self.
"""

import hashlib
from binascii import hexlify, unhexlify

from ..errors import ProtocolError, RequestError, ServiceError
from .bodies import StreamBody
from .checkpoint import Checkpoint, size_of
from .multipart import MAX_PART, MAX_PARTS, MIN_PART, Parts, has_md5

_FORMAT = 1


def part_size_for(size, part_size=None, min_part=MIN_PART, max_parts=1000):
    """Return the bytes of a part, int: part_size if it will do, else the least that does.

    size: int, bytes of the file. max_parts: int, at most 10,000; the list of ETags takes some 35
    bytes of RAM for each. Raises: RequestError.
    """
    if not 1 <= max_parts <= MAX_PARTS:
        raise RequestError("max_parts", "must be 1 to %d" % MAX_PARTS)
    least = max(min_part, -(-size // max_parts))
    if part_size is None:
        part_size = -(-least // 65536) * 65536  # whole blocks of any medium
    if not least <= part_size <= MAX_PART:
        raise RequestError("part_size", "must be %d to %d for this file" % (least, MAX_PART))
    return part_size


class Upload:
    """One file's upload. Make it, then run() it; make it anew to go on."""

    def __init__(
        self,
        multipart,
        key,
        path,
        checkpoint=None,
        part_size=None,
        min_part=MIN_PART,
        max_parts=1000,
        progress=None,
        if_none_match=None,
        **options,
    ):
        """key: str. path: of the file. checkpoint: path, default path + ".upload".

        part_size, min_part, max_parts: see part_size_for(); min_part is the server's least.
        progress: called with (done, total) bytes of the file. if_none_match: "*", asked at the end.
        options: as for Multipart.create(). Raises: RequestError, OSError without the file.
        """
        if not isinstance(key, str):
            raise RequestError("key", "must be str: it stands in the checkpoint")
        self._multipart = multipart
        self._key = key
        self._path = path
        self._checkpoint = Checkpoint(checkpoint or path + ".upload")
        self._size = size_of(path)
        if self._size < 1:
            raise RequestError("path", "must be a file that is not empty; put_object takes others")
        self._part_size = part_size_for(self._size, part_size, min_part, max_parts)
        self._count = -(-self._size // self._part_size)
        self._progress = progress
        self._last_headers = [("if-none-match", "*")] if if_none_match else []
        self._options = options
        self._file = None
        self._md5 = None
        self._upload_id = None
        multipart.s3.url(key)  # checks it

    def run(self):
        """Operation. Upload all that is not there yet; return the last Response, `.etag` the
        object's. Raises: as put_object; what is done by then stays done, for the next run."""
        self._file = open(self._path, "rb")
        try:
            self._start_over()
            record = self._checkpoint.load()
            if record is not None:
                response = yield from self._resume(record)
                if response is not None:
                    return response
            if self._upload_id is None:
                yield from self._begin()
            while self._parts.count < self._count:
                yield from self._next_part()
            return (yield from self._finish())
        finally:
            self._file.close()

    def _begin(self):
        self._upload_id = yield from self._multipart.create(self._key, **self._options)
        self._save()

    def _save(self, etag=""):
        self._checkpoint.save(
            {
                "format": _FORMAT,
                "bucket": self._multipart.s3.bucket_url.decode(),
                "key": self._key,
                "upload_id": self._upload_id,
                "size": self._size,
                "part_size": self._part_size,
                "done": self._parts.count,
                "chain": hexlify(self._chain).decode(),
                "etag": etag,
            }
        )

    def _next_part(self):
        number = self._parts.count + 1
        payload_hash, body = yield from self._hash_part(number)
        start = (number - 1) * self._part_size
        progress = self._progress and (lambda done, _: self._progress(start + done, self._size))
        etag = yield from self._multipart.upload_part(
            self._key, self._upload_id, number, body, payload_hash, progress
        )
        self._take(etag, payload_hash)
        self._save()

    def _hash_part(self, number):
        """Operation. Return (payload_hash, body) of a part; self._md5 is then its MD5."""
        length = self._length(number)
        body = StreamBody(self._file, length, (number - 1) * self._part_size)
        reader = _Md5Reader(body.open()) if has_md5 else body.open()
        payload_hash, found = yield from self._multipart.s3.exchange.hash(reader)
        if found != length:
            raise RequestError("path", "has become shorter; start anew")
        self._md5 = '"%s"' % hexlify(reader.md5.digest()).decode() if has_md5 else None
        return payload_hash, body

    def _take(self, etag, payload_hash):
        """Add a part that the service has."""
        self._check_etag(etag)
        self._parts.add(etag)
        self._link(etag, payload_hash)

    def _check_etag(self, etag):
        """Once a part's ETag was its MD5, they all must be."""
        if self._plain and etag != self._md5:
            if self._chain:
                raise ProtocolError("of a part is not its MD5; it was changed on the way", "etag")
            self._plain = False  # encrypted with KMS, for one: ETags are opaque there

    def _link(self, etag, payload_hash):
        if self._multipart.checksum:
            self._parts.add_hash(payload_hash)
        hasher = hashlib.sha256(self._chain)
        hasher.update(unhexlify(payload_hash))
        hasher.update(etag.encode())
        self._chain = hasher.digest()

    def _start_over(self):
        self._parts = Parts()
        self._chain = b""
        self._plain = has_md5  # every ETag so far is the MD5 of its part

    def _length(self, number):
        return min(self._part_size, self._size - (number - 1) * self._part_size)

    def _resume(self, record):
        """Operation. Take up what the checkpoint says. Return the Response if all was done, else
        None; then the upload either goes on or starts anew."""
        if not self._matches(record):
            yield from self._drop(record)
            return None
        listed = Parts()
        try:
            yield from self._list(record["upload_id"], listed)
        except ServiceError as error:
            if error.status != 404:
                raise
            return (yield from self._completed(record))
        if (yield from self._same(record, listed)):
            self._upload_id = record["upload_id"]
        else:
            yield from self._drop(record)
            self._start_over()
        return None

    def _list(self, upload_id, listed):
        """Operation. Add to `listed` the service's parts, from 1 on, as long as they fit ours."""

        def on_part(number, size, etag):
            if number == listed.count + 1 <= self._count and size == self._length(number):
                listed.add(etag)

        yield from self._multipart.list_parts(self._key, upload_id, on_part)

    def _matches(self, record):
        return (
            record.get("format") == _FORMAT
            and record.get("bucket") == self._multipart.s3.bucket_url.decode()
            and record.get("key") == self._key
            and record.get("size") == self._size
            and record.get("part_size") == self._part_size
        )

    def _same(self, record, listed):
        """Operation. Return whether file and service still have what the checkpoint says.

        A part more was stored just before the power went; it is taken if its MD5 tells that it may.
        """
        done = record["done"]
        same = done == 0
        for number, etag, _ in listed:
            if number > done + 1 or (number > done and not same):
                break
            payload_hash, _ = yield from self._hash_part(number)
            if etag != self._md5 and (number > done or (self._plain and number > 1)):
                break
            self._take(etag, payload_hash)
            if number == done:
                same = hexlify(self._chain).decode() == record["chain"]
        return same and self._parts.count >= done

    def _completed(self, record):
        """Operation. The upload is no more. Was it completed just before the power went?"""
        wanted = record.get("etag")
        if wanted:
            for number in range(1, self._count + 1):  # is the file still that one?
                payload_hash, _ = yield from self._hash_part(number)
                self._take(self._md5 or "", payload_hash)
            try:
                response = yield from self._multipart.s3.head_object(self._key)
            except ServiceError as error:
                if error.status != 404:
                    raise
                response = None
            if response and response.etag == wanted == self._parts.final_etag():
                self._checkpoint.remove()
                return response
            self._start_over()
        self._checkpoint.remove()
        return None

    def _drop(self, record):
        """Operation. Abort another file's upload, so that its parts cost nothing any more."""
        if record.get("bucket") == self._multipart.s3.bucket_url.decode():
            try:
                yield from self._multipart.abort(record.get("key"), record.get("upload_id"))
            except ServiceError as error:
                if error.status != 404:
                    raise
        self._checkpoint.remove()

    def _finish(self):
        wanted = self._parts.final_etag() if self._plain else None
        if wanted is None:
            yield from self._reconcile()
        self._save(wanted or "")
        response = yield from self._multipart.complete(
            self._key, self._upload_id, self._parts, self._last_headers
        )
        if wanted is not None and response.etag != wanted:
            text = "of the object is %s, its parts give %s; delete it" % (response.etag, wanted)
            raise ProtocolError(text, "etag")
        self._checkpoint.remove()
        return response

    def _reconcile(self):
        """Operation. Without MD5, compare with the service's own list before the end."""
        listed = Parts()
        yield from self._list(self._upload_id, listed)
        theirs = iter(listed)
        for number, etag, _ in self._parts:
            if next(theirs, (0, ""))[1] != etag:
                raise ProtocolError("part %d is not as it was sent; abort the upload" % number)

    def abort(self):
        """Operation. Give up the upload that the checkpoint names, and the checkpoint."""
        record = self._checkpoint.load()
        if record is not None:
            yield from self._drop(record)


class _Md5Reader:
    """Takes the MD5 of what passes through."""

    def __init__(self, reader):
        self._reader = reader
        self.md5 = hashlib.md5()

    def readinto(self, buffer):
        count = self._reader.readinto(buffer)
        if count:
            self.md5.update(buffer if count == len(buffer) else memoryview(buffer)[:count])
        return count
