"""What every operation on a bucket goes through: where it is, and how one request is made.

Redirects of the service to another region of the same host family are taken: the request is signed
anew for that region, once, and the client stays there. No other redirect is ever followed.
"""

from ..errors import RequestError, ServiceError
from ..net.endpoint import profile_of
from ..net.exchange import Exchange
from .bucket import Address


class Client:
    """The place, the signer and the exchange of one bucket; S3 has the operations."""

    def __init__(self, signer, endpoint, bucket, addressing, profile, exchange):
        """exchange: arguments for Exchange, a dict. The others: see S3."""
        if not isinstance(endpoint, str) or not isinstance(bucket, str):
            raise RequestError("endpoint", "and bucket must be str")
        self.bucket = bucket
        self.profile = profile_of(endpoint, profile)
        if self.profile.signs is not None and signer.sign_only is None:
            signer = signer.signing_only(self.profile.sign_only)
        self.signer = signer
        self.profile.check_endpoint(endpoint)  # not the region: a redirect heals a wrong one
        if addressing == "auto":
            dotted = endpoint.startswith("https://") and "." in bucket
            addressing = "path" if dotted else self.profile.addressing
        self._addressing = addressing
        self._settle(endpoint)
        if self.scheme == "http" and not exchange["insecure_http"]:
            text = "plain HTTP shows all to everybody; use https, or insecure_http=True"
            raise RequestError("insecure_http", text)
        self.exchange = Exchange(credentials=signer.credentials, **exchange)

    def _settle(self, endpoint):
        address = Address(endpoint, self.bucket, self._addressing)
        self.endpoint = endpoint
        self.scheme = address.scheme
        self.bucket_url = address.bucket_url
        self.url = address.url

    def request(
        self,
        method,
        url,
        headers=(),
        query=(),
        on_head=None,
        progress=None,
        body=None,
        payload_hash=None,
        on_end=None,
        restartable=True,
    ):
        """Operation. Any request; return the Response. on_head, on_end, restartable: see Exchange.

        url: bytes, bucket_url or url(key). body: None, or as in bodies.py, its length known; with
        its payload_hash. Raises: ServiceError for any status but 2xx.
        """
        tail = url[len(self.bucket_url) :]

        def make():
            place = self.bucket_url + tail  # a redirect may have moved it
            if body is None:
                return self.signer.sign(method, place, headers, query=query)
            length = body.length
            return self.signer.sign(method, place, headers, None, payload_hash, length, None, query)

        return self.run(make, body, on_head, progress, on_end, restartable)

    def run(self, make, body=None, on_head=None, progress=None, on_end=None, restartable=True):
        """Operation. Send what make() seals, with its body; return the Response, a 2xx."""
        return self.exchange.run(
            make, body, on_head, progress, _fault, on_end, self._mender(), restartable
        )

    def _mender(self):
        """Return what heals a wrong region, for one operation: one hop, never a chain."""
        hops = []

        def mend(error, response):
            # The statuses that redirect() knows; others shall not load it: 2 KB.
            if hops or error.status not in (301, 302, 307, 400):
                return False
            from ..net.region import redirect

            found = redirect(
                self.profile,
                self.endpoint,
                self.signer.region.decode(),
                error.status,
                response.headers,
                error.code,
                getattr(error, "region", None),
            )
            if found is None:
                return False
            hops.append(found)
            self._settle(found[0])
            self.signer = self.signer.in_region(found[1])
            return True

        return mend


def _fault():
    """Return what reads an error body. Its XML parser is loaded when the first one comes: 10 KB."""
    try:
        from .fault import Fault
    except MemoryError:  # the status must not be lost over it
        return _StatusOnly()
    return Fault()


class _StatusOnly:
    """What a status alone says."""

    def take(self, buffer, start, end):
        return True

    def error(self, response):
        text = (response.reason or "no reason given") + "; no memory was left to read more"
        return ServiceError(response.status, str(response.status), text)
