from collections.abc import Callable
from typing import Any

from ..device.credentials import Credentials
from .steps import _Operation
from .temporary import _Provider

class StaticProvider:
    name: str
    def __init__(self, credentials: Credentials | None) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...

class CallbackProvider:
    name: str
    def __init__(self, function: Callable[[], Any], name: str = "callback") -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...

class Chain:
    name: str
    source: str | None
    skipped: list[tuple[str, str]]
    def __init__(self, *providers: _Provider, go_on: bool = False) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...
