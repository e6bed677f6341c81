from collections.abc import Callable, Iterable
from typing import Any

from .encode import _Bytes, _Text
from .replay import ReplayCache
from .verified import Verified
from .verify_claim import Claim
from .verify_error import VerifyError
from .verify_head import Head, Limits
from .verify_key import KeyLookup

class Verifier:
    lookup: KeyLookup
    regions: list[bytes]
    service: bytes
    clock: Any
    is_s3: bool
    normalize_path: bool
    double_encode: bool
    tolerance: int
    hosts: list[bytes] | None
    require_signed: list[bytes]
    may_be_unsigned: list[bytes]
    unsigned_payload: bool
    transfer_encoding: bool
    token_after_signing: bool
    exact_path: bool
    raw_target: bool
    replay: ReplayCache | None
    limits: Limits | type[Limits]
    def __init__(
        self,
        keys: Callable[[bytes], Any],
        region: _Text | Iterable[_Text],
        service: _Text,
        clock: Any = None,
        normalize_path: bool | None = None,
        double_encode: bool | None = None,
        tolerance: int | None = None,
        hosts: Iterable[_Text] | None = None,
        require_signed: Iterable[_Text] = (),
        may_be_unsigned: Iterable[_Text] = (),
        unsigned_payload: bool = False,
        transfer_encoding: bool = False,
        token_after_signing: bool = False,
        exact_path: bool = False,
        raw_target: bool = False,
        tell_unknown: bool = False,
        replay: ReplayCache | None = None,
        limits: Limits | type[Limits] = ...,
    ) -> None: ...
    def read(self, head: _Bytes | Head, amz_date: _Text | None = None) -> Claim: ...
    def verify(
        self,
        head: _Bytes | Head,
        payload: _Bytes | None = None,
        payload_hash: _Text | None = None,
        amz_date: _Text | None = None,
    ) -> Verified: ...
    def refusal(
        self, rule: str, detail: _Text | None = None, by_query: bool = False
    ) -> VerifyError: ...
