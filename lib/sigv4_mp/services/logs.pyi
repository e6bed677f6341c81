from ..net.body import _Take
from ..net.exchange import Response
from .aws import Aws
from .batch import Batch
from .outcomes import Outcomes

def logs(
    client: Aws, group: str, stream: str, message: str = "<text>", size: int = 4096
) -> Batch: ...

class Rejected(Outcomes):
    def on_head(self, response: Response) -> _Take | None: ...
    def code(self, number: int) -> str | None: ...
    def state(self, number: int) -> int: ...
