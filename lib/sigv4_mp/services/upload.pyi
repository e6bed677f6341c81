from collections.abc import Callable
from typing import Any

from ..net.exchange import Response
from ..net.steps import _Operation
from .multipart import Multipart

def part_size_for(
    size: int, part_size: int | None = None, min_part: int = ..., max_parts: int = 1000
) -> int: ...

class Upload:
    def __init__(
        self,
        multipart: Multipart,
        key: str,
        path: str,
        checkpoint: str | None = None,
        part_size: int | None = None,
        min_part: int = ...,
        max_parts: int = 1000,
        progress: Callable[[int, int | None], object] | None = None,
        if_none_match: str | None = None,
        **options: Any,
    ) -> None: ...
    def run(self) -> _Operation[Response]: ...
    def abort(self) -> _Operation[None]: ...
