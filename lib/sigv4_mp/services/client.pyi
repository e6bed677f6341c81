from collections.abc import Callable
from typing import Any, Literal

from ..encode import _Pairs, _Text
from ..net.body import _Take
from ..net.endpoint import Profile
from ..net.exchange import Exchange, Response, _Body
from ..net.steps import _Operation
from ..sealed import SealedRequest
from ..signer import Signer

class Client:
    signer: Signer
    bucket: str
    profile: Profile
    endpoint: str
    scheme: str
    bucket_url: bytes
    url: Callable[[_Text], bytes]
    exchange: Exchange
    def __init__(
        self,
        signer: Signer,
        endpoint: str,
        bucket: str,
        addressing: Literal["auto", "path", "virtual"],
        profile: str | Profile | None,
        exchange: dict[str, Any],
    ) -> None: ...
    def request(
        self,
        method: str,
        url: bytes,
        headers: _Pairs = (),
        query: _Pairs = (),
        on_head: Callable[[Response], _Take | None] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        body: Any = None,
        payload_hash: _Text | None = None,
        on_end: Callable[[Response], object] | None = None,
        restartable: bool = True,
    ) -> _Operation[Response]: ...
    def run(
        self,
        make: Callable[[], SealedRequest],
        body: _Body | None = None,
        on_head: Callable[[Response], _Take | None] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        on_end: Callable[[Response], object] | None = None,
        restartable: bool = True,
    ) -> _Operation[Response]: ...
