from typing import TypeAlias

_Claim: TypeAlias = tuple[str, int, int]  # name, earliest_ms, latest_ms
_Agreed: TypeAlias = tuple[int, int, list[str], list[str]]

def agree(claims: list[_Claim], least: int) -> _Agreed: ...
def agree_by_name(groups: dict[str, list[_Claim]], least: int) -> _Agreed: ...
