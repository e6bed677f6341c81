from collections.abc import Callable
from typing import Any

from typing_extensions import Self

from ..device.credentials import Credentials
from .identity import _Source
from .steps import _Operation

class ContainerProvider:
    name: str
    def __init__(self, full_uri: str, token: _Source | None = None, **settings: Any) -> None: ...
    @classmethod
    def from_environment(cls, getenv: Callable[[str], str | None], **settings: Any) -> Self: ...
    def fetch(self) -> _Operation[Credentials]: ...
