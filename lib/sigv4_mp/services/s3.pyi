from collections.abc import Callable, Mapping
from typing import Literal

from ..encode import _Pairs, _Text
from ..net.body import _Body, _Into, _Take
from ..net.exchange import Exchange, Response
from ..net.steps import _Operation
from ..signer import Signer
from .listing import Listing

class S3:
    signer: Signer
    bucket_url: bytes
    exchange: Exchange
    def __init__(
        self,
        signer: Signer,
        endpoint: str,
        bucket: str,
        addressing: Literal["auto", "path", "virtual"] = "auto",
        insecure_http: bool | Literal["session-token"] = False,
        receive_size: int = 2048,
        send_size: int = 2048,
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
    ) -> _Operation[Response]: ...
    def get_object(
        self,
        key: _Text,
        into: _Into = None,
        limit: int = 65536,
        headers: _Pairs = (),
        query: _Pairs = (),
        progress: Callable[[int, int | None], object] | None = None,
    ) -> _Operation[Response]: ...
    def head_object(self, key: _Text, headers: _Pairs = ()) -> _Operation[Response]: ...
    def delete_object(self, key: _Text) -> _Operation[Response]: ...
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
    def request(
        self,
        method: str,
        url: _Text,
        headers: _Pairs = (),
        query: _Pairs = (),
        on_head: Callable[[Response], _Take | None] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> _Operation[Response]: ...
