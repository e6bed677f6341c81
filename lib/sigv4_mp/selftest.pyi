from collections.abc import Callable

def run(
    budget: int = 0,
    ca_file: str | None = "ca.der",
    strict: bool = False,
    say: Callable[[str], object] = ...,
) -> bool: ...
