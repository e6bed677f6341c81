from collections.abc import Iterable, Mapping
from typing import TypeAlias

from .encode import _Bytes, _Text

LIMIT: int

_Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

class Said:
    status: int
    headers: dict[str, str]
    message: str
    code: str
    canonical_request: bytes | None
    string_to_sign: bytes | None
    signature: bytes | None
    is_cut: bool
    server_s: int | None
    exact: bool
    def __init__(
        self, status: int, headers: _Headers = (), body: _Bytes | str | None = None
    ) -> None: ...
    @property
    def is_swift(self) -> bool: ...
    @property
    def is_bare(self) -> bool: ...
    def find(self, name: str) -> bytes | None: ...
    def hear_time(self, server_time: str | None) -> None: ...

def seconds(text: _Text) -> int | None: ...
def iso_s(text: str) -> int | None: ...
