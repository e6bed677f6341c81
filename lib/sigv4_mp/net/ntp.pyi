from collections.abc import Sequence

from .steps import _Operation

def query(
    host: str, port: int = 123, timeout_ms: int = 4000, interval_ms: int = 900000
) -> _Operation[tuple[int, int]]: ...
def survey(
    servers: Sequence[str],
    timeout_ms: int = 4000,
    jitter_ms: int = 2000,
    interval_ms: int = 900000,
) -> _Operation[tuple[dict[str, list[tuple[str, int, int]]], list[str], int]]: ...
