"""Where an object is: endpoint, bucket and key as a URL.

Source: S3 user guide, "Bucket naming rules", "Virtual hosting of buckets", "Object key names".
"""

from ..encode import to_bytes, uri_encode
from ..errors import RequestError

_BUCKET_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789-."


class Address:
    """Makes the URLs of one bucket at one endpoint.

    scheme: "https" or "http". bucket_url: bytes in wire form.
    """

    def __init__(self, endpoint, bucket, addressing):
        """endpoint: str. bucket: str. addressing: "path" or "virtual"."""
        scheme, _, host = endpoint.partition("://")
        host = host.rstrip("/")
        if scheme not in ("https", "http") or not host or "?" in host or "@" in host:
            raise RequestError("endpoint", "must be https://host[:port]")
        self.scheme = scheme
        check_bucket(bucket)
        if addressing not in ("path", "virtual"):
            raise RequestError("addressing", 'must be "path", "virtual" or "auto"')
        virtual = addressing == "virtual"
        if virtual and scheme == "https" and "." in bucket:
            text = 'has a dot, no wildcard certificate fits; use addressing="path"'
            raise RequestError("bucket", text)
        place = bucket + "." + host + "/" if virtual else host + "/" + bucket
        self.bucket_url = (scheme + "://" + place).encode()

    def url(self, key):
        """Return the URL of an object, bytes in wire form. key: str or bytes, 1..1024 bytes."""
        key = to_bytes(key, "key")
        if not 1 <= len(key) <= 1024:
            raise RequestError("key", "must be 1 to 1024 bytes of UTF-8, is %d" % len(key))
        separator = b"" if self.bucket_url.endswith(b"/") else b"/"
        return self.bucket_url + separator + uri_encode(key, safe_slash=True)


def check_bucket(bucket):
    """Raise RequestError naming `bucket` unless it follows the naming rules."""
    name = bucket.encode()
    good = 3 <= len(name) <= 63
    for byte in name:
        good = good and byte in _BUCKET_BYTES
    if not good:
        raise RequestError("bucket", "must be 3 to 63 of a-z, 0-9, '-' and '.'")
    if name[0] in b"-." or name[-1] in b"-." or b".." in name:
        raise RequestError("bucket", "must not start or end with '-' or '.', nor hold '..'")
    if name.replace(b".", b"").isdigit() and name.count(b".") == 3:
        raise RequestError("bucket", "must not look like an IP address")
