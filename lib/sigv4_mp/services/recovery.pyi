from collections.abc import Callable

from .spool import Spool

def recover(spool: Spool, entropy: Callable[[int], bytes]) -> None: ...
