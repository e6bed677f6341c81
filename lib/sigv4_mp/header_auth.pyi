from .prepared import PreparedRequest

class HeaderAuth:
    default_hash: bytes
    in_query: bool
    expires: int | None
    def signs_body(self, prepared: PreparedRequest, payload_hash: bytes | None) -> bool: ...
    def signed_headers(self, prepared: PreparedRequest) -> list[tuple[bytes, bytes]]: ...
    def write_lines(
        self, prepared: PreparedRequest, text: bytearray, signed_headers: bytes
    ) -> tuple[int, int, int]: ...

HEADER_AUTH: HeaderAuth
