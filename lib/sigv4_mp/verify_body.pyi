from collections.abc import Callable

from .encode import _Bytes
from .verified import Verified

class WholeBody:
    request: Verified
    received: int
    proven: int
    wire_left: int | None
    def __init__(
        self,
        request: Verified,
        sink: Callable[[memoryview], object] | None = None,
        hold: bytearray | None = None,
    ) -> None: ...
    def feed(self, data: _Bytes) -> None: ...
    def finish(self) -> None: ...
