from .encode import _Pairs, _Text

class Request:
    method: bytes
    scheme: str
    port: int
    host_header: bytes
    path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes, bytes]]
    plain: bool
    special: bool
    unsendable: str | None
    def __init__(
        self,
        method: _Text,
        url: _Text,
        headers: _Pairs = (),
        query: _Pairs = (),
        unsendable_ok: bool = False,
    ) -> None: ...
    @property
    def host(self) -> str: ...
    def header(self, lower: bytes) -> bytes | None: ...
    def drop_header(self, lower: bytes) -> None: ...
    def target(self) -> bytes: ...

def check_header(name: _Text, value: _Text) -> tuple[bytes, bytes]: ...
