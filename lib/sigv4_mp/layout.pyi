from typing import type_check_only

AMZ_DATE: bytes
SCOPE_DATE: bytes
PAYLOAD_HASH: bytes
SIGNATURE: bytes
CONTENT_LENGTH: bytes
LONG: int

@type_check_only
class _Slices:
    def __getitem__(self, where: slice) -> slice: ...

at: _Slices
