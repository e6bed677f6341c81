from typing import Any

from ..encode import _Pairs
from ..net.exchange import Response
from ..net.steps import _Operation
from .aws import Aws

def call(
    client: Aws, name: str, parameters: dict[str, Any], limit: int
) -> _Operation[dict[str, Any]]: ...
def request(
    client: Aws,
    method: str,
    path: str,
    body: bytes | bytearray | memoryview,
    headers: _Pairs,
    query: _Pairs,
    limit: int,
) -> _Operation[Response]: ...
