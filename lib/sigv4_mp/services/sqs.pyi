from ..net.body import _Take
from ..net.exchange import Response
from .aws import Aws
from .batch import Batch
from .outcomes import Outcomes

def sqs(client: Aws, queue_url: str, group: str | None = None, size: int = 4096) -> Batch: ...

class ById(Outcomes):
    def on_head(self, response: Response) -> _Take | None: ...
    def on_end(self, response: Response) -> None: ...
