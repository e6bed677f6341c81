from collections.abc import AsyncIterator
from typing import TypeVar

from ..services.listing import Entry, Listing
from .shell import Shell
from .steps import _Operation

_T = TypeVar("_T")

class Aio(Shell):
    async def run(self, operation: _Operation[_T]) -> _T: ...
    def iterate(self, listing: Listing) -> AsyncIterator[Entry]: ...
    async def __aenter__(self) -> Aio: ...
    async def __aexit__(self, *_: object) -> None: ...

async def run(
    operation: _Operation[_T],
    *,
    timeout: float = 30,
    total_timeout: float | None = None,
    ca_file: str | None = None,
    ca_data: bytes | None = None,
    keep_alive: float = 30,
) -> _T: ...
def iterate(
    listing: Listing,
    *,
    timeout: float = 30,
    total_timeout: float | None = None,
    ca_file: str | None = None,
    ca_data: bytes | None = None,
    keep_alive: float = 30,
) -> AsyncIterator[Entry]: ...
