from collections.abc import Collection, MutableMapping

from .sealed import SealedRequest

CLIENTS: tuple[str, ...]
TRAPS: tuple[str, ...]

def for_client(
    sealed: SealedRequest,
    client: str = "raw",
    body: object = None,
    handled: Collection[str] = (),
    micropython: bool | None = None,
) -> tuple[str, str, dict[str, str], list[str]]: ...
def no_redirect(line: bytes, headers: MutableMapping[str, str]) -> None: ...
def check_sent(sealed: SealedRequest, head: bytes | bytearray | memoryview) -> None: ...
