from collections.abc import Callable
from typing import Protocol, type_check_only

from ..device.credentials import Credentials
from ..device.lifecycle import Lifecycle
from ..keys import SigningKey
from ..signer import ClockLike
from .steps import Io, _Operation

@type_check_only
class _Provider(Protocol):
    """What gives temporary credentials. It exists for type checkers only."""

    @property
    def name(self) -> str: ...
    def fetch(self) -> _Operation[Credentials]: ...

class TemporaryCredentials:
    source: str | None
    last_error: str | None
    provider: _Provider
    def __init__(
        self,
        provider: _Provider,
        clock: ClockLike,
        lifecycle: Lifecycle | None = None,
        entropy: Callable[[int], bytes] | None = None,
    ) -> None: ...
    @property
    def access_key_id(self) -> bytes: ...
    @property
    def session_token(self) -> bytes | None: ...
    @property
    def expires_at(self) -> int | None: ...
    def signing_key(self, scope_date: bytes, region: bytes, service: bytes) -> SigningKey: ...
    def check_deadline(self, amz_date: bytes, lifetime: int | None = None) -> None: ...
    def ensure(self, io: Io | None = None) -> _Operation[None]: ...
    def refused(self, error: Exception, session_token: bytes | None) -> bool: ...
    def wipe(self) -> None: ...
