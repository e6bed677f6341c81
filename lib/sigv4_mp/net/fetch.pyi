from collections.abc import Callable
from io import BytesIO
from typing import Any

from ..device.credentials import Credentials
from ..encode import _Bytes, _Text
from .attempt import Response
from .body import _Take
from .json_fault import JsonFault
from .steps import _Operation

LIMIT: int

class Unsigned:
    payload_hash: str
    rewindable: bool
    session_token: bytes | None
    method: str
    scheme: str
    host: str
    port: int
    content_length: int | None
    def __init__(
        self,
        method: str,
        url: _Text,
        headers: list[tuple[_Text, _Text]] | tuple[()] = (),
        payload: bytes = b"",
        authorization: bytes | None = None,
    ) -> None: ...
    def head_view(self) -> bytearray: ...
    def check(self) -> None: ...
    def open(self, _: object = None) -> BytesIO | None: ...

class Reply:
    data: bytearray
    def __init__(self) -> None: ...
    def on_head(self, response: Response) -> _Take: ...
    def on_end(self, _: Response) -> None: ...
    def wipe(self) -> None: ...

def wipe(buffer: _Bytes) -> None: ...
def json_fault() -> JsonFault: ...
def ask(
    make: Callable[[], Any],
    on_head: Callable[[Response], _Take | None] | None,
    on_end: Callable[[Response], object] | None = None,
    fault: Callable[[], Any] = ...,
    body: Any = None,
    **settings: Any,
) -> _Operation[None]: ...
def from_json(data: bytearray, names: str, prefix: str = "") -> Credentials: ...
def new_credentials(
    access_key_id: str | None,
    secret: str | _Bytes | None,
    token: str | _Bytes | None,
    ends: int | None,
) -> Credentials: ...
def expiry(text: str | None) -> int: ...
def check_text(value: object, field: str, longest: int = 2048) -> str: ...
