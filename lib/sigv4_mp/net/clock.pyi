from collections.abc import Sequence
from typing import Any, Protocol, type_check_only

from ..device.poll import Poll
from ..device.trusted import TrustedClock
from .steps import _Operation

@type_check_only
class _Rtc(Protocol):
    def datetime(self, value: Any = ..., /) -> Any: ...

@type_check_only
class _Keeper(Protocol):
    def keep(self, rtc_seconds: int, /) -> object: ...

class Report:
    unix_ms: int
    uncertainty_ms: int
    ticks: int
    agreed: list[str]
    falsetickers: list[str]
    failures: list[str]
    checked: str | None
    offset_ms: int | None
    def __init__(self, agreed: list[str], falsetickers: list[str], failures: list[str]) -> None: ...
    @property
    def source(self) -> str: ...

def sync(
    clock: TrustedClock,
    servers: Sequence[str],
    agreeing: int = 2,
    tls: str | None = None,
    set_rtc: bool | _Rtc = True,
    poll: Poll | None = None,
    timeout_ms: int = 4000,
    jitter_ms: int = 2000,
    keeper: _Keeper | None = None,
) -> _Operation[Report]: ...
def server_date(url: str) -> _Operation[tuple[int, int, int]]: ...
