from ..encode import _Bytes
from ..errors import ProtocolError

PACKET: int

class KissOfDeath(ProtocolError):
    code: str
    def __init__(self, code: str) -> None: ...

def make_request(packet: bytearray, cookie: _Bytes) -> None: ...
def parse_answer(packet: bytearray, length: int, cookie: _Bytes) -> tuple[int, int, int] | None: ...
