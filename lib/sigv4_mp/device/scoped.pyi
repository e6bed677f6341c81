from collections.abc import Callable

from ..encode import _Bytes
from ..keys import SigningKey

MAGIC: bytes

def pack(
    access_key_id: str,
    region: str,
    service: str,
    keys: list[tuple[bytes, bytes]],
    session_token: str | None = None,
) -> bytes: ...

class ScopedKeys:
    access_key_id: bytes
    session_token: bytes | None
    expires_at: None
    first_date: bytes
    last_date: bytes
    def __init__(self, source: str | _Bytes | Callable[[], _Bytes]) -> None: ...
    def signing_key(self, scope_date: bytes, region: bytes, service: bytes) -> SigningKey: ...
    def days_left(self, amz_date: bytes) -> int: ...
    def wipe(self) -> None: ...
