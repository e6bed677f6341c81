from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from ..encode import _Pairs, _Text
from ..net.exchange import Response
from ..net.steps import _Operation
from .bodies import FileBody, StreamBody
from .s3 import S3

MIN_PART: int
MAX_PART: int
MAX_PARTS: int
has_md5: bool

class Parts:
    count: int
    def __init__(self) -> None: ...
    def add(self, etag: str) -> None: ...
    def add_hash(self, payload_hash: str) -> None: ...
    def __iter__(self) -> Iterator[tuple[int, str, str | None]]: ...
    def final_etag(self) -> str | None: ...

def is_md5(etag: str) -> bool: ...

class Multipart:
    s3: S3
    checksum: Literal["sha256"] | None
    def __init__(self, s3: S3, checksum: Literal["sha256"] | None = None) -> None: ...
    def create(
        self,
        key: _Text,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        headers: _Pairs = (),
        **options: Any,
    ) -> _Operation[str]: ...
    def upload_part(
        self,
        key: _Text,
        upload_id: str,
        number: int,
        body: FileBody | StreamBody,
        payload_hash: str,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> _Operation[str]: ...
    def list_parts(
        self, key: _Text, upload_id: str, on_part: Callable[[int, int, str], object]
    ) -> _Operation[None]: ...
    def complete(
        self, key: _Text, upload_id: str, parts: Parts, headers: _Pairs = ()
    ) -> _Operation[Response]: ...
    def abort(self, key: _Text, upload_id: str) -> _Operation[Response]: ...
    def upload(self, key: str, path: str, **options: Any) -> _Operation[Response]: ...
