from .encode import _Text
from .errors import SigV4Error

class VerifyError(SigV4Error):
    status: int
    code: str
    rule: str
    detail: str | None
    server_time: str | None
    def __init__(
        self,
        rule: str,
        s3: bool,
        detail: _Text | None = None,
        by_query: bool = False,
        server_time: str | None = None,
    ) -> None: ...
