from typing import Any

from ..device.credentials import Credentials
from .identity import ClientIdentity
from .steps import _Operation

class IotProvider:
    name: str
    def __init__(
        self,
        endpoint: str,
        role_alias: str,
        identity: ClientIdentity,
        thing_name: str | None = None,
        **settings: Any,
    ) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...
