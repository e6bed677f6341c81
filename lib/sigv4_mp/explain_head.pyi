from .encode import _Text
from .explain_ours import Ours

class Head:
    method: bytes
    path: bytes
    pairs: list[tuple[bytes, bytes]]
    headers: list[tuple[bytes, bytes]]
    credential: bytes
    names: bytes
    signature: bytes
    date: bytes
    in_query: bool
    def __init__(self, head: _Text) -> None: ...
    def canonical_request(self, is_s3: bool, names: bytes, payload_hash: bytes) -> bytes: ...

def heard(head: _Text, ours: Ours) -> tuple[bytes, bytes | None]: ...
def ours_of(head: _Text, payload_hash: bytes | None = None) -> Ours: ...
