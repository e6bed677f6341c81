from collections.abc import Mapping

from ..encode import _Pairs, _Text

def object_headers(
    headers: _Pairs = (),
    content_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
    tagging: Mapping[str, str] | None = None,
    storage_class: str | None = None,
    if_none_match: str | None = None,
    if_match: str | None = None,
) -> list[tuple[_Text, _Text]]: ...
def base64_of_hex(digits: _Text) -> str: ...
def check_scheme(mode: str, scheme: str) -> None: ...
