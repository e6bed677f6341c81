from collections.abc import Iterator
from typing import TypeVar

from ..services.listing import Entry, Listing
from .steps import _Operation

_T = TypeVar("_T")

class Http:
    def __init__(
        self,
        timeout: float = 30,
        total_timeout: float | None = None,
        ca_file: str | None = None,
        ca_data: bytes | None = None,
    ) -> None: ...
    def run(self, operation: _Operation[_T]) -> _T: ...
    def iterate(self, listing: Listing) -> Iterator[Entry]: ...

def iterate(
    listing: Listing,
    *,
    timeout: float = 30,
    total_timeout: float | None = None,
    ca_file: str | None = None,
    ca_data: bytes | None = None,
) -> Iterator[Entry]: ...
def run(
    operation: _Operation[_T],
    *,
    timeout: float = 30,
    total_timeout: float | None = None,
    ca_file: str | None = None,
    ca_data: bytes | None = None,
) -> _T: ...
