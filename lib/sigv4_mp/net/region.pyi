from collections.abc import Mapping

from .endpoint import Profile

def region_of(profile: Profile, endpoint: str) -> str | None: ...
def redirect(
    profile: Profile,
    endpoint: str,
    region: str,
    status: int,
    headers: Mapping[str, str],
    code: str | None = None,
    named: str | None = None,
) -> tuple[str, str] | None: ...
