"""S3: objects in a bucket, over whatever shell drives the operations.

    s3 = S3(signer, "https://s3.eu-west-1.amazonaws.com", "my-bucket")
    http.run(s3.put_object("log.txt", "/log.txt"))

Each method that talks to the service returns an operation, to be run once by `http.run` (or by
another shell). Keys are sent as they are: `.`, `..` and `//` in a key are part of it.
"""

from ..errors import ProtocolError
from ..net.body import open_sink
from .client import Client
from .options import object_headers
from .put import put_hashed, put_once


class S3(Client):
    """A client of one bucket. One operation at a time: concurrent tasks want a client each."""

    def __init__(
        self,
        signer,
        endpoint,
        bucket,
        addressing="auto",
        insecure_http=False,
        receive_size=2048,
        send_size=2048,
        profile=None,
        **exchange,
    ):
        """signer: a Signer for service "s3". endpoint: "https://host[:port]", without the bucket.

        addressing: "path" (endpoint/bucket/key), "virtual" (bucket.endpoint/key), or "auto": what
        the profile says, and path where the bucket's name has a dot.
        insecure_http: must be True for an http:// endpoint, and "session-token" if the credentials
        have a session token. receive_size, send_size: int, bytes of the two buffers.
        profile: what the server takes, a name or a Profile of net/endpoint.py; None: known by the
        endpoint's host, or else the most careful one. exchange: policy and the like, for Exchange.
        Raises: RequestError naming the field.
        """
        exchange.update(insecure_http=insecure_http, receive_size=receive_size, send_size=send_size)
        super().__init__(signer, endpoint, bucket, addressing, profile, exchange)

    def put_object(
        self,
        key,
        body,
        content_type=None,
        metadata=None,
        headers=(),
        progress=None,
        payload_hash=None,
        content_length=None,
        mode=None,
        checksum=None,
        buffer=None,
        **options,
    ):
        """Operation. Store an object; return the Response (`.etag`).

        key: str or bytes, 1..1024 bytes of UTF-8. body: bytes, a path, or an object with readinto.
        mode: None reads the body twice, to hash it and to send it (an object needs seek then); it
        is never held as a whole. The others read it once: "chunked" signs each chunk of 8 KiB,
        "chunked-trailer" a checksum at the end as well; "unsigned" and "unsigned-trailer" leave
        all protection to TLS, and are refused without. content_length: int, the bytes of a body
        that has no seek; no more are read.
        checksum: with a trailer "crc32" (the default), "crc32c", "crc64nvme", "sha1" or "sha256";
        with mode None "sha256", stored with the object. buffer: bytearray of 8290 bytes or more,
        to build chunks in; yours to use again.
        metadata: dict, sent as x-amz-meta-*. headers: more (name, value) pairs. options: tagging,
        storage_class, if_none_match, if_match, see options.object_headers().
        progress: called with (done, total) bytes.
        payload_hash: what a body read once holds (64 hex, or UNSIGNED-PAYLOAD whatever the scheme).
        Raises: RequestError, TamperError when the body changes under way, ServiceError,
        ProtocolError, OSError.
        """
        headers = object_headers(headers, content_type, metadata, **options)
        url = self.url(key)
        if payload_hash is None:
            trailer = mode is not None and mode.endswith("-trailer")
            self.profile.check_mode(mode, checksum or ("crc32" if trailer else None))
        if mode is None and payload_hash is None:
            return put_hashed(self, url, body, headers, progress, content_length, checksum)
        return put_once(
            self, url, body, headers, progress, payload_hash, content_length, mode, checksum, buffer
        )

    def get_object(
        self,
        key,
        into=None,
        limit=65536,
        headers=(),
        query=(),
        progress=None,
        range_start=None,
        range_length=None,
    ):
        """Operation. Fetch an object, or a range of it; return the Response.

        into: None to get at most `limit` bytes as response.body; a path, where the file appears
        once it is whole (until then it is path + ".part"); a function called with
        (buffer, start, end) for each block; or an object with write.
        range_start, range_length: int, bytes; from start on at most length, or all the rest.
        Raises: ServiceError (code "NoSuchKey"; "InvalidRange" behind the end), ProtocolError (a cut
        or too long body, or another range than the one asked for), OSError.
        """
        headers = object_headers(headers)
        if range_start is not None or range_length is not None:
            from .ranges import range_header

            range_start = range_start or 0
            headers.append(range_header(range_start, range_length))
        url = self.url(key)
        return self._get(url, into, limit, headers, query, progress, range_start)

    def download(self, key, path, sha256=None, progress=None, headers=(), query=()):
        """Operation. Fetch an object into a file, going on where an earlier try broke off.

        sha256: str, 64 hex digits, what the file must hold (an OTA image); it appears under `path`
        only if it does. See services/download.py.
        """
        from .download import Download

        return Download(self, key, path, sha256).run(headers, query, progress)

    def head_object(self, key, headers=()):
        """Operation. Return the Response: `.headers` has content-length, etag, x-amz-meta-*.

        Raises: ServiceError; HEAD has no body to name a code, so it is "404" and the like.
        """
        return self.request("HEAD", self.url(key), headers)

    def delete_object(self, key):
        """Operation. Delete an object; one that is not there is no error. Return the Response."""
        return self.request("DELETE", self.url(key))

    def copy_object(self, source_key, key, source_bucket=None, **options):
        """Operation. Copy an object within the service; return the Response. See objects.py."""
        from .objects import copy_object

        return copy_object(self, source_key, key, source_bucket, **options)

    def delete_objects(self, keys):
        """Operation. Delete up to 1000 objects in one request; return a list of what was not.

        keys: list of str. Each entry of the list has key, code and message.
        """
        from .objects import delete_objects

        return delete_objects(self, keys)

    def list_objects_v2(self, prefix="", delimiter="", start_after="", page_size=100):
        """Return a Listing: `http.iterate(listing)` yields its entries, page after page.

        page_size: int, 1..1000 entries held at a time, some 150 bytes each.
        """
        from .listing import Listing  # only those who list pay for it

        return Listing(self, prefix, delimiter, start_after, page_size)

    def presigned_url(self, method, key, expires=3600, headers=(), query=()):
        """Return a URL, str, that lets whoever has it do `method` on the object. No I/O.

        expires: int seconds, 1..604800. headers: what the user of the URL must send as well.
        """
        return self.signer.presign(method, self.url(key), expires, headers, query)

    def _get(self, url, into, limit, headers, query, progress, start):
        sinks = []

        def on_head(response):
            if start is not None:
                from .ranges import parse_content_range

                if parse_content_range(response, start) is None:
                    raise ProtocolError("the server does not send the range that was asked for")
            if isinstance(into, str) and response.length is None:  # it might never end
                text = "is missing; a file of any length could follow"
                raise ProtocolError(text, "content-length")
            while sinks:  # of an attempt that broke off
                sinks.pop().abort()
            sinks.append(open_sink(into, limit))
            return sinks[0].take

        try:
            # What else took bytes can't give them back.
            again = into is None or isinstance(into, str)
            response = yield from self.request(
                "GET", url, headers, query, on_head, progress, restartable=again
            )
            response.body = sinks[0].commit()
            sinks.pop()
            return response
        finally:
            if sinks:
                sinks[0].abort()
