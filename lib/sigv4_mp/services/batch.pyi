from collections.abc import Callable
from typing import Literal

from ..encode import _Pairs, _Text
from ..net.steps import _Operation
from ..prepared import PreparedRequest
from ..signer import Signer
from .aws import Aws
from .outcomes import Outcomes

WAITING: int
DELIVERED: int
REFUSED: int

class Batch:
    signer: Signer
    service: bytes
    oldest_s: int | None
    in_order: bool
    count: int
    codes: dict[int, str]
    states: bytearray
    high: int
    def __init__(
        self,
        client: Aws,
        name: str,
        prepare: Callable[[], PreparedRequest],
        start: bytes,
        entry: str,
        end: bytes,
        answers: Outcomes | None = None,
        size: int = 4096,
        oldest_s: int | None = None,
        limits: tuple[int, int, int, int] | None = None,
    ) -> None: ...
    def clear(self) -> None: ...
    def state(self, index: int) -> Literal[0, 1, 2]: ...
    def add(
        self,
        payload: _Text | bytearray | memoryview,
        record_id: _Text = "",
        stream: int = 0,
        time_s: int = 0,
    ) -> bool: ...
    def settled(self) -> int: ...
    def send(self) -> _Operation[list[tuple[int, str, bool]]]: ...

def json_batch(
    client: Aws,
    name: str,
    start: str,
    entry: str,
    end: str,
    size: int,
    answers: Outcomes | None,
    oldest_s: int | None = None,
    limits: tuple[int, int, int, int] | None = None,
) -> Batch: ...
def rest_batch(
    client: Aws,
    name: str,
    path: str,
    headers: _Pairs,
    answers: Outcomes | None,
    size: int,
    entry: str = "<bytes>",
) -> Batch: ...
