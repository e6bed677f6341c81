from collections.abc import Callable

from ..encode import _Pairs, _Text
from ..net.exchange import Response
from ..net.steps import _Operation
from .s3 import S3

class Download:
    def __init__(self, s3: S3, key: _Text, path: str, sha256: str | None = None) -> None: ...
    def run(
        self,
        headers: _Pairs = (),
        query: _Pairs = (),
        progress: Callable[[int, int | None], object] | None = None,
    ) -> _Operation[Response | None]: ...
