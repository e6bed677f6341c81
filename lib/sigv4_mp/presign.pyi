from collections.abc import Sequence

from .encode import _Text
from .prepared import PreparedRequest, _Value
from .signer import ClockLike, CredentialsLike, Signer

MAX_EXPIRES: int

class QueryAuth:
    default_hash: bytes
    slots_in_query: bool
    expires: int | None
    def __init__(self, signer: Signer, expires: int | None) -> None: ...
    def signs_body(self, prepared: PreparedRequest, payload_hash: bytes | None) -> bool: ...
    def signed_headers(self, prepared: PreparedRequest) -> Sequence[tuple[bytes, bytes]]: ...
    def added_headers(
        self, prepared: PreparedRequest, amz_date: bytes, scope_date: bytes, signature: bytes
    ) -> list[tuple[bytes, _Value]]: ...
    def query(self, prepared: PreparedRequest) -> Sequence[tuple[bytes, bytes]]: ...
    def target(
        self, prepared: PreparedRequest, amz_date: bytes, scope_date: bytes, signature: bytes
    ) -> bytes: ...

def iot_mqtt_url(
    credentials: CredentialsLike,
    region: _Text,
    endpoint: str,
    amz_date: _Text | None = None,
    clock: ClockLike | None = None,
) -> str: ...
