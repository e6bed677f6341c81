from collections.abc import Iterable
from typing import Protocol, type_check_only

from typing_extensions import Self

from .encode import _Bytes, _Pairs, _Text
from .keys import SigningKey
from .prepared import PreparedRequest
from .sealed import SealedRequest

@type_check_only
class CredentialsLike(Protocol):
    """What a Signer asks of credentials. It exists for type checkers only."""

    @property
    def access_key_id(self) -> bytes: ...
    @property
    def session_token(self) -> bytes | None: ...
    def signing_key(self, scope_date: bytes, region: bytes, service: bytes, /) -> SigningKey: ...

@type_check_only
class ClockLike(Protocol):
    """What a Signer asks of a clock. It exists for type checkers only."""

    def require(self, service: bytes, /) -> _Text: ...

class Signer:
    credentials: CredentialsLike
    region: bytes
    service: bytes
    scope_tail: bytes
    clock: ClockLike | None
    is_s3: bool
    normalize_path: bool
    double_encode: bool
    sign_body: bool | None
    token_after_signing: bool
    sign_only: list[bytes] | None
    def __init__(
        self,
        credentials: CredentialsLike,
        region: _Text,
        service: _Text,
        clock: ClockLike | None = None,
        normalize_path: bool | None = None,
        double_encode: bool | None = None,
        sign_body: bool | None = None,
        token_after_signing: bool = False,
        sign_only: Iterable[_Text] | None = None,
    ) -> None: ...
    def prepare(
        self,
        method: _Text,
        url: _Text,
        headers: _Pairs = (),
        query: _Pairs = (),
        sign_headers: Iterable[_Text] = (),
        payload_hash: _Text | None = None,
        content_length: int | None = None,
        unsendable_ok: bool = False,
    ) -> PreparedRequest: ...
    def prepare_presigned(
        self,
        method: _Text,
        url: _Text,
        expires: int | None,
        headers: _Pairs = (),
        query: _Pairs = (),
        sign_headers: Iterable[_Text] = (),
        payload_hash: _Text | None = None,
        unsendable_ok: bool = False,
    ) -> PreparedRequest: ...
    def sign(
        self,
        method: _Text,
        url: _Text,
        headers: _Pairs = (),
        payload: _Bytes | None = None,
        payload_hash: _Text | None = None,
        content_length: int | None = None,
        amz_date: _Text | None = None,
        query: _Pairs = (),
        sign_headers: Iterable[_Text] = (),
    ) -> SealedRequest: ...
    def presign(
        self,
        method: _Text,
        url: _Text,
        expires: int | None,
        headers: _Pairs = (),
        query: _Pairs = (),
        payload_hash: _Text | None = None,
        amz_date: _Text | None = None,
        sign_headers: Iterable[_Text] = (),
    ) -> str: ...
    def in_region(self, region: _Text) -> Self: ...
    def signing_only(self, names: Iterable[_Text]) -> Self: ...
    def signing_key(self, amz_date: bytes, lifetime: int | None = None) -> SigningKey: ...
    def date_of(self, amz_date: _Text | None, expires: int | None = None) -> bytes: ...
