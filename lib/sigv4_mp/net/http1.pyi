NEED_DATA: int
HEAD: int
BODY: int
END: int
MAX_LINE: int
MAX_HEAD: int
MAX_HEADERS: int
MAX_JOINED: int
MAX_INTERIM: int

class ResponseParser:
    buffer: bytearray
    status: int
    reason: str
    headers: dict[str, str]
    length: int | None
    body_start: int
    body_end: int
    reusable: bool
    unbounded: bool
    begun: bool
    def __init__(self, buffer: bytearray, method: str) -> None: ...
    def received(self, count: int) -> None: ...
    def least(self) -> int: ...
    def next(self) -> int: ...
