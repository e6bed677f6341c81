from collections.abc import Callable

from ..encode import _Text
from ..net.body import _Body
from ..net.exchange import Response
from ..net.steps import _Operation
from .s3 import S3

def put_hashed(
    s3: S3,
    url: bytes,
    body: _Body,
    headers: list[tuple[_Text, _Text]],
    progress: Callable[[int, int | None], object] | None,
    content_length: int | None,
    checksum: str | None,
) -> _Operation[Response]: ...
def put_once(
    s3: S3,
    url: bytes,
    body: _Body,
    headers: list[tuple[_Text, _Text]],
    progress: Callable[[int, int | None], object] | None,
    payload_hash: _Text | None,
    content_length: int | None,
    mode: str | None,
    checksum: str | None,
    buffer: bytearray | None,
) -> _Operation[Response]: ...
