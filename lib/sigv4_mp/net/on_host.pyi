from collections.abc import Callable

from ..device.credentials import Credentials
from .steps import _Operation

class EnvironmentProvider:
    name: str
    def __init__(self, getenv: Callable[[str], str | None] | None = None) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...

class ConfigFileProvider:
    name: str
    def __init__(
        self,
        profile: str | None = None,
        path: str | None = None,
        getenv: Callable[[str], str | None] | None = None,
    ) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...
