from collections.abc import Iterable, Mapping

from .aws import Aws
from .batch import Batch

def metrics(
    client: Aws,
    namespace: str,
    name: str,
    unit: str | None = None,
    dimensions: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    size: int = 4096,
) -> Batch: ...
