"""Multipart uploads: the five requests of S3, one operation each.

    multipart = Multipart(s3)
    http.run(multipart.upload("big.bin", "/sd/big.bin"))          # see upload.py; it can be resumed

Source: S3 API reference, CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload,
AbortMultipartUpload; S3 user guide, "Amazon S3 multipart upload limits".
"""

import hashlib
from binascii import b2a_base64, hexlify, unhexlify

from ..errors import ProtocolError, RequestError
from .answer import Answer
from .options import base64_of_hex, object_headers
from .xmlbody import escape, sealed_xml

MIN_PART = 5 << 20
"""Bytes: S3's least for every part but the last."""

MAX_PART = 5 << 30
MAX_PARTS = 10000
_PAGE = 100  # parts asked for at a time: their XML passes through, a part stays as some 40 bytes

has_md5 = hasattr(hashlib, "md5")


class Parts:
    """What is known of the parts 1..count of an upload, in some 35 bytes each; with hashes 67.

    Iterating yields (number, etag, payload_hash or None), etag as str with its quotes.
    """

    def __init__(self):
        self._etags = bytearray()
        self._hashes = bytearray()
        self.count = 0

    def add(self, etag):
        """Append the next part. etag: str."""
        self._etags.extend(etag.encode())
        self._etags.extend(b"\n")
        self.count += 1

    def add_hash(self, payload_hash):
        """Append the hash, 64 hex, of the next part that has none; it is named at the end."""
        self._hashes.extend(unhexlify(payload_hash))

    def __iter__(self):
        at = 0
        for number in range(1, self.count + 1):
            end = self._etags.find(b"\n", at)
            etag = str(memoryview(self._etags)[at:end], "utf-8")
            at = end + 1
            raw = memoryview(self._hashes)[32 * number - 32 : 32 * number]
            yield number, etag, hexlify(raw).decode() if len(raw) else None

    def final_etag(self):
        """Return the object's ETag, str, if every part's is an MD5: the MD5 of their MD5s, "-n".

        None where this port has no MD5 or a part's ETag is none.
        """
        if not has_md5:
            return None
        md5 = hashlib.md5()
        for _, etag, _ in self:
            if not is_md5(etag):
                return None
            md5.update(unhexlify(etag[1:33]))
        return '"%s-%d"' % (hexlify(md5.digest()).decode(), self.count)


def is_md5(etag):
    """Return whether an ETag looks like an MD5: 32 hex digits in quotes."""
    for character in etag:
        if character not in '"0123456789abcdef':
            return False
    return len(etag) == 34


class Multipart:
    """The requests of a multipart upload, with one S3 client."""

    def __init__(self, s3, checksum=None):
        """checksum: None, or "sha256" to have the service check and keep it, where it can."""
        if checksum not in (None, "sha256"):
            raise RequestError("checksum", 'must be None or "sha256"')
        s3.profile.check_mode(None, checksum)
        self.s3 = s3
        self.checksum = checksum

    def create(self, key, content_type=None, metadata=None, headers=(), **options):
        """Operation. Begin an upload; return its upload id, str. Arguments as for put_object()."""
        headers = object_headers(headers, content_type, metadata, **options)
        if self.checksum:
            headers.append(("x-amz-checksum-algorithm", "SHA256"))
        return self._create(self.s3.url(key), headers)

    def _create(self, url, headers):
        answer = Answer("InitiateMultipartUpload")
        yield from self.s3.request(
            "POST", url, headers, (("uploads", ""),), answer.on_head, on_end=answer.on_end
        )
        return answer.need("UploadId")

    def upload_part(self, key, upload_id, number, body, payload_hash, progress=None):
        """Operation. Send one part; return its ETag, str.

        number: int, 1..10,000. body: as in bodies.py, length set. payload_hash: its SHA-256, hex.
        Raises: ServiceError (code "NoSuchUpload" when it was completed or aborted).
        """
        if not 1 <= number <= MAX_PARTS:
            raise RequestError("number", "must be 1 to %d" % MAX_PARTS)
        query = (("partNumber", str(number)), ("uploadId", upload_id))
        headers = []
        if self.checksum:
            headers.append(("x-amz-checksum-sha256", base64_of_hex(payload_hash)))
        return self._upload_part(self.s3.url(key), headers, query, progress, body, payload_hash)

    def _upload_part(self, url, headers, query, progress, body, payload_hash):
        response = yield from self.s3.request(
            "PUT", url, headers, query, None, progress, body, payload_hash
        )
        if not response.etag or "\n" in response.etag:
            raise ProtocolError("the service gave the part no ETag; is this an S3 endpoint?")
        return response.etag

    def list_parts(self, key, upload_id, on_part):
        """Operation. Call on_part(number, size, etag) for every part that the service has.

        In the order of their numbers. Raises: ServiceError (code "NoSuchUpload").
        """
        return self._list_parts(self.s3.url(key), upload_id, on_part)

    def _list_parts(self, url, upload_id, on_part):
        marker = 0
        while marker is not None:
            page = _Page()
            query = [("uploadId", upload_id), ("max-parts", str(_PAGE))]
            if marker:
                query.append(("part-number-marker", str(marker)))
            yield from self.s3.request(
                "GET", url, (), query, page.on_head, on_end=page.answer.on_end
            )
            for part in page.parts:
                on_part(*part)
            marker = page.next_marker(marker)

    def complete(self, key, upload_id, parts, headers=()):
        """Operation. Make the object of its parts; return the Response, `.etag` the object's.

        parts: Parts. headers: more pairs, such as ("if-none-match", "*").
        Raises: ServiceError, also where a 200 tells of it; ProtocolError when the ETag or checksum
        of the object is not that of its parts.
        """
        return self._complete(self.s3.url(key), upload_id, parts, list(headers))

    def _complete(self, url, upload_id, parts, headers):
        body, more, payload_hash = yield from sealed_xml(
            self.s3, lambda: _complete_xml(parts, self.checksum)
        )
        answer = Answer("CompleteMultipartUploadResult")
        response = yield from self.s3.request(
            "POST",
            url,
            headers + more,
            (("uploadId", upload_id),),
            answer.on_head,
            None,
            body,
            payload_hash,
            answer.on_end,
        )
        response.headers["etag"] = answer.need("ETag")
        if self.checksum:
            _compare_checksum(answer.fields.get("ChecksumSHA256"), parts)
        return response

    def abort(self, key, upload_id):
        """Operation. Give an upload up; the service drops its parts. Return the Response.

        Raises: ServiceError (code "NoSuchUpload").
        """
        query = (("uploadId", upload_id),)
        return self.s3.request("DELETE", self.s3.url(key), (), query)

    def upload(self, key, path, **options):
        """Operation. Upload a file in parts, or go on where that broke off: upload.py has more."""
        from .upload import Upload

        return Upload(self, key, path, **options).run()


class _Page:
    """Reads one <ListPartsResult>."""

    def __init__(self):
        self.answer = Answer("ListPartsResult", self._on_element)

    def on_head(self, response):
        self.parts = []
        self._part = {}
        self._fields = {}
        return self.answer.on_head(response)

    def _on_element(self, name, text):
        if name == "Part":
            part = self._part
            number, size = part.get("PartNumber", ""), part.get("Size", "")
            digits = number.encode().isdigit() and size.encode().isdigit()
            if not digits or len(number) > 5 or len(size) > 15 or not part.get("ETag"):
                raise ProtocolError("a listed part has no number, size or ETag")
            self.parts.append((int(number), int(size), part["ETag"]))
            self._part = {}
        elif name.startswith("Part/"):
            self._part[name[5:]] = text
        else:
            self._fields[name] = text

    def next_marker(self, marker):
        """Return the number after which the next page starts, or None after the last."""
        if self._fields.get("IsTruncated") != "true":
            return None
        new = self.parts[-1][0] if self.parts else 0
        if new <= marker:
            raise ProtocolError("the same page of parts would come again")
        return new


def _complete_xml(parts, checksum):
    yield b'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    for number, etag, payload_hash in parts:
        yield b"<Part><PartNumber>%d</PartNumber><ETag>" % number
        yield escape(etag)
        yield b"</ETag>"
        if checksum:
            yield b"<ChecksumSHA256>"
            yield base64_of_hex(payload_hash).encode()
            yield b"</ChecksumSHA256>"
        yield b"</Part>"
    yield b"</CompleteMultipartUpload>"


def _compare_checksum(found, parts):
    """A composite checksum is the SHA-256 of the parts' raw ones, "-n"; some services give none."""
    if found is None:
        return
    hasher = hashlib.sha256()
    for _, _, payload_hash in parts:
        hasher.update(unhexlify(payload_hash))
    wanted = b2a_base64(hasher.digest()).decode().strip() + "-%d" % parts.count
    if found not in (wanted, wanted.partition("-")[0]):
        raise ProtocolError("is not that of the parts; the object is not what was sent", "checksum")
