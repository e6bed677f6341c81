from ..encode import _Text
from .jsonout import JsonBuffer

def quoted(text: str) -> str: ...
def marked(text: str) -> str: ...

class Entry:
    def __init__(self, template: str) -> None: ...
    def write(
        self,
        buffer: JsonBuffer,
        payload: bytes | bytearray | memoryview,
        record_id: _Text,
        stream: int,
        time_s: int,
        number: int,
    ) -> None: ...
