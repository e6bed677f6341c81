from .encode import _Bytes, _Pairs, _Text
from .verify import Verifier

class Limits:
    head: int
    headers: int
    name: int
    value: int
    target: int
    credential: int
    query_pairs: int
    signed_headers: int
    body: int
    chunk_line: int
    min_chunk: int

class Head:
    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    def __init__(self, method: _Text, target: _Text, headers: _Pairs) -> None: ...
    def one(self, name: bytes) -> bytes | None: ...

def read_head(data: _Bytes | Head, verifier: Verifier) -> Head: ...
def body_length(head: Head, verifier: Verifier) -> int | None: ...
