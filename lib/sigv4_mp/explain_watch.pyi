from collections.abc import Generator
from typing import Any, Protocol, type_check_only

from .encode import _Bytes
from .errors import ServiceError
from .explain import Explanation

LIMIT: int

@type_check_only
class _Client(Protocol):
    """What has an exchange: S3, Aws."""

    exchange: Any

class Watch:
    limit: int
    def __init__(self, exchange: Any, limit: int) -> None: ...
    def forget(self) -> None: ...
    def run(
        self,
        make: Any,
        body: Any = None,
        on_head: Any = None,
        progress: Any = None,
        fault: Any = None,
        *more: Any,
        **options: Any,
    ) -> Generator[Any, Any, Any]: ...
    def note(self, response: Any, body: _Bytes) -> None: ...
    def explain(self, error: ServiceError) -> Explanation: ...

def watch(client: _Client, limit: int = 16384) -> Watch: ...
