from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from ..encode import _Pairs, _Text
from ..net.body import _Body, _Into
from ..net.endpoint import Profile
from ..net.exchange import Response
from ..net.steps import _Operation
from ..signer import Signer
from .client import Client
from .listing import Listing
from .objects import NotDeleted

class S3(Client):
    def __init__(
        self,
        signer: Signer,
        endpoint: str,
        bucket: str,
        addressing: Literal["auto", "path", "virtual"] = "auto",
        insecure_http: bool | Literal["session-token"] = False,
        receive_size: int = 2048,
        send_size: int = 2048,
        profile: str | Profile | None = None,
        **exchange: Any,
    ) -> None: ...
    def put_object(
        self,
        key: _Text,
        body: _Body,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        headers: _Pairs = (),
        progress: Callable[[int, int | None], object] | None = None,
        payload_hash: _Text | None = None,
        content_length: int | None = None,
        mode: str | None = None,
        checksum: str | None = None,
        buffer: bytearray | None = None,
        **options: Any,
    ) -> _Operation[Response]: ...
    def get_object(
        self,
        key: _Text,
        into: _Into = None,
        limit: int = 65536,
        headers: _Pairs = (),
        query: _Pairs = (),
        progress: Callable[[int, int | None], object] | None = None,
        range_start: int | None = None,
        range_length: int | None = None,
    ) -> _Operation[Response]: ...
    def download(
        self,
        key: _Text,
        path: str,
        sha256: str | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        headers: _Pairs = (),
        query: _Pairs = (),
    ) -> _Operation[Response | None]: ...
    def head_object(self, key: _Text, headers: _Pairs = ()) -> _Operation[Response]: ...
    def delete_object(self, key: _Text) -> _Operation[Response]: ...
    def copy_object(
        self, source_key: _Text, key: _Text, source_bucket: str | None = None, **options: Any
    ) -> _Operation[Response]: ...
    def delete_objects(self, keys: Iterable[str]) -> _Operation[list[NotDeleted]]: ...
    def list_objects_v2(
        self,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        page_size: int = 100,
    ) -> Listing: ...
    def presigned_url(
        self,
        method: str,
        key: _Text,
        expires: int = 3600,
        headers: _Pairs = (),
        query: _Pairs = (),
    ) -> str: ...
