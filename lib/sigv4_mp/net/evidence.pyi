from typing import Any, Protocol, TypeAlias, type_check_only

from ..errors import ServiceError
from ..sealed import SealedRequest
from .attempt import Response

_Said: TypeAlias = tuple[int, int]  # unix_ms, uncertainty_ms

@type_check_only
class _Hears(Protocol):
    def hear(
        self, unix_ms: int, uncertainty_ms: int, ticks: int, source: str, verified: bool, /
    ) -> bool: ...

def date(text: str) -> _Said | None: ...
def iso(text: str) -> _Said | None: ...
def spoken(message: str) -> _Said | None: ...
def said(response: Response, error: ServiceError | None = None) -> _Said | None: ...
def hear(
    clock: _Hears,
    sealed: SealedRequest,
    response: Response,
    error: Exception | None,
    began: int,
    ticks: int,
) -> tuple[bool, Exception | None]: ...
def weigh(
    clock: Any,
    sealed: SealedRequest,
    response: Response,
    error: Exception | None,
    began: int | None,
    ticks: int,
    skewed: bool,
) -> tuple[bool, Exception | None]: ...
def diagnose(clock: object, response: Response, error: ServiceError) -> ServiceError: ...
