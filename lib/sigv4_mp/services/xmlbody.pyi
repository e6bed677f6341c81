from collections.abc import Callable, Iterable

from ..encode import _Text
from ..net.steps import _Operation
from .pieces import PiecesBody
from .s3 import S3

def sealed_xml(
    s3: S3, make: Callable[[], Iterable[bytes]], digests: bool = False
) -> _Operation[tuple[PiecesBody, list[tuple[_Text, _Text]], str]]: ...
def escape(text: str) -> bytes: ...
