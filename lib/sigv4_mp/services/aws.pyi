from typing import Any, Literal

from ..encode import _Pairs
from ..net.exchange import Exchange, Response, _FaultLike
from ..net.steps import _Operation
from ..prepared import PreparedRequest
from ..signer import Signer

class Aws:
    signer: Signer
    service: str
    protocol: str
    target: str
    endpoint: str
    exchange: Exchange
    buffer_size: int
    caller: Any
    def __init__(
        self,
        signer: Signer,
        endpoint: str | None = None,
        protocol: str | None = None,
        target: str | None = None,
        insecure_http: bool | Literal["session-token"] = False,
        buffer_size: int = 2048,
        receive_size: int = 1024,
        send_size: int = 1024,
        **exchange: Any,
    ) -> None: ...
    def call(
        self, name: str, parameters: dict[str, Any] | None = None, limit: int = 4096
    ) -> _Operation[dict[str, Any]]: ...
    def request(
        self,
        method: str,
        path: str,
        body: bytes | bytearray | memoryview = b"",
        headers: _Pairs = (),
        query: _Pairs = (),
        limit: int = 4096,
    ) -> _Operation[Response]: ...
    def prepare(self, name: str) -> PreparedRequest: ...

def fault() -> _FaultLike: ...
