from collections.abc import Iterable
from typing import overload

from .encode import _Bytes, _Text

def derive_signing_key(
    secret_access_key: _Bytes, scope_date: _Text, region: _Text, service: _Text
) -> bytes: ...
def check_scope_date(scope_date: _Text) -> bytes: ...
def check_name(value: _Text, field: str) -> bytes: ...
def check_access_key_id(value: _Text) -> bytes: ...
@overload
def check_session_token(value: None) -> None: ...
@overload
def check_session_token(value: _Text) -> bytes: ...
def check_secret_access_key(value: str | _Bytes) -> bytearray: ...

class SigningKey:
    access_key_id: bytes
    scope_date: bytes
    region: bytes
    service: bytes
    scope_line: bytes | None
    def __init__(
        self,
        access_key_id: _Text,
        scope_date: _Text,
        region: _Text,
        service: _Text,
        signing_key: _Bytes,
    ) -> None: ...
    @classmethod
    def derive(
        cls,
        access_key_id: _Text,
        secret_access_key: _Bytes,
        scope_date: _Text,
        region: _Text,
        service: _Text,
    ) -> SigningKey: ...
    def signature(self, string_to_sign: _Bytes) -> bytes: ...
    def signature_of(self, pieces: Iterable[_Bytes]) -> bytes: ...
    def wipe(self) -> None: ...

class SigningKeyCache:
    def __init__(self) -> None: ...
    def get(
        self,
        access_key_id: bytes,
        secret_access_key: _Bytes,
        scope_date: bytes,
        region: bytes,
        service: bytes,
    ) -> SigningKey: ...
    def find(
        self, access_key_id: bytes, scope_date: bytes, region: bytes, service: bytes
    ) -> SigningKey | None: ...
    def wipe(self) -> None: ...
