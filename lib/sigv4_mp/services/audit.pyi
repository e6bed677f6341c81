from collections.abc import Callable, Generator
from typing import Literal, NamedTuple, Protocol, type_check_only

from ..errors import ServiceError
from ..net.body import _Reader, _Take
from ..net.exchange import Exchange, Response, _Body, _FaultLike
from ..net.retry import Policy
from ..net.steps import Io, _Operation
from ..sealed import SealedRequest

class AuditRecord(NamedTuple):
    number: str
    amz_date: str
    earliest_ms: str
    latest_ms: str
    access_key_id: str
    credential_scope: str
    method: str
    host: str
    path: str
    request_hash: str
    outcome: str
    request_id: str

@type_check_only
class _Log(Protocol):
    def write(self, fields: list[str], /) -> object: ...

class AuditLog:
    lost: int
    damaged: int
    def __init__(
        self, path: str, max_bytes: int = 16384, every: int = 8, strict: bool = False
    ) -> None: ...
    def read(self) -> Generator[AuditRecord]: ...
    def write(self, fields: list[str]) -> None: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...

class Audited:
    io: Io
    policy: Policy
    insecure_http: bool | Literal["session-token"]
    def __init__(self, exchange: Exchange, log: _Log) -> None: ...
    def __enter__(self) -> Io: ...
    def __exit__(self, *error: object) -> None: ...
    def hash(self, reader: _Reader) -> _Operation[tuple[str, int]]: ...
    def perform(
        self,
        sealed: SealedRequest,
        reader: _Reader | None = None,
        on_head: Callable[[Response], _Take | None] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> _Operation[Response]: ...
    def run(
        self,
        make: Callable[[], SealedRequest],
        body: _Body | None = None,
        on_head: Callable[[Response], _Take | None] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        fault: Callable[[], _FaultLike] | None = None,
        on_end: Callable[[Response], object] | None = None,
        mend: Callable[[ServiceError, Response], object] | None = None,
        restartable: bool = True,
    ) -> _Operation[Response]: ...
