from collections.abc import Callable

from ..sealed import SealedRequest
from .body import _Reader, _Take
from .http1 import ResponseParser
from .steps import Io, _Operation

class Response:
    status: int
    reason: str
    headers: dict[str, str]
    length: int | None
    body: bytes | None
    def __init__(self, parser: ResponseParser) -> None: ...
    @property
    def etag(self) -> str | None: ...

class Attempt:
    response: Response | None
    opened: bool
    delivered: bool
    def __init__(
        self, io: Io, receive: bytearray, block: bytearray, sealed: SealedRequest
    ) -> None: ...
    def run(
        self,
        open_body: Callable[[SealedRequest], _Reader | None],
        on_head: Callable[[Response], _Take | None] | None,
        progress: Callable[[int, int | None], object] | None,
        check: bool,
    ) -> _Operation[Response]: ...
    def stale(self) -> bool: ...

def wait_for(io: Io, reader: _Reader, buffer: memoryview) -> _Operation[int]: ...
