from .explain_ours import Ours
from .explain_said import Said

def by_code(ours: Ours | None, said: Said) -> tuple[str, str | None, bytes, bytes, str] | None: ...
