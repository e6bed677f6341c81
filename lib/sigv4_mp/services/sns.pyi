from .aws import Aws
from .batch import Batch

def sns(client: Aws, topic_arn: str, size: int = 2048) -> Batch: ...
