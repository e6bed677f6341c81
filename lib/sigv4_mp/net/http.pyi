from collections.abc import Iterator
from typing import TypeVar

from ..services.listing import Entry, Listing
from .shell import Shell
from .steps import _Operation

_T = TypeVar("_T")

class Http(Shell):
    def run(self, operation: _Operation[_T]) -> _T: ...
    def iterate(self, listing: Listing) -> Iterator[Entry]: ...
    def __enter__(self) -> Http: ...
    def __exit__(self, *_: object) -> None: ...

def iterate(
    listing: Listing,
    *,
    timeout: float = 30,
    total_timeout: float | None = None,
    ca_file: str | None = None,
    ca_data: bytes | None = None,
    keep_alive: float = 30,
) -> Iterator[Entry]: ...
def run(
    operation: _Operation[_T],
    *,
    timeout: float = 30,
    total_timeout: float | None = None,
    ca_file: str | None = None,
    ca_data: bytes | None = None,
    keep_alive: float = 30,
) -> _T: ...
