"""A request compiled for signing: both byte strings that depend on it, with slots for the rest.

The canonical request (what is signed) and the head (what is sent) come from one `Request`, so they
can't disagree. Sealing fills the slots and hashes; it builds no strings.
Source: AWS SigV4 guide, "Create a signed request", steps 1 to 4.
"""

from binascii import hexlify
from hashlib import sha256

from .amzdate import check_amz_date
from .canonical import (
    canonical_header_value,
    canonical_query_string,
    canonical_uri,
    is_signed,
    merged,
    query_pairs,
)
from .digest import EMPTY_SHA256, sha256_hex
from .encode import lower_names
from .errors import RequestError
from .header_auth import HEADER_AUTH
from .layout import AMZ_DATE, CONTENT_LENGTH, LONG, PAYLOAD_HASH, SCOPE_DATE, at
from .payload import check_length, check_payload, check_payload_hash
from .sealed import SealedRequest

_BODY_METHODS = (b"POST", b"PUT", b"PATCH")
_EMPTY = EMPTY_SHA256.encode()
_SLOT = object()  # the head has a slot for Content-Length
_NONE_YET = object()
_HEAD, _SIGNED_HEADERS, _FORM = 5, 6, 7  # items of a layout; see _compile
_ROOM = 512  # bytes that most heads stay below
_LENGTH = b"\r\nContent-Length: " + CONTENT_LENGTH


class PreparedRequest:
    """One request of one `Signer`, ready to be sealed as often as you like.

    Made by `Signer.prepare`. It holds one head: sealing again overwrites it, and an older
    `SealedRequest` of it then refuses to be used. Tasks that seal at the same time want one each.
    """

    # Defaults in the class: see Request.
    auth = HEADER_AUTH
    session_token = None
    signature = None  # of the last sealing, bytes; None while there is none that holds
    key = None  # its SigningKey: the credentials may have others by then
    _layout = None
    _insisted = ()
    _known_length = None
    _declared_length = None
    _declared_hash = None
    _framed = False
    _bound = False  # one of the four above says something of the body

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
        """payload_hash: None, or as check_payload_hash returned it. length: bytes of the body, if
        known. open_length: seal() may tell another, so leave a slot where it is not known."""
        self.signer = signer
        self.request = request
        if auth is not HEADER_AUTH:
            self.auth = auth
        if sign_headers != ():
            self._insisted = lower_names(sign_headers, "sign_headers")
        if length is not None:
            check_length(length)
            if open_length:
                self._known_length = length
                self._bound = True
        if request.special:
            self._take_declared()
        if payload_hash is None:
            payload_hash = self._declared_hash or auth.default_hash
        form = self._length_form(_SLOT if open_length and length is None else length)
        self._compile(payload_hash, form)
        if form is not _SLOT:
            self._length = length

    def _take_declared(self):
        """Note what the caller's own headers say of the body; sealing checks it."""
        request = self.request
        self._bound = True
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
        if self.session_token is not credentials.session_token:
            self.session_token = credentials.session_token
        if not self.request.special:
            return
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
        self._layout = self.key = None  # until all of it is: a failure half-way must not be sealed
        self._length = _NONE_YET
        self._take_credentials()
        own = self._own_headers() if self.request.special else self.request.headers
        signs_body = self._signs_body(payload_hash)
        headers = self._headers_to_sign(own, signs_body)
        signed_headers = b";".join([name for name, _ in headers])
        canonical = self._write_canonical(headers, signed_headers, payload_hash)
        to_sign = [b"AWS4-HMAC-SHA256\n", AMZ_DATE, None, None]  # date, scope line, hash
        date = canonical.index(AMZ_DATE)
        day = canonical.index(SCOPE_DATE) if self.auth.in_query else 0
        body = -1
        if signs_body:
            body = canonical.index(PAYLOAD_HASH)
            canonical[body] = payload_hash
        head = self._write_head(own, signed_headers, signs_body, payload_hash, length_form)
        self._layout = (canonical, to_sign, date, day, body, head, signed_headers, length_form)

    def _signs_body(self, payload_hash):
        if self._declared_hash is not None:
            return True
        if self.signer.sign_body is not None:
            return self.signer.sign_body
        return self.auth.signs_body(self, payload_hash)

    def _headers_to_sign(self, own, signs_body):
        """Return the canonical headers, slots among their values. own: the caller's."""
        pairs = self.auth.signed_headers(self)
        if signs_body:
            pairs.append((b"x-amz-content-sha256", PAYLOAD_HASH))
        pairs.append((b"host", self.request.host_header))
        sign_only = self.signer.sign_only
        for _, value, name in own:
            if is_signed(name, self._insisted, sign_only):
                pairs.append((name, canonical_header_value(value)))
        # What signing adds has names of its own, so a lone header has no double: 30 us less.
        return sorted(pairs) if len(own) < 2 else merged(pairs)

    def _write_canonical(self, headers, signed_headers, payload_hash):
        """Return the canonical request, a list of buffers. Slots are items of their own, as are
        long values, which are not copied."""
        request = self.request
        signer = self.signer
        uri = request.path
        # A plain path is canonical, but for segments that normalising drops.
        if not request.plain or signer.normalize_path and (b"//" in uri or b"/." in uri):
            uri = canonical_uri(uri, signer.normalize_path, signer.double_encode)
        # `+=` into room taken before: 11 us a piece on the RP2040. MicroPython leaves a shortened
        # bytearray its room; one that grows is moved from hole to hole in the heap. Lists of
        # pieces, joined, took 400 us and 1,300 bytes more for a whole prepare().
        text = bytearray(160)
        text[:] = request.method
        buffers = [text]
        text += b"\n"
        text += uri
        text += b"\n"
        if self.auth.in_query:
            text = self.auth.write_query(self, buffers, signed_headers)
        elif request.query:
            text += canonical_query_string(query_pairs(request.query))
        text += b"\n"
        for name, value in headers:
            text += name
            text += b":"
            if value is AMZ_DATE or value is PAYLOAD_HASH or len(value) >= LONG:
                text = bytearray(b"\n")
                buffers += (value, text)
            else:
                text += value
                text += b"\n"
        text += b"\n"
        text += signed_headers
        text += b"\n"
        buffers.append(payload_hash)
        return buffers

    def _write_head(self, own, signed_headers, signs_body, payload_hash, length_form):
        """Return (head with its slots unfilled; slices of payload hash, amz_date and signature;
        where in it stand day, length (0: none), what signing adds; where the target ends)."""
        auth = self.auth
        request = self.request
        text = bytearray(_ROOM)  # see above; grown from nothing it takes 250 us more
        text[:] = request.method
        text += b" "
        places = hashed = length_at = 0
        if auth.in_query:
            places = auth.write_target(self, text, signed_headers)
        else:
            text += request.target()
        target_end = len(text)
        text += b" HTTP/1.1\r\nHost: "
        text += request.host_header
        for name, value, _ in own:
            text += b"\r\n"
            text += name
            text += b": "
            text += value
        added_at = len(text)
        if signs_body:
            text += b"\r\nX-Amz-Content-Sha256: "
            hashed = at[len(text) : len(text) + 64]
            text += payload_hash
        date_at, day_at, signature_at = places or auth.write_lines(self, text, signed_headers)
        if length_form is _SLOT:
            text += _LENGTH
            length_at = len(text) - 10
        elif length_form is not None:
            text += b"\r\nContent-Length: %d" % length_form
        text += b"\r\n\r\n"
        date = at[date_at : date_at + 16]
        signature = at[signature_at : signature_at + 64]
        return text, hashed, date, signature, day_at, length_at, added_at, target_end

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
        expires = self.auth.expires
        if amz_date is None:
            amz_date = signer.date_of(None, expires)
        else:
            amz_date = check_amz_date(amz_date)
        last = self.payload_hash()
        # What is as it was is not looked at again: 200 us less on the RP2040, of some 2,000.
        if payload is None and payload_hash and content_length is self._length and not self._bound:
            if payload_hash is not last:
                payload_hash = check_payload_hash(payload_hash)
        else:
            payload_hash, content_length = self._commitment(payload, payload_hash, content_length)
        key = signer.signing_key(amz_date, expires)
        self.signature = None  # from here on the head changes: an older SealedRequest is stale
        credentials = signer.credentials
        if (
            content_length is not self._length
            or credentials.access_key_id is not self.access_key_id
            or credentials.session_token is not self.session_token
            or payload_hash != last
            and not len(payload_hash) == len(last) == 64
        ):
            self._fit(payload_hash, content_length)
        self.signature = self._fill(amz_date, payload_hash, key, content_length)
        return SealedRequest(self, self.signature)

    def _fill(self, amz_date, payload_hash, key, length):
        """Fill the slots, hash, sign. Return the signature."""
        canonical, to_sign, date, day, body, head, _, _ = self._layout
        head, hash_slot, date_slot, signature_slot, day_at, length_at, _, _ = head
        canonical[date] = to_sign[1] = amz_date
        head[date_slot] = amz_date
        if payload_hash != canonical[-1]:
            canonical[body] = canonical[-1] = payload_hash
            if hash_slot:
                head[hash_slot] = payload_hash
        if key is not self.key:
            to_sign[2] = key.scope_line
            head[day_at : day_at + 8] = key.scope_date
            if day:
                canonical[day] = key.scope_date
            self.key = key
        if length is not self._length:
            if length_at:
                head[length_at : length_at + 10] = b"%10d" % length
            self._length = length
        hasher = sha256()
        self.write_canonical_request(hasher.update)  # what is shown is what is hashed: 25 us
        to_sign[3] = hexlify(hasher.digest())
        signature = key.signature_of(to_sign)
        head[signature_slot] = signature
        return signature

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
        elif payload_hash is not self.payload_hash():
            payload_hash = check_payload_hash(payload_hash)
        if self._declared_hash not in (None, payload_hash):
            raise RequestError("x-amz-content-sha256", "is not the hash of the payload")
        if self._declared_length is not None:
            if length is not None and length != self._declared_length:
                raise RequestError("content-length", "is not the payload's length")
            length = check_length(self._declared_length)
        elif self._framed:
            length = None
        return payload_hash, length

    def auth_hash(self, payload):
        """Return the payload hash of a body that the caller holds whole."""
        if self.auth.default_hash != _EMPTY and not self._signs_body(None):
            return self.auth.default_hash
        return sha256_hex(payload)

    def _fit(self, payload_hash, length):
        """Compile anew where the layout does not fit: other credentials, other kind of payload."""
        form = self._length_form(length)
        credentials = self.signer.credentials
        last = self.payload_hash()
        if last is not None:
            laid = self._layout[_FORM]
            if (
                (laid == form or (laid is _SLOT and form is not None))
                and (payload_hash == last or len(payload_hash) == len(last) == 64)
                and credentials.access_key_id == self.access_key_id
                and credentials.session_token is self.session_token
            ):
                return
        self._compile(payload_hash, form if form is None else self._length_form(_SLOT) or form)

    def write_canonical_request(self, sink):
        """Call sink(buffer) with the canonical request, piece by piece: what is hashed."""
        for buffer in self._layout[0]:
            sink(buffer)

    def string_to_sign(self):
        """Return the string to sign of the last sealing, bytes."""
        return b"".join(self._layout[1])

    def request_hash(self):
        """Return the hash of the canonical request of the last sealing, bytes[64] hex."""
        return self._layout[1][3]

    def amz_date(self):
        """Return the date of the last sealing, bytes[16]."""
        return self._layout[1][1]

    def credential_scope(self):
        """Return the credential scope of the last sealing, bytes."""
        return self._layout[1][2][1:-1]

    def payload_hash(self):
        """Return the payload hash of the last sealing, bytes; None where no layout holds."""
        return self._layout[0][-1] if self._layout else None

    def content_length(self):
        """Return how many bytes of body the last sealing announced, int, or None."""
        return self._length

    def signed_headers(self):
        """Return the names of the signed headers, bytes, sorted, with `;` between."""
        return self._layout[_SIGNED_HEADERS]

    def head(self):
        """Return the head's buffer. Raises: RequestError if the target can't be sent."""
        if self.request.unsendable:
            raise RequestError("url", self.request.unsendable)
        return self._layout[_HEAD][0]

    def target(self):
        """Return the request target of the last sealing, bytes."""
        head = self._layout[_HEAD]
        return bytes(head[0][len(self.request.method) + 1 : head[-1]])

    def added(self):
        """Return the lines that sealing added to the head, bytes, each after its line end."""
        head = self._layout[_HEAD]
        return bytes(head[0][head[-2] : -4])

    def composed(self):
        """Return the head of the last sealing, written anew, bytearray: what head() must be.

        Cost: about a quarter of a prepare().
        """
        _, _, _, _, body, _, signed_headers, form = self._layout
        own = self._own_headers() if self.request.special else self.request.headers
        written = self._write_head(own, signed_headers, body >= 0, self.payload_hash(), form)
        head, _, date_slot, signature_slot, day_at, length_at, _, _ = written
        head[date_slot] = self.amz_date()
        head[day_at : day_at + 8] = self.key.scope_date
        head[signature_slot] = self.signature
        if length_at:
            head[length_at : length_at + 10] = b"%10d" % self._length
        return head
