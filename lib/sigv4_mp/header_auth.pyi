from collections.abc import Sequence

from .prepared import PreparedRequest, _Value

class HeaderAuth:
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

def authorization(
    prepared: PreparedRequest, scope_date: bytes, signature: bytes
) -> tuple[bytes, ...]: ...

HEADER_AUTH: HeaderAuth
