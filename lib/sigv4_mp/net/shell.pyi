from types import ModuleType

PENDING: int
port: ModuleType

class Shell:
    def __init__(
        self,
        timeout: float = 30,
        total_timeout: float | None = None,
        ca_file: str | None = None,
        ca_data: bytes | None = None,
        keep_alive: float = 30,
    ) -> None: ...
    def close(self) -> None: ...
    def limit_ms(self, total_ms: int) -> int: ...
