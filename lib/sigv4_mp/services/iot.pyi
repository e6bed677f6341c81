from .aws import Aws
from .batch import Batch

def iot(client: Aws, topic: str, qos: int = 1, retain: bool = False, size: int = 2048) -> Batch: ...
