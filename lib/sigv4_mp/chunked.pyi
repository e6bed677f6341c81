from typing import Protocol, type_check_only

from .checksum import Checksum
from .sealed import SealedRequest

SIGNED: str
SIGNED_TRAILER: str
UNSIGNED_TRAILER: str
MIN_CHUNK: int
ROOM: int
TAIL: int

@type_check_only
class _NameAndSize(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...

def encoded_length(
    length: int, chunk_size: int, mode: str, checksum: _NameAndSize | None = None
) -> int: ...

class ChunkEncoder:
    signature: bytes
    def __init__(
        self,
        sealed: SealedRequest,
        length: int,
        chunk_size: int,
        mode: str,
        checksum: Checksum | None = None,
    ) -> None: ...
    def wrap(self, buffer: bytearray, length: int) -> tuple[int, int]: ...
    def end(self) -> bytes: ...
