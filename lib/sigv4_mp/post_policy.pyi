from collections.abc import Iterable
from typing import Any

from .encode import _Text
from .signer import Signer

def presign_post(
    signer: Signer,
    bucket: str,
    key: str,
    expires: int,
    fields: Iterable[tuple[str, str]] = (),
    conditions: Iterable[list[Any] | dict[str, str]] = (),
    amz_date: _Text | None = None,
) -> list[tuple[str, str]]: ...
def sign_policy(
    signer: Signer, policy: _Text, amz_date: _Text | None, lifetime: int | None = None
) -> tuple[str, str]: ...
