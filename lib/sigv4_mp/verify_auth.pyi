from .encode import _Text
from .verify import Verifier
from .verify_error import VerifyError
from .verify_head import Head

MAX_EXPIRES: int

class Authentication:
    verifier: Verifier
    by_query: bool
    expires: int | None
    pairs: list[tuple[bytes, bytes]] | None
    access_key_id: bytes
    scope: bytes
    amz_date: bytes
    signature: bytes
    signed_headers: bytes
    signed: list[bytes]
    session_token: bytes | None
    def __init__(self, head: Head, verifier: Verifier) -> None: ...
    def refusal(self, rule: str, detail: _Text | None = None) -> VerifyError: ...
    def check_scope(self) -> None: ...
    def check_covered(self, head: Head) -> None: ...

def decoded(value: bytes) -> bytes: ...
