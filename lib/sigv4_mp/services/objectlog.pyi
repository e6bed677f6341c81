from ..net.steps import _Operation
from ..signer import Signer
from .s3 import S3
from .spool import Spool

class ObjectLog:
    signer: Signer
    service: bytes
    oldest_s: int | None
    count: int
    key: str | None
    def __init__(
        self,
        s3: S3,
        spool: Spool,
        prefix: str = "",
        max_bytes: int = 1048576,
        content_type: str = "text/plain",
    ) -> None: ...
    def clear(self) -> None: ...
    def add(
        self,
        payload: bytes | bytearray | memoryview,
        record_id: str,
        stream: int,
        time_s: int,
    ) -> bool: ...
    def send(self) -> _Operation[tuple[tuple[int, str, bool], ...]]: ...

class Lines:
    def __init__(self, spool: Spool, first: int, last: int) -> None: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...
    def readinto(self, view: bytearray | memoryview) -> int: ...
