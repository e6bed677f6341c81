"""A download that goes on where it broke off, and appears only if it is what was promised.

The bytes go to path + ".part"; path + ".part.etag" says of which version of the object. A later try
asks for the rest, of that version only (If-Match), so two versions are never mixed. The whole is
hashed as it comes, what is there already as well; the final name is given last, and only if length
and SHA-256 are right. Source: RFC 9110 §13.1.1, §14; S3 API reference, GetObject.
"""

import sys
from binascii import hexlify
from hashlib import sha256 as new_sha256

from ..errors import ProtocolError, RequestError, ServiceError
from ..payload import check_payload_hash
from .checkpoint import Checkpoint, remove, replace, size_of, sync
from .options import object_headers
from .ranges import parse_content_range

_MICROPYTHON = sys.implementation.name == "micropython"
_BLOCK = 1024


class Download:
    """One object's way into one file. Make it, then run() it; make it anew to go on."""

    def __init__(self, s3, key, path, sha256=None):
        """key: of the object. path: of the file. sha256: str, 64 hex digits, or None to rely
        on length and ETag; then a power cut that tears the .part is not noticed."""
        if sha256 is not None and len(check_payload_hash(sha256)) != 64:
            raise RequestError("sha256", "must be 64 lower-case hex digits")
        self._s3 = s3
        self._key = key
        s3.url(key)  # checks it
        self._path = path
        self._part = path + ".part"
        self._note = Checkpoint(self._part + ".etag")
        self._sha256 = sha256
        self._file = self._hasher = self._etag = None
        self._done = self._total = 0
        self._resumed = False

    def run(self, headers=(), query=(), progress=None):
        """Operation. Fetch what is missing; return the last Response, or None if nothing was.

        Raises: ProtocolError with field "sha256" when the object is not what was promised (the
        .part is then gone); ServiceError; OSError, after which the .part stays for the next run.
        """
        headers = object_headers(headers)
        self._progress = progress
        self._recall()
        response = None
        try:
            if self._etag is None or self._done < self._total:
                response = yield from self._fetch(headers, query)
        finally:
            self._close()
        self._commit()
        return response

    def _fetch(self, headers, query):
        """Operation. One GET with its retries, and a second one if the object is another by now."""
        try:
            return (yield from self._get(headers, query))
        except ServiceError as error:
            if error.status not in (412, 416) or not self._resumed:
                raise
        self._forget()
        return (yield from self._get(headers, query))

    def _get(self, headers, query):
        def make():
            more = []
            self._resumed = bool(self._done) and _is_strong(self._etag)
            if self._resumed:
                more = [("range", "bytes=%d-" % self._done), ("if-match", self._etag)]
            return self._s3.signer.sign("GET", self._s3.url(self._key), headers + more, query=query)

        return (yield from self._s3.run(make, None, self._on_head, None))

    def _on_head(self, response):
        """Check that this is the version that was begun, or begin it; return the sink."""
        self._close()
        if response.status == 206:
            end, total = parse_content_range(response, self._done) or (0, 0)
            if end != total or total != self._total or response.etag != self._etag:
                raise ProtocolError("the server does not send the rest that was asked for")
        else:
            self._restart(response)
        self._file = open(self._part, "ab" if self._done else "wb")
        if not self._done:
            self._hasher = new_sha256()
        return self._take

    def _restart(self, response):
        """A whole object comes. Note which version, if it can be asked for again."""
        self._forget()
        if response.length is None:
            text = "is missing; a file of any length could follow"
            raise ProtocolError(text, "content-length")
        self._total = response.length
        self._etag = response.etag
        if _is_strong(self._etag):
            self._note.save({"etag": self._etag, "total": self._total, "url": self._name()})

    def _name(self):
        return self._s3.url(self._key).decode()

    def _take(self, buffer, start, end):
        if _MICROPYTHON:  # its streams take offset and length
            self._file.write(buffer, start, end - start)
        else:
            self._file.write(memoryview(buffer)[start:end])
        self._hasher.update(memoryview(buffer)[start:end])
        self._done += end - start
        if self._progress:
            self._progress(self._done, self._total)

    def _close(self):
        if self._file is not None:
            self._file.close()
            self._file = None

    def _recall(self):
        """Take up what an earlier try left, if it is known which version it is of."""
        record = self._note.load()
        size = size_of(self._part)
        if record is None or record.get("url") != self._name() or not 0 < size <= record["total"]:
            self._forget()
            return
        self._etag = record["etag"]
        self._total = record["total"]
        self._hasher = new_sha256()
        block = memoryview(bytearray(_BLOCK))
        with open(self._part, "rb") as file:
            count = file.readinto(block)
            while count:
                self._hasher.update(block[:count])
                self._done += count
                count = file.readinto(block)

    def _forget(self):
        self._close()
        remove(self._part)
        self._note.remove()
        self._done = self._total = 0
        self._etag = None
        self._hasher = None

    def _commit(self):
        """Give the file its name, if it holds what it should."""
        if self._done != self._total:
            raise ProtocolError("the response was cut short; try again")
        found = hexlify(self._hasher.digest()).decode()
        self._hasher = None
        if self._sha256 is not None and found != self._sha256:
            self._forget()
            raise ProtocolError("of the object is %s, another one was promised" % found, "sha256")
        with open(self._part, "ab") as file:
            sync(file)
        replace(self._part, self._path)
        self._note.remove()


def _is_strong(etag):
    """Return whether an ETag vouches for every byte (RFC 9110 §8.8.1)."""
    return bool(etag) and etag.startswith('"')
