from .encode import _Text
from .prepared import PreparedRequest
from .signer import ClockLike, CredentialsLike, Signer

MAX_EXPIRES: int

class QueryAuth:
    default_hash: bytes
    in_query: bool
    expires: int | None
    def __init__(self, signer: Signer, expires: int | None) -> None: ...
    def signs_body(self, prepared: PreparedRequest, payload_hash: bytes | None) -> bool: ...
    def signed_headers(self, prepared: PreparedRequest) -> list[tuple[bytes, bytes]]: ...
    def write_query(
        self,
        prepared: PreparedRequest,
        buffers: list[bytes | bytearray],
        signed_headers: bytes,
    ) -> bytearray: ...
    def write_target(
        self, prepared: PreparedRequest, text: bytearray, signed_headers: bytes
    ) -> tuple[int, int, int]: ...

def iot_mqtt_url(
    credentials: CredentialsLike,
    region: _Text,
    endpoint: str,
    amz_date: _Text | None = None,
    clock: ClockLike | None = None,
) -> str: ...
