from collections.abc import Iterable
from typing import TypeAlias

from .encode import _Text
from .prepared import PreparedRequest
from .sealed import SealedRequest

class Canonical:
    method: bytes
    path: bytes
    query: bytes
    signed_headers: bytes
    payload_hash: bytes
    headers: list[tuple[bytes, bytes]]
    def __init__(self, text: bytes) -> None: ...
    def header(self, name: bytes) -> bytes | None: ...

def presigned(canonical: Canonical) -> bool: ...

class Ours:
    canonical_request: bytes
    string_to_sign: bytes
    signature: bytes | None
    access_key_id: bytes | None
    session_token: bytes | None
    sent: list[tuple[bytes, bytes]] | None
    canonical: Canonical
    def __init__(
        self,
        canonical_request: _Text,
        string_to_sign: _Text | None = None,
        signature: _Text | None = None,
        access_key_id: _Text | None = None,
        session_token: _Text | None = None,
        sent: Iterable[tuple[_Text, _Text]] | None = None,
    ) -> None: ...
    def parameter(self, name: bytes) -> bytes: ...
    @property
    def amz_date(self) -> bytes: ...
    @property
    def scope(self) -> list[bytes]: ...
    @property
    def known(self) -> tuple[bytes | None, bytes | None]: ...

_Signed: TypeAlias = Ours | SealedRequest | PreparedRequest

def of(ours: _Signed) -> Ours: ...
