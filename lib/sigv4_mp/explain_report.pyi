from typing import TypeAlias

from .explain_ours import Ours
from .explain_said import Said

_Cause: TypeAlias = tuple[str, str | None]
_Found: TypeAlias = tuple[str, str | None, bytes, bytes, str]

class Explanation:
    cause: str
    field: str | None
    certainty: str
    ours: str
    theirs: str
    at: int | None
    offset_s: int | None
    also: list[_Cause]
    code: str
    def __init__(
        self,
        ours: Ours | None,
        said: Said,
        found: _Found,
        also: list[tuple[object, ...]] | tuple[tuple[object, ...], ...] = (),
        offset_s: int | None = None,
    ) -> None: ...
    @property
    def what(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    def lines(self) -> list[str]: ...
