from collections.abc import Callable

from ..encode import _Bytes

class XmlReader:
    def __init__(
        self,
        on_element: Callable[[str, str | None], object],
        max_text: int = 4096,
        truncate: bool = False,
    ) -> None: ...
    def feed(self, buffer: _Bytes, start: int, end: int) -> None: ...
    def close(self) -> None: ...
