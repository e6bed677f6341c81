"""A request compiled for signing: both byte strings that depend on it, with slots for the rest.

The canonical request (what is signed) and the head (what is sent) come from one `Request`, so they
can't disagree. Sealing fills the slots and hashes; it builds no strings.
Source: AWS SigV4 guide, "Create a signed request", steps 1 to 4.
"""

from binascii import hexlify
from hashlib import sha256

from .canonical import (
    canonical_headers,
    canonical_query_string,
    canonical_uri,
    is_signed,
    query_pairs,
)
from .digest import EMPTY_SHA256, sha256_hex
from .encode import lower_names
from .errors import RequestError
from .layout import (
    AMZ_DATE,
    CONTENT_LENGTH,
    LONG,
    PAYLOAD_HASH,
    REQUEST_HASH,
    SCOPE_DATE,
    SIGNATURE,
    Slots,
)
from .payload import check_length, check_payload, check_payload_hash
from .sealed import SealedRequest

_BODY_METHODS = (b"POST", b"PUT", b"PATCH")
_EMPTY = EMPTY_SHA256.encode()
_SLOT = object()  # the head has a slot for Content-Length


class PreparedRequest:
    """One request of one `Signer`, ready to be sealed as often as you like.

    Made by `Signer.prepare`. It holds one head: sealing again overwrites it, and an older
    `SealedRequest` of it then refuses to be used. Tasks that seal at the same time want one each.
    """

    def __init__(
        self,
        signer,
        request,
        auth,
        sign_headers=(),
        payload_hash=None,
        length=None,
        open_length=False,
    ):
        """length: bytes of the body, if known. open_length: seal() will tell, so leave a slot."""
        self.signer = signer
        self.request = request
        self.auth = auth
        self.generation = 0
        self.amz_date = self.signature = None  # of the last sealing, bytes
        self.key = None  # its SigningKey: the credentials may have others by then
        self._insisted = lower_names(sign_headers, "sign_headers") if sign_headers != () else ()
        self._known_length = check_length(length)
        self._take_declared()
        if payload_hash is None:
            payload_hash = self._declared_hash or auth.default_hash
        form = self._length_form(length)
        if open_length and length is None:
            form = self._length_form(_SLOT)
        self._compile(check_payload_hash(payload_hash), form)

    def _take_declared(self):
        """Note what the caller's own headers say of the body; sealing checks it."""
        request = self.request
        length = request.header(b"content-length")
        if length is not None and not length.isdigit():
            raise RequestError("content-length", "must be a decimal number")
        self._declared_length = None if length is None else int(length)
        # Then a client of the caller's own frames the body, in a length that we don't know.
        self._framed = request.header(b"transfer-encoding") is not None
        self._declared_hash = request.header(b"x-amz-content-sha256")
        if self._declared_hash is not None:
            check_payload_hash(self._declared_hash)
            request.drop_header(b"x-amz-content-sha256")

    def _take_credentials(self):
        credentials = self.signer.credentials
        self.access_key_id = credentials.access_key_id
        self.session_token = credentials.session_token
        own = self.request.header(b"x-amz-security-token")
        if own is not None and self.session_token not in (None, own):
            raise RequestError("x-amz-security-token", "differs from the credentials' token")

    def _own_headers(self):
        """Return the caller's headers, without a token that the credentials bring anyway."""
        headers = self.request.headers
        if self.session_token is None:
            return headers
        return [header for header in headers if header[2] != b"x-amz-security-token"]

    def _length_form(self, length):
        """Return how Content-Length stands in the head: None (it does not), _SLOT, or a number."""
        if self._declared_length is not None or self._framed:
            return None
        if (length == 0 or length is _SLOT) and self.request.method not in _BODY_METHODS:
            return None
        return length

    def _compile(self, payload_hash, length_form):
        """Lay out canonical request, string to sign and head, for this kind of payload hash."""
        self._compiled = False  # until all of it is: a failure half-way must not be sealed
        self._take_credentials()
        self._hash = self._day = self._filled = None  # nothing is in the slots yet
        self._length = length_form
        signer = self.signer
        self.scope_tail = b"/%s/%s/aws4_request" % (signer.region, signer.service)
        self._hash_piece = PAYLOAD_HASH
        if len(payload_hash) != 64:  # a sentinel
            self._hash_piece = self._hash = payload_hash
        self.signs_body = self._signs_body(payload_hash)
        self._slots = Slots()
        headers = self._canonical_headers()
        self.signed_headers = b";".join([name for name, value in headers])
        self._canonical = self._write_canonical(headers)
        self._string_to_sign = self._write_string_to_sign()
        # An unsendable target may hold a slot's bytes; its head is never asked for.
        self._head = None if self.request.unsendable else self._write_head()
        self._compiled = True

    def _signs_body(self, payload_hash):
        if self._declared_hash is not None:
            return True
        if self.signer.sign_body is not None:
            return self.signer.sign_body
        return self.auth.signs_body(self, payload_hash)

    def _canonical_headers(self):
        pairs = [(b"host", self.request.host_header)]
        if self.signs_body:
            pairs.append((b"x-amz-content-sha256", self._hash_piece))
        pairs.extend(self.auth.signed_headers(self))
        sign_only = self.signer.sign_only
        for _, value, name in self._own_headers():
            if is_signed(name, self._insisted, sign_only):
                pairs.append((name, value))
        return canonical_headers(pairs)

    def _write_canonical(self, headers):
        """Return the canonical request, a list of buffers: long values are not copied into it."""
        request = self.request
        signer = self.signer
        query = query_pairs(request.query)
        query.extend(self.auth.query(self))
        query = canonical_query_string(query)
        uri = canonical_uri(request.path, signer.normalize_path, signer.double_encode)
        write = self._slots.write
        text = bytearray(request.method)
        buffers = [text]
        text.extend(b"\n")
        text.extend(uri)
        text.extend(b"\n")
        self._write_query(text, query)
        text.extend(b"\n")
        for name, value in headers:
            text.extend(name)
            text.extend(b":")
            if len(value) >= LONG:
                text = bytearray()
                buffers.append(value)
                buffers.append(text)
            else:
                write(text, value)
            text.extend(b"\n")
        text.extend(b"\n")
        text.extend(self.signed_headers)
        text.extend(b"\n")
        write(text, self._hash_piece)
        return buffers

    def _write_query(self, text, query):
        if self.auth.slots_in_query:
            self._slots.write_mixed(text, query)
        else:
            text.extend(query)

    def _write_string_to_sign(self):
        write = self._slots.write
        text = bytearray(b"AWS4-HMAC-SHA256\n")
        write(text, AMZ_DATE)
        text.extend(b"\n")
        write(text, SCOPE_DATE)
        text.extend(self.scope_tail)
        text.extend(b"\n")
        write(text, REQUEST_HASH)
        return text

    def added_headers(self, amz_date, scope_date, signature, payload_hash):
        """Return the (name, value) pairs that signing adds to the caller's headers: bytes, or a
        tuple of bytes for a value in pieces."""
        pairs = self.auth.added_headers(self, amz_date, scope_date, signature)
        if self.signs_body:
            pairs.insert(0, (b"X-Amz-Content-Sha256", payload_hash))
        return pairs

    def _write_head(self):
        request = self.request
        write = self._slots.write
        slots = (AMZ_DATE, SCOPE_DATE, SIGNATURE)
        target = self.auth.target(self, *slots)
        added = self.added_headers(*slots, self._hash_piece)
        text = bytearray(request.method)
        text.extend(b" ")
        self._write_query(text, target)
        text.extend(b" HTTP/1.1\r\nHost: ")
        text.extend(request.host_header)
        for name, value, _ in self._own_headers():
            _begin_line(text, name)
            text.extend(value)
        for name, value in added:
            _begin_line(text, name)
            for piece in value if isinstance(value, tuple) else (value,):
                write(text, piece)
        if self._length is not None:
            _begin_line(text, b"Content-Length")
            write(text, CONTENT_LENGTH if self._length is _SLOT else str(self._length).encode())
        text.extend(b"\r\n\r\n")
        return text

    def seal(self, payload=None, payload_hash=None, content_length=None, amz_date=None):
        """Return a SealedRequest: the request signed for one moment and one payload.

        payload: bytes-like, hashed here. Or payload_hash: 64 hex digits or a sentinel such as
        UNSIGNED_PAYLOAD; content_length then says how many bytes will be sent (None: the head says
        nothing of it, and a transport refuses to send). Neither: an empty body.
        amz_date: str or bytes[16]; None asks the signer's clock.
        Raises: ClockError, RequestError, CredentialsError; then nothing was signed.
        Cost: SHA-256 of the canonical request, HMAC-SHA256 of the string to sign (cached key).
        """
        signer = self.signer
        amz_date = signer.date_of(amz_date, self.auth.expires)
        payload_hash, length = self._commitment(payload, payload_hash, content_length)
        key = self.key = signer.signing_key(amz_date, self.auth.expires)
        day = key.scope_date
        self.generation += 1  # from here on the head changes: an older SealedRequest is stale
        self._fit(payload_hash, length)
        fill = self._slots.fill
        fill(AMZ_DATE, amz_date)
        if day is not self._day:
            fill(SCOPE_DATE, day)
            self._day = day
        if payload_hash != self._hash:
            fill(PAYLOAD_HASH, payload_hash)
            self._hash = payload_hash
        if self._length is _SLOT and length != self._filled:
            fill(CONTENT_LENGTH, b"%10d" % length)
            self._filled = length
        hasher = sha256()
        for buffer in self._canonical:
            hasher.update(buffer)
        fill(REQUEST_HASH, hexlify(hasher.digest()))
        self.amz_date = amz_date
        self.signature = key.signature(self._string_to_sign)
        fill(SIGNATURE, self.signature)
        return SealedRequest(self, length)

    def _commitment(self, payload, payload_hash, length):
        """Return (payload hash, length or None) of what the caller said will be sent."""
        check_length(length)
        if payload is None and length is None:
            length = self._known_length
        if payload is not None:
            check_payload(payload)
            if payload_hash is not None or length not in (None, len(payload)):
                raise RequestError("payload", "was given with a payload_hash or another length")
            payload_hash = self.auth_hash(payload)
            length = len(payload)
        elif payload_hash is None:
            payload_hash = self._declared_hash or self.auth.default_hash
            if payload_hash == _EMPTY:
                if length:
                    raise RequestError("payload_hash", "is missing for a body that is not empty")
                length = 0
        else:
            payload_hash = check_payload_hash(payload_hash)
        if self._declared_hash not in (None, payload_hash):
            raise RequestError("x-amz-content-sha256", "is not the hash of the payload")
        if self._declared_length is not None:
            if length is not None and length != self._declared_length:
                raise RequestError("content-length", "is not the payload's length")
            length = self._declared_length
        elif self._framed:
            length = None
        return payload_hash, check_length(length)

    def auth_hash(self, payload):
        """Return the payload hash of a body that the caller holds whole."""
        if self.auth.default_hash != _EMPTY and not self._signs_body(None):
            return self.auth.default_hash
        return sha256_hex(payload)

    def _fit(self, payload_hash, length):
        """Compile anew where the layout does not fit: other credentials, other kind of payload."""
        form = self._length_form(length)
        credentials = self.signer.credentials
        if not (
            self._compiled
            and (self._length == form or (self._length is _SLOT and form is not None))
            and (self._hash_piece is PAYLOAD_HASH) == (len(payload_hash) == 64)
            and (self._hash_piece is PAYLOAD_HASH or self._hash_piece == payload_hash)
            and credentials.access_key_id == self.access_key_id
            and credentials.session_token is self.session_token
        ):
            self._compile(payload_hash, form if form is None else self._length_form(_SLOT) or form)

    def write_canonical_request(self, sink):
        """Call sink(buffer) with the canonical request, piece by piece: what is hashed."""
        for buffer in self._canonical:
            sink(buffer)

    def string_to_sign(self):
        """Return the string to sign of the last sealing, bytes."""
        return bytes(self._string_to_sign)

    def payload_hash(self):
        """Return the payload hash of the last sealing, bytes."""
        return self._hash

    def head(self):
        """Return the head's buffer. Raises: RequestError if the target can't be sent."""
        if self._head is None:
            raise RequestError("url", self.request.unsendable)
        return self._head


def _begin_line(text, name):
    text.extend(b"\r\n")
    text.extend(name)
    text.extend(b": ")
