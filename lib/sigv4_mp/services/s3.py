"""S3: objects in a bucket, over whatever shell drives the operations.

    s3 = S3(signer, "https://s3.eu-west-1.amazonaws.com", "my-bucket")
    http.run(s3.put_object("log.txt", "/log.txt"))

Each method that talks to the service returns an operation, to be run once by `http.run` (or by
another shell). Keys are sent as they are: `.`, `..` and `//` in a key are part of it.
"""

from ..errors import RequestError
from ..net.body import open_reader, open_sink
from ..net.exchange import Exchange
from .bucket import Address
from .fault import Fault


class S3:
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
    ):
        """signer: a Signer for service "s3". endpoint: "https://host[:port]", without the bucket.

        addressing: "path" (endpoint/bucket/key), "virtual" (bucket.endpoint/key), or "auto":
        virtual at amazonaws.com where the bucket's name allows it, else path.
        insecure_http: must be True for an http:// endpoint, and "session-token" if the credentials
        have a session token. receive_size, send_size: int, bytes of the two buffers.
        Raises: RequestError naming the field.
        """
        self.signer = signer
        self._address = Address(endpoint, bucket, addressing)
        self.bucket_url = self._address.bucket_url
        if self._address.scheme == "http" and not insecure_http:
            text = "plain HTTP shows all to everybody; use https, or insecure_http=True"
            raise RequestError("insecure_http", text)
        self.exchange = Exchange(receive_size, send_size, insecure_http)

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
    ):
        """Operation. Store an object; return the Response (`.etag`).

        key: str or bytes, 1..1024 bytes of UTF-8. body: bytes, a path, or an object with readinto
        and seek. It is read twice, to hash it and to send it, and never held as a whole.
        metadata: dict, sent as x-amz-meta-*. headers: more (name, value) pairs.
        progress: called with (done, total) bytes.
        payload_hash with content_length: what a one-pass body holds (64 hex or UNSIGNED-PAYLOAD).
        Raises: RequestError, TamperError when the body changes under way, ServiceError,
        ProtocolError, OSError.
        """
        headers = list(headers.items() if isinstance(headers, dict) else headers)
        if content_type is not None:
            headers.append(("content-type", content_type))
        for name, value in (metadata or {}).items():
            headers.append(("x-amz-meta-" + name, value))
        url = self._address.url(key)
        return self._put(url, body, headers, progress, payload_hash, content_length)

    def get_object(self, key, into=None, limit=65536, headers=(), query=(), progress=None):
        """Operation. Fetch an object; return the Response.

        into: None to get at most `limit` bytes as response.body; a path, where the file appears
        once it is whole (until then it is path + ".part"); a function called with
        (buffer, start, end) for each block; or an object with write.
        Raises: ServiceError (code "NoSuchKey"), ProtocolError (a cut or too long body), OSError.
        """
        return self._get(self._address.url(key), into, limit, headers, query, progress)

    def head_object(self, key, headers=()):
        """Operation. Return the Response: `.headers` has content-length, etag, x-amz-meta-*.

        Raises: ServiceError; HEAD has no body to name a code, so it is "404" and the like.
        """
        return self.request("HEAD", self._address.url(key), headers)

    def delete_object(self, key):
        """Operation. Delete an object; one that is not there is no error. Return the Response."""
        return self.request("DELETE", self._address.url(key))

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
        return self.signer.presign(method, self._address.url(key), expires, headers, query)

    def request(self, method, url, headers=(), query=(), on_head=None, progress=None):
        """Operation. Any request without a body; return the Response. on_head as in Exchange.

        Raises: ServiceError for any status but 2xx.
        """
        sealed = self.signer.sign(method, url, headers, query=query)
        return (yield from self._perform(sealed, None, on_head, progress))

    def _put(self, url, body, headers, progress, payload_hash, content_length):
        reader, opened = open_reader(body)
        try:
            if payload_hash is None:
                start = _position(reader)
                payload_hash, content_length = yield from self.exchange.hash(reader)
                reader.seek(start)
            elif content_length is None:
                content_length = _bytes_left(reader)
            sealed = self.signer.sign(
                "PUT", url, headers, payload_hash=payload_hash, content_length=content_length
            )
            return (yield from self._perform(sealed, reader, None, progress))
        finally:
            if opened:
                reader.close()

    def _get(self, url, into, limit, headers, query, progress):
        sinks = []

        def on_head(response):
            sinks.append(open_sink(into, limit))
            return sinks[0].take

        try:
            response = yield from self.request("GET", url, headers, query, on_head, progress)
            response.body = sinks[0].commit()
            sinks.pop()
            return response
        finally:
            if sinks:
                sinks[0].abort()

    def _perform(self, sealed, reader, on_head, progress):
        faults = []

        def route(response):
            if 200 <= response.status < 300:
                return on_head(response) if on_head else None
            faults.append(Fault())
            return faults[0].take

        response = yield from self.exchange.perform(sealed, reader, route, progress)
        if faults:
            raise faults[0].error(response)
        return response


def _position(reader):
    if not hasattr(reader, "seek"):
        text = "has no seek; give payload_hash and content_length"
        raise RequestError("body", text)
    return reader.seek(0, 1)


def _bytes_left(reader):
    start = _position(reader)
    length = reader.seek(0, 2) - start
    reader.seek(start)
    return length
