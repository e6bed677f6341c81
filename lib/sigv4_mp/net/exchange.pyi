from collections.abc import Callable
from typing import Literal

from ..sealed import SealedRequest
from .body import _Reader, _Take
from .http1 import ResponseParser
from .steps import Io, _Operation

WITH_SESSION_TOKEN: Literal["session-token"]

class Response:
    status: int
    reason: str
    headers: dict[str, str]
    length: int | None
    body: bytes | None
    def __init__(self, parser: ResponseParser) -> None: ...
    @property
    def etag(self) -> str | None: ...

class Exchange:
    io: Io
    insecure_http: bool | Literal["session-token"]
    def __init__(
        self,
        receive_size: int = 2048,
        send_size: int = 2048,
        insecure_http: bool | Literal["session-token"] = False,
    ) -> None: ...
    def __enter__(self) -> Io: ...
    def __exit__(self, *_: object) -> None: ...
    def hash(self, reader: _Reader) -> _Operation[tuple[str, int]]: ...
    def perform(
        self,
        sealed: SealedRequest,
        reader: _Reader | None = None,
        on_head: Callable[[Response], _Take | None] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> _Operation[Response]: ...

def check_transport(
    sealed: SealedRequest, insecure_http: bool | Literal["session-token"]
) -> None: ...
