from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar

from .identity import ClientIdentity

_T = TypeVar("_T")
# What services and net return, and shells run; it yields one Io, changed each time.
_Operation: TypeAlias = Generator[Io, Any, _T]

CONNECT: int
SEND: int
RECV: int
RECV_NOW: int
CLOSE: int
SLEEP: int
TICKS: int
RESOLVE: int

def const(value: _T) -> _T: ...

class Io:
    op: int
    scheme: str | None
    host: str | None
    buffer: bytes | bytearray | memoryview | None
    port: int
    length: int
    least: int
    ms: int
    start: int
    listen: bool
    keep: bool
    error: BaseException | None
    address: tuple[Any, ...] | None
    identity: ClientIdentity | None
    def __init__(self) -> None: ...
    def connect(
        self, scheme: str, host: str, port: int, address: tuple[Any, ...] | None = None
    ) -> Io: ...
    def resolve(self, scheme: str, host: str, port: int) -> Io: ...
    def send(
        self,
        buffer: bytes | bytearray | memoryview,
        length: int,
        start: int = 0,
        listen: bool = False,
    ) -> Io: ...
    def recv(self, buffer: bytearray | memoryview, length: int, least: int = 1) -> Io: ...
    def recv_now(self, buffer: bytearray | memoryview, length: int, least: int = 1) -> Io: ...
    def close(self, keep: bool = False) -> Io: ...
    def sleep(self, ms: int) -> Io: ...
    def ticks(self) -> Io: ...

def ticks_diff(later: int, earlier: int) -> int: ...
def drive(operation: _Operation[_T], perform: Callable[[Io], Any]) -> _T: ...
