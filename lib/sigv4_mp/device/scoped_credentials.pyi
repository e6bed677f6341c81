from ..encode import _Bytes, _Text
from ..keys import SigningKey

class ScopedCredentials:
    access_key_id: bytes
    session_token: bytes | None
    def __init__(
        self,
        access_key_id: _Text,
        scope_date: _Text,
        region: _Text,
        service: _Text,
        signing_key: _Bytes,
        session_token: _Text | None = None,
    ) -> None: ...
    def signing_key(self, scope_date: bytes, region: bytes, service: bytes) -> SigningKey: ...
    def wipe(self) -> None: ...
