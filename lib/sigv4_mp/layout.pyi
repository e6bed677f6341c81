from collections.abc import Iterable

from .encode import _Bytes

AMZ_DATE: bytes
SCOPE_DATE: bytes
PAYLOAD_HASH: bytes
SIGNATURE: bytes
REQUEST_HASH: bytes
CONTENT_LENGTH: bytes

class Slots:
    def __init__(self) -> None: ...
    def compile(self, pieces: Iterable[bytes]) -> bytearray: ...
    def compile_parts(self, pieces: Iterable[bytes]) -> list[bytes | bytearray]: ...
    def fill(self, slot: bytes, value: _Bytes) -> None: ...
