from .encode import _Bytes, _Text
from .errors import ServiceError
from .explain_ours import _Signed
from .explain_report import Explanation as Explanation
from .explain_said import _Headers

CERTAIN: str
LIKELY: str
POSSIBLE: str

def explain(
    ours: _Signed,
    status: int,
    headers: _Headers = (),
    body: _Bytes | str | None = None,
    arrived: _Text | None = None,
    sent_body: _Bytes | None = None,
) -> Explanation: ...
def explain_error(error: ServiceError, ours: _Signed | None = None) -> Explanation: ...
def completed(theirs: bytes, ours: bytes) -> bytes: ...
