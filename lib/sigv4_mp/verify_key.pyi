from collections.abc import Callable
from typing import Any

from .keys import SigningKey
from .verify_auth import Authentication

class KeyLookup:
    def __init__(self, keys: Callable[[bytes], Any], tell_unknown: bool) -> None: ...
    def find(self, auth: Authentication) -> tuple[Any, SigningKey, str | None]: ...
