from ..encode import _Bytes, _Text
from ..keys import SigningKey

LEAST: int

class Credentials:
    access_key_id: bytes
    session_token: bytes | None
    expires_at: int | None
    steady: bool
    def __init__(
        self,
        access_key_id: _Text,
        secret_access_key: str | _Bytes,
        session_token: _Text | None = None,
        expires_at: int | None = None,
    ) -> None: ...
    def check_deadline(self, amz_date: bytes, lifetime: int | None = None) -> None: ...
    def drop_secret(self) -> None: ...
    def signing_key(self, scope_date: bytes, region: bytes, service: bytes) -> SigningKey: ...
    def wipe(self) -> None: ...
