from collections.abc import Callable
from typing import Any, TypeAlias

from ..encode import _Bytes

_Source: TypeAlias = str | bytes | bytearray | Callable[[], _Bytes | None]

class ClientIdentity:
    def __init__(self, certificate: _Source, private_key: _Source) -> None: ...
    def load_into(self, context: Any) -> None: ...
