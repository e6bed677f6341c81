from collections.abc import Callable

class JsonReader:
    is_object: bool
    def __init__(
        self,
        on_value: Callable[[list[str | int], str], object],
        wanted: tuple[str, ...],
        max_text: int = 256,
        truncate: bool = False,
    ) -> None: ...
    def feed(self, buffer: bytes | bytearray, start: int, end: int) -> None: ...
    def close(self) -> None: ...
