from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..encode import _Text
from ..net.exchange import Response
from ..net.steps import _Operation
from .s3 import S3

MOST: int

class NotDeleted(NamedTuple):
    key: str
    code: str
    message: str

def copy_object(
    s3: S3,
    source_key: _Text,
    key: _Text,
    source_bucket: str | None = None,
    source_if_match: str | None = None,
    metadata: Mapping[str, str] | None = None,
    **options: Any,
) -> _Operation[Response]: ...
def delete_objects(s3: S3, keys: Iterable[str]) -> _Operation[list[NotDeleted]]: ...
