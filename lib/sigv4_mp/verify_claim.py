"""A request that was read, and what proves it: the signature, computed anew.

Source: AWS SigV4 guide, "Create a signed request", read from the receiving end.
"""

from binascii import hexlify
from hashlib import sha256

from .canonical import canonical_headers, canonical_query_string, canonical_uri
from .digest import EMPTY_SHA256, equal
from .encode import only, to_bytes
from .errors import RequestError

_EMPTY = EMPTY_SHA256.encode()
_UNSIGNED = b"UNSIGNED-PAYLOAD"
_MODES = {
    b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD": "chunks",
    b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": "chunks-trailer",
    b"STREAMING-UNSIGNED-PAYLOAD-TRAILER": "unsigned-trailer",
}
_HEX = b"0123456789abcdef"


class Claim:
    """What a request says of itself. Nothing of it is proven before prove() returns.

    needs_body: bool, prove() wants the payload hash, for no header has it. content_length: int or
    None, bytes of body on the wire. payload: str, "hash", "empty", "unsigned", "chunks",
    "chunks-trailer" or "unsigned-trailer".
    """

    def __init__(self, verifier, head, auth, content_length):
        """auth: Authentication. Raises: VerifyError."""
        self.verifier = verifier
        self.head = head
        self.auth = auth
        self.content_length = content_length
        self.seconds = None  # (earliest, latest), Unix seconds: the verifier's
        self.valid_until = 0  # Unix seconds
        self._proven = False
        self._take_target()
        kept = [pair for pair in head.headers if pair[0] in auth.signed]
        self.signed_pairs = canonical_headers(kept)
        if len(self.signed_pairs) != len(auth.signed):
            raise auth.refusal("missing-header")
        self._take_payload()

    def _take_target(self):
        verifier = self.verifier
        normalize, double = verifier.normalize_path, verifier.double_encode
        path = self.head.target.partition(b"?")[0]
        try:
            self.canonical_uri = canonical_uri(path, normalize, double)
            plain = canonical_uri(path, False, double) if verifier.exact_path else None
        except RequestError:
            raise self.auth.refusal("target", "path")
        if plain not in (None, self.canonical_uri):
            raise self.auth.refusal("path")
        self.canonical_query_string = canonical_query_string(self.auth.pairs)
        self.auth.pairs = None  # the line above holds all of them

    def _take_payload(self):
        value = self.head.one(b"x-amz-content-sha256")
        if value is None:
            value = self._payload_of_query()
        self.payload_hash = value
        self.needs_body = value is None
        length = self.content_length
        if value == _UNSIGNED:
            self.payload = "empty" if length == 0 else "unsigned"
        elif value in _MODES:
            self.payload = _MODES[value]
        elif value is None:
            self.payload = "hash"
        elif len(value) != 64 or not only(value, _HEX):
            raise self.auth.refusal("payload-hash")
        elif length == 0:
            self.payload = "empty"
            if value != _EMPTY:
                raise self.auth.refusal("body-hash")
        else:
            self.payload = "hash"
        if self.payload.startswith("unsigned") and not self.verifier.unsigned_payload:
            raise self.auth.refusal("unsigned-payload")

    def _payload_of_query(self):
        """Return the payload hash of a request without x-amz-content-sha256; None: the body's."""
        if self.auth.by_query:
            # JavaScript's SDK moves that header into the query.
            for pair in self.canonical_query_string.split(b"&"):
                name, _, value = pair.partition(b"=")
                if name == b"X-Amz-Content-Sha256":
                    return value
            if self.verifier.is_s3:
                return _UNSIGNED
        elif self.verifier.is_s3:
            raise self.auth.refusal("no-payload-hash")
        return _EMPTY if self.content_length == 0 else None

    @property
    def method(self):
        """HTTP method, str."""
        return self.head.method.decode()

    @property
    def target(self):
        """The request target as it came, str."""
        return self.head.target.decode()

    @property
    def host(self):
        """The Host header, str."""
        return self.head.one(b"host").decode()

    @property
    def access_key_id(self):
        """Who the peer says it is, str."""
        return self.auth.access_key_id.decode()

    @property
    def amz_date(self):
        """When it says it signed, str YYYYMMDDTHHMMSSZ."""
        return self.auth.amz_date.decode()

    def write_canonical_request(self, sink, payload_hash=None):
        """Call sink(buffer) with the canonical request, piece by piece: what is hashed."""
        sink(self.head.method)
        for piece in (self.canonical_uri, self.canonical_query_string):
            sink(b"\n")
            sink(piece)
        for name, value in self.signed_pairs:
            sink(b"\n")
            sink(name)
            sink(b":")
            sink(value)
        sink(b"\n\n")
        sink(self.auth.signed_headers)
        sink(b"\n")
        sink(payload_hash or self.payload_hash)

    def canonical_request(self, payload_hash=None):
        """Return the canonical request, bytes: for whoever looks for a fault, not for the peer.

        payload_hash: as for prove().
        """
        pieces = []
        self.write_canonical_request(pieces.append, self._hash(payload_hash))
        return b"".join(pieces)

    def string_to_sign(self, payload_hash=None):
        """Return the string to sign, bytes. payload_hash: as for prove()."""
        hasher = sha256()
        self.write_canonical_request(hasher.update, self._hash(payload_hash))
        auth = self.auth
        hashed = hexlify(hasher.digest())
        return b"AWS4-HMAC-SHA256\n%s\n%s\n%s" % (auth.amz_date, auth.scope, hashed)

    def _hash(self, payload_hash):
        if not self.needs_body:
            return self.payload_hash
        if payload_hash is None:
            raise RequestError("payload_hash", "is needed: hash the body first (needs_body)")
        payload_hash = to_bytes(payload_hash, "payload_hash")
        if len(payload_hash) != 64 or not only(payload_hash, _HEX):
            raise RequestError("payload_hash", "must be 64 lower-case hex digits")
        return payload_hash

    def prove(self, payload_hash=None):
        """Return the Verified request. Once.

        payload_hash: str or bytes, SHA-256 of the body in hex, where needs_body says so: take the
        body first, content_length bytes of it.
        Raises: VerifyError. CredentialsError if what `keys` returned can't be a key; what it raises
        itself. RequestError without a payload_hash that is needed.
        Cost: two or three SHA-256 runs, for an unknown key as for a known one.
        """
        payload_hash = self._hash(payload_hash)
        if self._proven:
            raise RequestError("claim", "was proven before; read the request again")
        found, key, unknown = self.verifier.lookup.find(self.auth)
        signature = key.signature(self.string_to_sign(payload_hash))
        good = equal(signature, self.auth.signature)
        if found is None and not self.payload.startswith("chunks"):
            key.wipe()  # it was made for this request
        if unknown or not good:
            raise self.auth.refusal(unknown or "signature")
        self._check_token(found)
        self._check_replay()
        self._proven = True
        self.payload_hash = payload_hash
        from .verified import Verified

        return Verified(self, key, found is None)

    def _check_token(self, found):
        """Refuse a session token that is not the credentials', and credentials that have ended."""
        auth = self.auth
        wanted = getattr(found, "session_token", None)
        given = auth.session_token
        if (wanted is None) != (given is None) or wanted and not equal(wanted, given):
            raise auth.refusal("token")
        ends = getattr(found, "expires_at", None)
        if ends is not None and self.seconds[1] >= ends:
            raise auth.refusal("token-expired")

    def _check_replay(self):
        replay = self.verifier.replay
        if replay is None or self.auth.by_query and not replay.presigned:
            return
        admitted = replay.admit(self.auth.signature, self.valid_until, self.seconds[0])
        if not admitted:
            raise self.auth.refusal("replay-full" if admitted is None else "replay")

    def __repr__(self):
        return "<Claim %s>" % self.method
