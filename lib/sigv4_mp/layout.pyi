from .encode import _Bytes

AMZ_DATE: bytes
SCOPE_DATE: bytes
PAYLOAD_HASH: bytes
SIGNATURE: bytes
REQUEST_HASH: bytes
CONTENT_LENGTH: bytes
LONG: int

class Slots:
    def __init__(self) -> None: ...
    def write(self, text: bytearray, piece: bytes) -> None: ...
    def write_mixed(self, text: bytearray, piece: bytes) -> None: ...
    def fill(self, slot: bytes, value: _Bytes) -> None: ...
