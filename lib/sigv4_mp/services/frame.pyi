from collections.abc import Callable

HEADER: int
RECORD: int
SEGMENT: int
LETTER: int
CURSOR: int
LAST_SEQ: int

def pack(
    buffer: bytearray,
    at: int,
    kind: int,
    stream: int,
    seq: int,
    time_s: int,
    payload: bytes | bytearray | memoryview,
) -> int: ...
def whole(view: memoryview, at: int, end: int, kind: int, limit: int) -> int: ...

class Scanner:
    payload: memoryview | None
    stream: int
    seq: int
    time_s: int
    skipped: int
    where: int
    def __init__(self, size: int) -> None: ...
    @property
    def size(self) -> int: ...
    def start(
        self,
        read: Callable[[int, memoryview], int],
        offset: int,
        end: int,
        kind: int,
        limit: int,
        low: int = 0,
        high: int = ...,
    ) -> None: ...
    def next(self) -> bool: ...
