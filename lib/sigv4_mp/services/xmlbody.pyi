from collections.abc import Callable, Iterable

from ..encode import _Text
from ..net.steps import _Operation
from .s3 import S3

class PiecesBody:
    rewindable: bool
    length: int | None
    def __init__(self, make: Callable[[], Iterable[bytes]]) -> None: ...
    def open(self, _: object = None) -> PiecesBody: ...
    def readinto(self, buffer: memoryview) -> int: ...

def sealed_xml(
    s3: S3, make: Callable[[], Iterable[bytes]], digests: bool = False
) -> _Operation[tuple[PiecesBody, list[tuple[_Text, _Text]], str]]: ...
def escape(text: str) -> bytes: ...
