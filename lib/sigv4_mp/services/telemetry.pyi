from collections.abc import Callable, Sequence
from typing import Protocol

from ..net.aio import Aio
from ..net.http import Http
from ..net.steps import _Operation
from ..signer import Signer
from .letters import Letters
from .spool import Spool

class _Destination(Protocol):
    @property
    def signer(self) -> Signer: ...
    @property
    def service(self) -> bytes: ...
    @property
    def oldest_s(self) -> int | None: ...
    @property
    def count(self) -> int: ...
    def clear(self) -> None: ...
    def add(
        self,
        payload: bytes | bytearray | memoryview,
        record_id: str,
        stream: int,
        time_s: int,
        /,
    ) -> bool: ...
    def send(self) -> _Operation[Sequence[tuple[int, str, bool]]]: ...

class Uploader:
    spool: Spool
    letters: Letters
    counters: dict[str, int]
    wait_ms: int
    problem: str | None
    def __init__(
        self,
        spool: Spool,
        destination: _Destination,
        link: Callable[[], bool] | None = None,
        every_ms: int = 60000,
        base_ms: int = 1000,
        cap_ms: int = 300000,
        ordered: bool = False,
        letters_bytes: int = 16384,
        on_event: Callable[[str], object] | None = None,
        entropy: Callable[[int], bytes] | None = None,
    ) -> None: ...
    def put(
        self,
        payload: bytes | bytearray | memoryview,
        stream: int = 0,
        time_s: int | None = None,
    ) -> int | None: ...
    def flush_once(self, shell: Http, deadline_ms: int = 30000) -> int: ...
    def poll(self, shell: Http, deadline_ms: int = 30000) -> int: ...
    async def run(self, shell: Aio) -> None: ...
    def flush(self, deadline_ms: int | None = None) -> _Operation[int]: ...
