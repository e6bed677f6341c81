from collections.abc import Callable
from typing import Any

from ..device.credentials import Credentials
from ..net.steps import _Operation

class CognitoProvider:
    name: str
    identity_id: str | None
    def __init__(
        self,
        region: str,
        identity_pool_id: str,
        logins: dict[str, str] | Callable[[], dict[str, str] | None] | None = None,
        identity_id: str | None = None,
        endpoint: str | None = None,
        **settings: Any,
    ) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...
