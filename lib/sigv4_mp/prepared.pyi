from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias, type_check_only

from .encode import _Bytes, _Text
from .keys import SigningKey
from .request import Request
from .sealed import SealedRequest
from .signer import Signer

_Value: TypeAlias = bytes | tuple[bytes, ...]

@type_check_only
class _Auth(Protocol):
    """How the signature travels: HeaderAuth, or QueryAuth."""

    default_hash: bytes
    slots_in_query: bool
    expires: int | None
    def signs_body(self, prepared: PreparedRequest, payload_hash: bytes | None) -> bool: ...
    def query(self, prepared: PreparedRequest) -> Sequence[tuple[bytes, bytes]]: ...
    def signed_headers(self, prepared: PreparedRequest) -> Sequence[tuple[bytes, bytes]]: ...
    def added_headers(
        self, prepared: PreparedRequest, amz_date: bytes, scope_date: bytes, signature: bytes
    ) -> list[tuple[bytes, _Value]]: ...
    def target(
        self, prepared: PreparedRequest, amz_date: bytes, scope_date: bytes, signature: bytes
    ) -> bytes: ...

class PreparedRequest:
    signer: Signer
    request: Request
    auth: _Auth
    generation: int
    access_key_id: bytes
    session_token: bytes | None
    signs_body: bool
    signed_headers: bytes
    scope_tail: bytes
    amz_date: bytes | None
    signature: bytes | None
    key: SigningKey | None
    def __init__(
        self,
        signer: Signer,
        request: Request,
        auth: _Auth,
        sign_headers: Iterable[_Text] = (),
        payload_hash: _Text | None = None,
        length: int | None = None,
        open_length: bool = False,
    ) -> None: ...
    def added_headers(
        self, amz_date: bytes, scope_date: bytes, signature: bytes, payload_hash: bytes
    ) -> list[tuple[bytes, _Value]]: ...
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
    def payload_hash(self) -> bytes: ...
    def head(self) -> bytearray: ...
