from collections.abc import Callable
from typing import Literal, Protocol, TypeVar, type_check_only

from ..errors import ServiceError
from ..sealed import SealedRequest
from ..signer import CredentialsLike
from .attempt import Response as Response
from .body import _Reader, _Take
from .identity import ClientIdentity
from .retry import Policy
from .steps import Io, _Operation
from .temporary import TemporaryCredentials

_E = TypeVar("_E", bound=Exception)

@type_check_only
class _Body(Protocol):
    @property
    def rewindable(self) -> bool: ...
    def open(self, sealed: SealedRequest, /) -> _Reader: ...

@type_check_only
class _FaultLike(Protocol):
    def take(self, buffer: bytearray, start: int, end: int, /) -> object: ...
    def error(self, response: Response, /) -> ServiceError: ...

WITH_SESSION_TOKEN: Literal["session-token"]

class Exchange:
    io: Io
    insecure_http: bool | Literal["session-token"]
    policy: Policy
    credentials: TemporaryCredentials | None
    def __init__(
        self,
        receive_size: int = 2048,
        send_size: int = 2048,
        insecure_http: bool | Literal["session-token"] = False,
        policy: Policy | None = None,
        check_sealed: bool = True,
        entropy: Callable[[int], bytes] | None = None,
        credentials: CredentialsLike | None = None,
        identity: ClientIdentity | None = None,
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

def check_transport(
    sealed: SealedRequest, insecure_http: bool | Literal["session-token"]
) -> None: ...
def noted(error: _E, note: str) -> _E: ...
