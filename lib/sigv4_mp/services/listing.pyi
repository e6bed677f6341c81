from typing import NamedTuple

from ..net.steps import _Operation
from .s3 import S3

class Entry(NamedTuple):
    key: str | bytes
    size: int | None
    etag: str | None
    last_modified: str | None
    is_prefix: bool

class Listing:
    finished: bool
    def __init__(
        self, s3: S3, prefix: str, delimiter: str, start_after: str, page_size: int
    ) -> None: ...
    def next_page(self) -> _Operation[list[Entry]]: ...
