from collections.abc import Generator

from .spool import Record, Spool

def read(spool: Spool, after: int) -> Generator[Record]: ...
