from collections.abc import Callable, Iterable

from .encode import _Bytes, _Text
from .header_auth import HeaderAuth
from .keys import SigningKey
from .presign import QueryAuth
from .request import Request
from .sealed import SealedRequest
from .signer import Signer

class PreparedRequest:
    signer: Signer
    request: Request
    auth: HeaderAuth | QueryAuth
    access_key_id: bytes
    session_token: bytes | None
    signature: bytes | None
    key: SigningKey | None
    def __init__(
        self,
        signer: Signer,
        request: Request,
        auth: HeaderAuth | QueryAuth,
        sign_headers: Iterable[_Text] = (),
        payload_hash: _Text | None = None,
        length: int | None = None,
        open_length: bool = False,
    ) -> None: ...
    def seal(
        self,
        payload: _Bytes | None = None,
        payload_hash: _Text | None = None,
        content_length: int | None = None,
        amz_date: _Text | None = None,
    ) -> SealedRequest: ...
    def auth_hash(self, payload: _Bytes) -> bytes: ...
    def write_canonical_request(self, sink: Callable[[bytes | bytearray], object]) -> None: ...
    def string_to_sign(self) -> bytes: ...
    def amz_date(self) -> bytes: ...
    def credential_scope(self) -> bytes: ...
    def payload_hash(self) -> bytes | None: ...
    def content_length(self) -> int | None: ...
    def signed_headers(self) -> bytes: ...
    def head(self) -> bytearray: ...
    def target(self) -> bytes: ...
    def added(self) -> bytes: ...
    def composed(self) -> bytearray: ...
