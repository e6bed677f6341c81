from collections.abc import Callable

from .encode import _Text
from .verified import Verified
from .verify import Verifier
from .verify_auth import Authentication
from .verify_head import Head

class Claim:
    verifier: Verifier
    head: Head
    auth: Authentication
    content_length: int | None
    seconds: tuple[int, int] | None
    valid_until: int
    signed_pairs: list[tuple[bytes, bytes]]
    canonical_uri: bytes
    canonical_query_string: bytes
    payload_hash: bytes | None
    needs_body: bool
    payload: str
    def __init__(
        self, verifier: Verifier, head: Head, auth: Authentication, content_length: int | None
    ) -> None: ...
    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def access_key_id(self) -> str: ...
    @property
    def amz_date(self) -> str: ...
    def write_canonical_request(
        self, sink: Callable[[bytes], object], payload_hash: bytes | None = None
    ) -> None: ...
    def canonical_request(self, payload_hash: _Text | None = None) -> bytes: ...
    def string_to_sign(self, payload_hash: _Text | None = None) -> bytes: ...
    def prove(self, payload_hash: _Text | None = None) -> Verified: ...
