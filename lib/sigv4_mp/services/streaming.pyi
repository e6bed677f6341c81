from ..encode import _Text
from ..net.body import _Reader
from ..sealed import SealedRequest
from .bodies import StreamBody

class Plan:
    payload_hash: str
    headers: list[tuple[_Text, _Text]]
    chunk_size: int
    def __init__(
        self, mode: str, checksum: str | None, scheme: str, buffer: bytearray | None, length: int
    ) -> None: ...
    def body(self, source: StreamBody) -> ChunkedBody: ...

class ChunkedBody:
    rewindable: bool
    length: int | None
    def __init__(
        self,
        source: StreamBody,
        payload_hash: str,
        checksum: str | None,
        buffer: bytearray | None,
        chunk_size: int,
    ) -> None: ...
    def open(self, sealed: SealedRequest) -> _Reader: ...
    def readinto(self, buffer: memoryview) -> int | None: ...
