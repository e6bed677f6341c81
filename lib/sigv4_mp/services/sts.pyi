from typing import Any

from ..device.credentials import Credentials
from ..net.identity import _Source
from ..net.steps import _Operation
from ..signer import ClockLike, CredentialsLike

class _Sts:
    action: str | None
    longest: int
    def __init__(
        self, region: str, duration: int, endpoint: str | None, settings: dict[str, Any]
    ) -> None: ...
    def fetch(self) -> _Operation[Credentials]: ...

class _Signed(_Sts):
    def __init__(
        self,
        credentials: CredentialsLike,
        clock: ClockLike,
        region: str,
        duration: int,
        endpoint: str | None,
        settings: dict[str, Any],
    ) -> None: ...

class AssumeRole(_Signed):
    name: str
    action: str
    def __init__(
        self,
        credentials: CredentialsLike,
        clock: ClockLike,
        region: str,
        role_arn: str,
        session_name: str,
        duration: int = 3600,
        external_id: str | None = None,
        policy: str | None = None,
        endpoint: str | None = None,
        **settings: Any,
    ) -> None: ...

class GetSessionToken(_Signed):
    name: str
    action: str
    def __init__(
        self,
        credentials: CredentialsLike,
        clock: ClockLike,
        region: str,
        duration: int = 43200,
        endpoint: str | None = None,
        **settings: Any,
    ) -> None: ...

class AssumeRoleWithWebIdentity(_Sts):
    name: str
    action: str
    def __init__(
        self,
        region: str,
        role_arn: str,
        session_name: str,
        token: _Source,
        duration: int = 3600,
        endpoint: str | None = None,
        **settings: Any,
    ) -> None: ...
