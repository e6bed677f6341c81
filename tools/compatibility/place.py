"""Where the server is, who signs, and the requests that probes are made of.

The right requests are signed by the library (floor 0). A Draft is one that may be spoilt before it
is sent: its head is text that stands still for that.
"""

import calendar
import email.utils
import secrets
import time
from urllib.parse import quote

from sigv4_mp import Signer
from sigv4_mp.net.endpoint import split

from .wire import Wire

_SAFE = "/-._~"


class Draft:
    """A signed request. head, body: bytes. sealed: the library's SealedRequest."""

    def __init__(self, sealed, body):
        self.sealed, self.head, self.body = sealed, sealed.head, body

    def swap(self, old, new):
        """Replace the one place of the head that says `old` (str); return self."""
        old, new = old.encode(), new.encode()
        assert self.head.count(old) == 1, (old, self.head)
        self.head = self.head.replace(old, new)
        return self

    def add(self, line):
        """Add a header line (str) that nobody signed; return self."""
        self.head = self.head[:-2] + line.encode() + b"\r\n\r\n"
        return self

    def drop(self, name):
        """Leave a header out (name: str, lower case); return self."""
        lines = self.head.split(b"\r\n")
        kept = [line for line in lines if not line.lower().startswith(name.encode() + b":")]
        assert len(kept) == len(lines) - 1, name
        self.head = b"\r\n".join(kept)
        return self


class Place:
    """One bucket of one server.

    endpoint: str, "https://host[:port]". region: str. credentials: the library's.
    prefix: str, what all keys that are made begin with. made: set of those, prefix and all.
    known: {name: Finding} until now.
    domain: what stands behind the bucket where that is in the host; with the port, as in `Host`.
    offset_s: what to add to this machine's clock to have the server's, float seconds.
    """

    def __init__(self, endpoint, region, credentials, ca_file=None, bucket=None, domain=None):
        self.endpoint, self.region, self.credentials = endpoint.rstrip("/"), region, credentials
        self.scheme, self.host, port = split(endpoint)
        self.port = port and int(port)
        actual = self.port or (443 if self.scheme == "https" else 80)
        self._wire = Wire(self.scheme, self.host, actual, ca_file)
        self.domain = domain or self.authority
        self.own_bucket = bucket is None
        self.bucket = bucket or "sigv4-mp-compat-" + secrets.token_hex(6)
        self.prefix = "compat-%s/" % secrets.token_hex(6)
        self.offset_s = 0.0
        self.known = {}
        self.made = set()

    @property
    def authority(self):
        """What `Host` says: host, and port where one stands in the endpoint."""
        return self.endpoint.partition("://")[2]

    def now(self, shift_s=0):
        """Return amz_date, str, by the server's clock, moved by some seconds."""
        moment = time.time() + self.offset_s + shift_s
        return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))

    def set_clock(self, answer):
        """Take the server's clock from an answer's Date, where ours is off by more than it says."""
        date = email.utils.parsedate(answer.headers.get("date", ""))
        if date:
            off = calendar.timegm(date) - time.time()
            self.offset_s = off if abs(off) > 5 else 0.0

    def signer(self, region=None, service="s3", credentials=None, **rules):
        """Return the Signer; by S3's rules also for a wrong service. rules: more for Signer."""
        if service != "s3":
            rules.update(normalize_path=False, double_encode=False, sign_body=True)
        return Signer(credentials or self.credentials, region or self.region, service, **rules)

    def url(self, key=None, path=None):
        """Return the URL of the bucket, of a key below the prefix, or of a path in wire form."""
        url = "%s/%s" % (self.endpoint, self.bucket)
        if path is not None:
            return url + path
        return url if key is None else url + "/" + quote(self.prefix + key, safe=_SAFE)

    def draft(self, method, key=None, body=b"", url=None, shift_s=0, signer=None, **more):
        """Return a Draft. more: headers, query, sign_headers, payload_hash for Signer.sign."""
        if "payload_hash" in more:
            more["content_length"] = more.pop("length", len(body))
        else:
            more["payload"] = body
        if key is not None and method in ("PUT", "POST"):
            self.made.add(self.prefix + key)
        url = url or self.url(key)
        date = self.now(shift_s)
        return Draft((signer or self.signer()).sign(method, url, amz_date=date, **more), body)

    def send(self, draft, expect=False):
        """Send a Draft; return an Answer."""
        return self._wire.send(draft.head, draft.body, expect)

    def send_raw(self, head, body=b""):
        """Send bytes as they are; return an Answer."""
        return self._wire.send(head, body)

    def ask(self, method, key=None, body=b"", **more):
        """Sign, send, return the Answer; arguments as for draft()."""
        return self.send(self.draft(method, key, body, **more))

    def listing(self, folder="", **query):
        """Return (Answer, keys below the prefix and folder as list of str, undone from %XX)."""
        from .listing import keys_of

        pairs = {"list-type": "2", "prefix": self.prefix + folder, "encoding-type": "url"}
        pairs.update({name.replace("_", "-"): value for name, value in query.items()})
        answer = self.ask("GET", query=sorted(pairs.items()))
        return answer, keys_of(answer)
